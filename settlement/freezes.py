"""What became of a freeze at the gateway, told from its own amounts: frozen = rest + captured +
released, to the fen. Reads only.
"""

from django.db.models import Sum

from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Operation, OperationOrder

CLOSED_BY_GATEWAY = "the gateway had closed the freeze"
# What a release is told whose freeze has ended; the trouble of one that was parked for it.
TOO_LATE = frozenset({"ORDER_ALREADY_CLOSED", "ORDER_ALREADY_FINISH"})


def comes_too_late(operation: Operation, answer: Answer) -> bool:
    """Whether a release was refused because its freeze has ended, now or when it was parked."""
    if operation.kind != Kind.UNFREEZE:
        return False
    if answer.outcome == Outcome.MANUAL:
        return answer.sub_code in TOO_LATE
    return answer.outcome == Outcome.NOT_FOUND and operation.trouble in TOO_LATE


def gave_all_back(freeze: Operation, answer: Answer) -> bool:
    """Nothing of the freeze is left, and nothing was captured but what we captured: so the payer
    has the rest back. Also true when everything was released or captured by ourselves.
    """
    return (
        answer.outcome == Outcome.SUCCESS
        and answer.facts.get("rest_amount_fen") == 0
        and answer.facts.get("total_freeze_amount_fen") == freeze.amount_fen
        and answer.facts.get("total_pay_amount_fen") == captured_fen(freeze)
    )


def orders_of(freeze: Operation) -> list[int]:
    """The orders that an operation is about: of a freeze all that were paid together."""
    shares = OperationOrder.objects.filter(operation=freeze)
    return list(shares.order_by("order_id").values_list("order_id", flat=True))


def captured_fen(freeze: Operation) -> int:
    """What was captured out of a freeze by our own books."""
    captures = OperationOrder.objects.filter(
        order_id__in=orders_of(freeze),
        operation__kind=Kind.CAPTURE,
        operation__state=Operation.State.SUCCEEDED,
        operation__request__freeze_out_no=freeze.out_no,
    )
    return captures.aggregate(sum=Sum("amount_fen"))["sum"] or 0
