"""The merchant gives up a payment that he has not confirmed in the payment app; he can pay again
afterwards (V17).
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from settlement.kinds import Kind
from settlement.models import Operation
from tasks.workflow.decision import Actor, Ask, Case, Decision, Refused


class UnableToCancelPayment(Refused):
    code = "UNABLE_TO_CANCEL_PAYMENT"


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    operation = case.operation
    if operation is None or operation.kind != Kind.FREEZE:
        raise UnableToCancelPayment(_("There is no payment to cancel."), code="NO_PAYMENT")
    if operation.state == Operation.State.READY and operation.asks == 0:
        return Decision(ends_operation=Operation.State.CANCELLED)
    if operation.state != Operation.State.WAIT_USER:
        raise UnableToCancelPayment(
            _("The payment service is still answering. Try again in a moment."), code="IN_FLIGHT"
        )
    return Decision(ask=cancel(case, operation.out_no), ends_operation=Operation.State.EXPIRED)


def cancel(case: Case, freeze_no: str) -> Ask:
    """Close the freeze at the gateway, or undo it if the payer was quicker."""
    return Ask(
        Kind.CANCEL_FREEZE,
        case.order.price_fen,
        {"freeze_out_no": freeze_no, "remark": "payment not confirmed in time"},
        together=f"freeze:{freeze_no}",
    )
