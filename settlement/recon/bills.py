"""Kept bills: the newest version of each day, and what is in it under which number."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from settlement.gateway.bill import DayBill
from settlement.models import Bill, BillRow
from settlement.recon.ledger import IN, OUT, Side


def keep(day: date, fetched: DayBill, *, at: datetime) -> Bill:
    """Keep a fetched bill; the same content again is the bill that we have."""
    newest = of_day(day)
    if newest is not None and newest.digest == fetched.digest:
        return newest
    with transaction.atomic():
        bill = Bill.objects.create(day=day, fetched_at=at, digest=fetched.digest)
        rows = [
            BillRow(
                bill=bill,
                place=place,
                serial=line.serial,
                out_no=line.out_no,
                label=line.label,
                amount_fen=line.amount_fen,
                balance_fen=line.balance_fen,
            )
            for place, line in enumerate(fetched.lines, 1)
        ]
        BillRow.objects.bulk_create(rows, batch_size=2_000)
    return bill


def of_day(day: date) -> Bill | None:
    """The version of a day that counts."""
    return Bill.objects.filter(day=day).order_by("-id").first()


def first_day() -> date | None:
    """The day with which the reconciliation began."""
    return Bill.objects.order_by("day").values_list("day", flat=True).first()


def sides(bill: Bill) -> dict[Side, int]:
    """The movements of a bill by number and direction, in fen."""
    return _signed(bill.rows.values_list("out_no", "amount_fen"))


def found_in_any(numbers: Iterable[str]) -> dict[Side, int]:
    """Which of these numbers are in a bill that counts, of whatever day."""
    newest = Bill.objects.order_by("day", "-id").distinct("day").values("pk")
    rows = BillRow.objects.filter(bill__in=newest, out_no__in=set(numbers))
    return _signed(rows.values_list("out_no", "amount_fen"))


def _signed(rows: Iterable[tuple[str, int]]) -> dict[Side, int]:
    found: dict[Side, int] = {}
    for out_no, amount_fen in rows:
        side = out_no, IN if amount_fen >= 0 else OUT
        found[side] = found.get(side, 0) + amount_fen
    return found
