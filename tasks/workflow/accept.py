"""The creator accepts; the reward is to be moved into escrow (V32, V51). Delivery opens when it is
there.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from settlement.kinds import Kind
from tasks.models import Side
from tasks.workflow.decision import Actor, Ask, Case, Decision, Refused


class UnableToAccept(Refused):
    code = "UNABLE_TO_ACCEPT"


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    order, escrow = case.order, case.escrow
    case.refuse_while_money_moves()
    if at >= order.start_at:
        raise UnableToAccept(
            _("The start time has passed, so this order has lapsed."), code="TOO_LATE"
        )
    if case.payout_account_id is None:
        raise UnableToAccept(
            _("Add your payout account to your profile first, so that you can be paid."),
            code="NO_PAYOUT_ACCOUNT",
        )
    order.to_accepted(at)
    request = {
        "auth_no": escrow.auth_no,
        "freeze_out_no": escrow.freeze_no,
        "subject": f"vtask order {order.pk}",
    }
    return Decision(
        ask=Ask(Kind.CAPTURE, order.price_fen, request), tell=((Side.MERCHANT, "accepted"),)
    )
