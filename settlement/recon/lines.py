"""Level 2: the lines of a day's bill against our operations, by number and amount, both ways."""

from collections.abc import Iterator
from datetime import datetime

from settlement.kinds import Kind
from settlement.models import Bill, Operation
from settlement.recon import bills, items, ledger, recheck
from settlement.recon.calendar import bounds, window
from settlement.recon.items import Difference
from settlement.recon.ledger import IN, Side

State = Operation.State
ON_THE_ACCOUNT = (Kind.CAPTURE, Kind.REFUND, Kind.TRANSFER)


def ask_about_returned_payouts(bill: Bill, *, at: datetime) -> int:
    """Transfers that the bill says came back, which we have not recorded: the gateway is asked at
    once, however old they are. How many were asked about; outside any transaction.
    """
    came_in = [out_no for out_no, sign in bills.sides(bill) if sign == IN]
    known = ledger.of_numbers(came_in)
    transfers = Operation.objects.filter(
        out_no__in=[out_no for out_no in came_in if (out_no, IN) not in known],
        kind=Kind.TRANSFER,
        state=State.SUCCEEDED,
    ).select_related("payout_account")
    for operation in transfers:
        recheck.one(operation, at=at)
    return len(transfers)


def differences(bill: Bill) -> Iterator[Difference]:
    """What the bill has and we do not, what we have and no bill has, and other amounts."""
    theirs = bills.sides(bill)
    numbers = {out_no for out_no, _ in theirs}
    ours = ledger.of_numbers(numbers)
    known = dict(Operation.objects.filter(out_no__in=numbers).values_list("out_no", "state"))
    for side, amount_fen in theirs.items():
        if ours.get(side) != amount_fen:
            yield _of_line(bill, side, ours.get(side), amount_fen, known.get(side[0]))
    yield from _missing_there(bill)


def _of_line(
    bill: Bill, side: Side, ours_fen: int | None, theirs_fen: int, state: str | None
) -> Difference:
    kind, detail = items.Kind.AMOUNT, ""
    if state is None:
        kind = items.Kind.UNKNOWN
    elif ours_fen is None:
        kind, detail = items.Kind.MISSING_HERE, f"{state} here"
    return _difference(bill, kind, side, ours_fen, theirs_fen, detail)


def _missing_there(bill: Bill) -> Iterator[Difference]:
    """What we recorded on the bill's day must be in it, or in the bill of a day before: the answer
    may have come after midnight. What was sent before the first bill has none.
    """
    ours = _recorded(bill)
    numbers = [out_no for out_no, _ in ours]
    there = bills.found_in_any(numbers)
    for side, amount_fen in ours.items():
        if side not in there:
            yield _difference(bill, items.Kind.MISSING_THERE, side, amount_fen, None, "")


def _recorded(bill: Bill) -> dict[Side, int]:
    """What the ledger and the operations recorded on the bill's day, of what bills can have."""
    start, end = window(bill.day)
    found = ledger.between(start, end)
    closed = Operation.objects.filter(
        kind__in=ON_THE_ACCOUNT, state=State.SUCCEEDED, resolved_at__gte=start, resolved_at__lt=end
    )
    for out_no, kind, amount_fen in closed.values_list("out_no", "kind", "amount_fen"):
        sign = 1 if kind == Kind.CAPTURE else -1
        found.setdefault((out_no, sign), sign * amount_fen)
    billed = sent_since_bills_began([out_no for out_no, _ in found])
    return {side: amount for side, amount in found.items() if side[0] in billed}


def sent_since_bills_began(numbers: list[str]) -> set[str]:
    """Those of these numbers that a bill must have."""
    first = bills.first_day()
    if first is None:
        return set()
    sent = Operation.objects.filter(out_no__in=numbers, first_sent_at__gte=bounds(first)[0])
    return set(sent.values_list("out_no", flat=True))


def _difference(
    bill: Bill, kind: str, side: Side, ours_fen: int | None, theirs_fen: int | None, detail: str
) -> Difference:
    out_no, sign = side
    return Difference(
        f"bill:{bill.day}:{out_no}:{'in' if sign == IN else 'out'}",
        items.Level.BILL,
        kind,
        out_no=out_no,
        day=bill.day,
        ours_fen=ours_fen,
        theirs_fen=theirs_fen,
        detail=detail,
    )
