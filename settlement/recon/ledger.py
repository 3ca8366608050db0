"""What our own ledger says came to and left the platform's account at the gateway, in fen."""

from collections.abc import Iterable

from django.db.models import Q

from settlement.models import OperationOrder, Transfer
from settlement.pockets import REFUND_IN_TRANSIT

IN, OUT = 1, -1
Side = tuple[str, int]  # a number of ours, and IN or OUT

_SIGNS = {"capture": IN, "return": OUT, "paid": OUT, "payout_returned": IN}
# A release of frozen money never touches the platform's account.
_TOUCHES = Q(code__in=("capture", "paid", "payout_returned")) | Q(
    code="return", debit=REFUND_IN_TRANSIT
)


def of_numbers(numbers: Iterable[str]) -> dict[Side, int]:
    """What moved under these numbers: captures in, refunds and payouts out, returned payouts in."""
    wanted = set(numbers)
    orders = OperationOrder.objects.filter(operation__out_no__in=wanted).values("order_id")
    return _signed(Transfer.objects.filter(_TOUCHES, order_id__in=orders, operation__in=wanted))


def between(start: object, end: object) -> dict[Side, int]:
    """The movements recorded from `start` until before `end`."""
    return _signed(Transfer.objects.filter(_TOUCHES, at__gte=start, at__lt=end))


def _signed(transfers: Iterable[Transfer]) -> dict[Side, int]:
    found: dict[Side, int] = {}
    for transfer in transfers:
        sign = _SIGNS[transfer.code]
        side = transfer.operation, sign
        found[side] = found.get(side, 0) + sign * transfer.amount_fen
    return found
