"""Level 3: the account's balance at the gateway moved in a day as our ledger did; and whatever is
on its way has to arrive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Max, Q

from settlement.models import Bill, BillRow, Escrow, Transfer
from settlement.pockets import IN_TRANSIT, REFUND_IN_TRANSIT
from settlement.recon import bills, items, ledger, lines
from settlement.recon.calendar import window
from settlement.recon.items import Difference

ARRIVES_WITHIN = timedelta(hours=24)
CLEARING = Q(level=items.Level.CLEARING)
_ON_ITS_WAY = (IN_TRANSIT, REFUND_IN_TRANSIT)


@dataclass(frozen=True, slots=True)
class Balances:
    """The account's balance before the first and after the last line of a bill, and whether the
    lines lead from the one to the other; in fen.
    """

    opening_fen: int
    closing_fen: int
    adds_up: bool


def balances(rows: Sequence[BillRow]) -> Balances:
    """Of a bill with at least one line, whether it begins with the oldest or with the newest."""
    is_newest_first = not _leads(rows) and _leads(rows[::-1])
    ordered = rows[::-1] if is_newest_first else rows
    opening_fen = ordered[0].balance_fen - ordered[0].amount_fen
    return Balances(opening_fen, ordered[-1].balance_fen, _leads(ordered))


def differences(bill: Bill) -> Iterator[Difference]:
    """A bill that does not add up, a balance that does not follow on the day before's, and a
    movement that is not our ledger's.
    """
    rows = list(bill.rows.order_by("place"))
    change_fen = 0
    if rows:
        found = balances(rows)
        change_fen = found.closing_fen - found.opening_fen
        if not found.adds_up:
            total = sum(row.amount_fen for row in rows)
            yield _difference(bill, "lines", change_fen, total, "the lines do not add up")
        before = _closing_before(bill)
        if before not in (None, found.opening_fen):
            yield _difference(bill, "opening", before, found.opening_fen, "opening balance")
    moved_fen = movement_fen(bill)
    if moved_fen != change_fen:
        yield _difference(bill, "movement", moved_fen, change_fen, "movement of the day")


def movement_fen(bill: Bill) -> int:
    """By our ledger: captures - refunds - payouts + payouts that came back.

    What a bill has counts for the bill's day, since that is when the gateway did it; what no bill
    has, for the day on which we recorded it.
    """
    of_the_bill = bills.sides(bill).keys()
    moved = ledger.of_numbers(out_no for out_no, _ in of_the_bill)
    recorded = ledger.between(*window(bill.day))
    numbers = [out_no for out_no, _ in recorded]
    there, expected = bills.found_in_any(numbers), lines.sent_since_bills_began(numbers)
    return sum(fen for side, fen in moved.items() if side in of_the_bill) + sum(
        fen for side, fen in recorded.items() if side not in there and side[0] in expected
    )


def on_its_way(*, at: datetime) -> Iterator[Difference]:
    """Money that left a pocket more than 24 hours ago and has not arrived: clearing must come back
    to zero.
    """
    waiting = Escrow.objects.filter(Q(in_transit__gt=0) | Q(refund_in_transit__gt=0))
    escrows = waiting.select_related("open_operation").in_bulk()
    left = (
        Transfer.objects.filter(order_id__in=escrows, credit__in=_ON_ITS_WAY)
        .values_list("order_id", "credit")
        .annotate(left_at=Max("at"))
        .order_by("order_id", "credit")
    )
    for order_id, pocket, left_at in left:
        escrow = escrows[order_id]
        if getattr(escrow, pocket) and left_at <= at - ARRIVES_WITHIN:
            operation = escrow.open_operation
            yield Difference(
                f"clearing:{order_id}:{pocket}:{escrow.seq}",
                items.Level.CLEARING,
                items.Kind.TOO_LONG,
                out_no=operation.out_no if operation else "",
                order_id=order_id,
                ours_fen=getattr(escrow, pocket),
                detail=f"{pocket}: {operation.state if operation else 'no operation is open'}",
            )


def _leads(rows: Sequence[BillRow]) -> bool:
    return all(
        later.balance_fen == earlier.balance_fen + later.amount_fen
        for earlier, later in pairwise(rows)
    )


def _closing_before(bill: Bill) -> int | None:
    """The closing balance of the day before; None without a bill of it or without a movement."""
    before = bills.of_day(bill.day - timedelta(days=1))
    rows = list(before.rows.order_by("place")) if before else []
    return balances(rows).closing_fen if rows else None


def _difference(
    bill: Bill, what: str, ours_fen: int | None, theirs_fen: int, detail: str
) -> Difference:
    return Difference(
        f"totals:{bill.day}:{what}",
        items.Level.TOTALS,
        items.Kind.BALANCE,
        day=bill.day,
        ours_fen=ours_fen,
        theirs_fen=theirs_fen,
        detail=detail,
    )
