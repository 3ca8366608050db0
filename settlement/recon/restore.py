"""After a restore from a backup the gateway is ahead of us: what happened there in the lost time is
looked for before anything is sent again (crash point 16).

Our numbers are derived, never drawn by lot: for each order the numbers that its next steps would
get are asked about, and the bills of the lost days are read for numbers of ours that we do not
know. What is found is an item; while one is open, a halt keeps everything from being sent. A step
that is done again gets the same number again, so the gateway answers it with what it did before:
nothing is paid twice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q

from settlement import operations
from settlement.gateway import adapter
from settlement.gateway.messages import Answer, Ask, Outcome
from settlement.kinds import Kind
from settlement.models import BillRow, Escrow, Halt, Operation
from settlement.out_no import out_no
from settlement.recon import bills, days, items, recheck
from settlement.recon.items import Difference

NUMBER = re.compile(r"[FCUTRX][A-Z2-7]{26}", re.ASCII)
MOST_INTENTS = 10  # of one kind that one order may have lost
AHEAD = 50  # so many unknown numbers of orders in a row end the search for lost orders
NOTHING_MOVED = (Outcome.NOT_FOUND, Outcome.EXPIRED, Outcome.FAILED)


@dataclass(slots=True)
class Report:
    """What a search came to. Without an answer to every question it proves nothing."""

    asked: int = 0
    silent: int = 0
    found: list[Difference] = field(default_factory=list)
    bills: list[str] = field(default_factory=list)
    sending_goes_on: bool = False


def hold(*, at: datetime) -> None:
    """Nothing is sent until what was lost has been looked for."""
    operations.halt(Halt.Scope.ALL, items.RESTORED, at=at)


def search(
    order_ids: Sequence[int], *, newest_order: int, since: datetime, today: date, at: datetime
) -> Report:
    """Look for what the gateway did since `since` that we do not have. Outside any transaction.

    `order_ids` are the orders that could have gone on in that time, `newest_order` the last one of
    the backup: later ones may be lost as a whole. The halt ends when every question was answered
    and no item is open; searching again closes what has been done again meanwhile.
    """
    hold(at=at)
    report = Report()
    for escrow in Escrow.objects.filter(pk__in=order_ids).order_by("pk").iterator():
        _ask_all(_next_steps(escrow), escrow.pk, report)
    _look_for_lost_orders(newest_order, report)
    _read_bills(since, today, at, report)
    if report.silent:
        for difference in report.found:
            items.note(difference, at=at)
        return report
    items.settle(Q(level=items.Level.RESTORE), report.found, at=at)
    report.sending_goes_on = items.lift_restore_halt(at=at)
    return report


def _next_steps(escrow: Escrow) -> Iterator[Iterator[Ask]]:
    """For each kind the operations that the order's next intents would ask for."""
    capture = _number(Kind.CAPTURE, escrow.pk, 1)
    yield _intents(Kind.FREEZE, escrow, escrow.freezes, 0, {})
    payer = {"payer_user_id": _payer(escrow)} if escrow.freeze_no else {}
    yield _intents(Kind.CAPTURE, escrow, 0, escrow.frozen, payer, most=1)
    yield _intents(Kind.TRANSFER, escrow, escrow.payouts, escrow.payable or escrow.held, {})
    yield _intents(Kind.REFUND, escrow, escrow.returns, escrow.held, {"capture_out_no": capture})
    if escrow.auth_no:
        yield _intents(
            Kind.UNFREEZE, escrow, escrow.returns, escrow.frozen, {"auth_no": escrow.auth_no}
        )


def _payer(escrow: Escrow) -> str:
    return Operation.objects.get(out_no=escrow.freeze_no).payer


def _intents(
    kind: str,
    escrow: Escrow,
    made: int,
    amount_fen: int,
    request: dict[str, str],
    *,
    most: int = MOST_INTENTS,
) -> Iterator[Ask]:
    for intent in range(made + 1, made + most + 1):
        yield Ask(kind, _number(kind, escrow.pk, intent), amount_fen or 1, dict(request))


def _ask_all(kinds: Iterable[Iterator[Ask]], order_id: int, report: Report) -> None:
    """Of each kind one after the other, until the gateway does not know a number."""
    for asks in kinds:
        for ask in asks:
            if not _is_ours(ask.out_no) and not _ask(ask, order_id, report):
                break


def _ask(ask: Ask, order_id: int, report: Report) -> bool:
    """Ask about one number; whether the gateway knows it."""
    answer = adapter.query(ask)
    report.asked += 1
    if recheck.says_nothing(answer):
        report.silent += 1
        return False
    if answer.outcome not in NOTHING_MOVED and not answer.facts.get("may_resend"):
        report.found.append(_lost(ask, order_id, answer))
        return True
    return answer.outcome in (Outcome.EXPIRED, Outcome.FAILED)


def _look_for_lost_orders(newest_order: int, report: Report) -> None:
    """Freezes of orders that we do not even have: all that were paid together are one."""
    order_id, end = newest_order + 1, newest_order + AHEAD
    while order_id <= end and not report.silent:
        ask = Ask(Kind.FREEZE, _number(Kind.FREEZE, order_id, 1), 1, {})
        if _ask(ask, order_id, report):
            end = max(end, order_id + AHEAD)
        order_id += 1


def _read_bills(since: datetime, today: date, at: datetime, report: Report) -> None:
    """The bills of the lost days: numbers of ours that we do not know."""
    day = days.first_lost_day(since)
    known = {difference.out_no for difference in report.found}
    while day < today:
        run = days.reconcile(day, at=at)
        report.bills.append(str(run))
        bill = bills.of_day(day)
        if bill is not None:
            lost = (row for row in bill.rows.order_by("place") if _is_lost(row))
            report.found += [_billed(row, day) for row in lost if row.out_no not in known]
        day += timedelta(days=1)


def _is_lost(row: BillRow) -> bool:
    return NUMBER.fullmatch(row.out_no) is not None and not _is_ours(row.out_no)


def _is_ours(number: str) -> bool:
    return Operation.objects.filter(out_no=number).exists()


def _lost(ask: Ask, order_id: int, answer: Answer) -> Difference:
    frozen_fen = answer.facts.get("total_freeze_amount_fen")
    is_as_expected = answer.outcome == Outcome.SUCCESS
    return Difference(
        f"restore:{ask.out_no}",
        items.Level.RESTORE,
        items.Kind.MISSING_HERE,
        out_no=ask.out_no,
        order_id=order_id,
        theirs_fen=ask.amount_fen if is_as_expected else frozen_fen,
        detail=f"{ask.kind}: {answer.outcome} there",
    )


def _billed(row: BillRow, day: date) -> Difference:
    return Difference(
        f"restore:{row.out_no}",
        items.Level.RESTORE,
        items.Kind.MISSING_HERE,
        out_no=row.out_no,
        day=day,
        theirs_fen=row.amount_fen,
        detail=f"in the bill: {row.label}",
    )


def _number(kind: str, order_id: int, intent: int) -> str:
    secret = settings.ALIPAY_OUT_NO_SECRET.encode()
    return out_no(kind, f"order:{order_id}", intent, secret=secret)
