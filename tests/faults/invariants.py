"""What must hold when the faults are over, by our books and by Alipay's, each as a sentence when
it does not.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from core import clock
from core.money import plain
from settlement import check
from settlement.kinds import Kind
from settlement.models import Escrow, Notice, Operation, Transfer
from settlement.pockets import OPEN_POCKETS, POCKETS
from tasks.models import Order, OrderEvent, Outbox
from tasks.rules import LAST_REMINDER, NOTICE
from tasks.states import TRANSITIONS, State
from tests.faults.alipay import Alipay

CHINA = ZoneInfo("Asia/Shanghai")
ENDS = {State.CONFIRMED, State.REVIEWED, State.REFUNDED, State.OVERDUE, State.DECLINED,
        State.LAPSED, State.VOID}  # fmt: skip
# A bill's row: our number, what came in, what went out.
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Past:
    """What the checks have to know: when the first money moved, the freezes that Alipay ended by
    itself, the payouts that it gave back, and the notices that we answered and then lost with a
    database.
    """

    since: datetime
    ended: set[str] = field(default_factory=set)
    bounced: set[str] = field(default_factory=set)
    lost_notices: set[str] = field(default_factory=set)


def violations(alipay: Alipay, past: Past) -> list[str]:
    """Everything that is wrong, wherever the orders are."""
    return [
        *check.run(at=clock.now()).differences,
        *alipays_books(alipay),
        *once_each(alipay),
        *both_know_the_same(alipay, past.ended),
        *the_same_money(alipay),
        *the_bill(alipay, past.since),
        *paths(),
        *answered_notices(alipay, past.lost_notices),
        *unannounced(),
    ]


def unfinished() -> list[str]:
    """What is still open when nothing should be."""
    return [*open_operations(), *not_at_an_end()]


def alipays_books(alipay: Alipay) -> Iterator[str]:
    """2: the sum over all of Alipay's accounts is constant, and each is what its rows add up to."""
    books = alipay.books()
    if books["total_fen"]:
        yield f"Alipay's accounts sum to {books['total_fen']} fen"
    yield from (f"Alipay: {difference}" for difference in books["differences"])


def once_each(alipay: Alipay) -> Iterator[str]:
    """7: no two executed operations of one intent."""
    counted = Counter((row["kind"], row["out_no"]) for row in alipay.executed())
    yield from (f"{key} was executed {n} times" for key, n in counted.items() if n > 1)


def both_know_the_same(alipay: Alipay, ended: Collection[str]) -> Iterator[str]:
    """6: an operation succeeded here if and only if it was executed there, with its amount. One
    that is still open may have been executed. A release may have found its freeze ended by Alipay
    itself, and counts as done then, though Alipay did nothing in its name; it may also have come
    first, if Alipay was away when it was to end the freeze.
    """
    theirs = {(row["kind"], row["out_no"]): row["amount_fen"] for row in _executed(alipay)}
    ours, still_open = {}, set()
    for op in Operation.objects.exclude(kind=Kind.CANCEL_FREEZE):
        key = (op.kind, op.out_no)
        came_late = op.kind == Kind.UNFREEZE and op.request["freeze_out_no"] in ended
        if op.is_open:
            still_open.add(key)
        elif op.state == Operation.State.SUCCEEDED and not (came_late and key not in theirs):
            ours[key] = op.amount_fen
    for key in sorted((ours.keys() | theirs.keys()) - still_open):
        if ours.get(key) != theirs.get(key):
            yield f"{key}: {ours.get(key)} fen here, {theirs.get(key)} fen at Alipay"


def _executed(alipay: Alipay) -> Iterator[dict[str, Any]]:
    """What Alipay executed, without the freezes that were cancelled as a whole."""
    rows = alipay.executed()
    cancelled = {row["out_no"] for row in rows if row["kind"] == "CANCEL"}
    for row in rows:
        if row["kind"] in Kind.values and not (
            row["kind"] == Kind.FREEZE and row["out_no"] in cancelled
        ):
            yield row


def the_same_money(alipay: Alipay) -> Iterator[str]:
    """3: what lies with the payers and with the platform is what our pockets say."""
    sums = Escrow.objects.aggregate(**{pocket: Sum(pocket, default=0) for pocket in POCKETS})
    accounts = alipay.books()["accounts"]
    frozen = sum(account["frozen_fen"] for account in accounts)
    [platform] = [a["balance_fen"] for a in accounts if a["kind"] == "PLATFORM"]
    expected = sum(sums[p] for p in (*OPEN_POCKETS, "fee", "tax")) - sums["frozen"]
    if not _moving() and frozen != sums["frozen"]:
        yield f"frozen: {sums['frozen']} fen here, {frozen} fen at the payers"
    if not _moving() and platform != expected:
        yield f"the platform has {platform} fen at Alipay, its orders make it {expected}"


def _moving() -> bool:
    return Operation.objects.filter(resolved_at=None).exists()


def the_bill(alipay: Alipay, since: datetime) -> Iterator[str]:
    """10: Alipay's bill is our report, row by row; what is still open may be in it."""
    day, last = since.astimezone(CHINA).date(), datetime.fromtimestamp(_wall(), CHINA).date()
    billed: list[Row] = []
    while day <= last:
        billed += alipay.bill(day)
        day += timedelta(days=1)
    waiting = set(Operation.objects.filter(resolved_at=None).values_list("out_no", flat=True))
    ours, theirs = Counter(our_report()), Counter(row for row in billed if row[0] not in waiting)
    yield from (f"not in the bill: {row}" for row in (ours - theirs).elements())
    yield from (f"only in the bill: {row}" for row in (theirs - ours).elements())


def _wall() -> float:
    """Alipay's clock, which nobody moves."""
    return clock.now().timestamp() - clock.offset_hours() * 3600


def our_report() -> Iterator[Row]:
    """What we say has moved on the platform's account."""
    done = Operation.objects.filter(state=Operation.State.SUCCEEDED)
    for op in done.filter(kind=Kind.CAPTURE):
        yield op.out_no, plain(op.amount_fen), ""
    for op in done.filter(kind__in=[Kind.REFUND, Kind.TRANSFER]):
        yield op.out_no, "", f"-{plain(op.amount_fen)}"
    for bounced in Transfer.objects.filter(code="payout_returned"):
        yield bounced.operation, plain(bounced.amount_fen), ""


def paths() -> Iterator[str]:
    """4 and 8: every event starts where the one before ended, along a legal way, and the events
    tell of every move of money.
    """
    at: dict[int, str] = {}
    moves: Counter[int] = Counter()
    for event in OrderEvent.objects.order_by("id"):
        order_id = event.order_id
        moves[order_id] += len(event.money or [])
        if event.source and event.source != at.get(order_id, event.source):
            yield f"order {order_id}: {event.verb} from {event.source}, it was {at[order_id]}"
        step = (event.source, event.target)
        if event.source and event.source != event.target and step not in TRANSITIONS:
            yield f"order {order_id}: {event.verb} from {event.source} to {event.target}"
        at[order_id] = event.target
    written = Counter(Transfer.objects.values_list("order_id", flat=True))
    for pk, state in Order.objects.values_list("pk", "state"):
        if at.get(pk) != state:
            yield f"order {pk} is {state}, its history ends in {at.get(pk)}"
        if moves[pk] != written[pk]:
            yield f"order {pk}: {written[pk]} transfers, its history tells of {moves[pk]}"


def unannounced() -> Iterator[str]:
    """N4: what the clock confirmed was announced two hours before, by a letter that was taken."""
    for event in OrderEvent.objects.filter(verb="confirm", role="CLOCK"):
        letters = Outbox.objects.filter(
            order_id=event.order_id, kind=LAST_REMINDER, done_at__lte=event.at - NOTICE
        )
        if not letters.filter(delivery=Outbox.Delivery.SENT).exists():
            yield f"order {event.order_id} was confirmed by the clock without a reminder"


def answered_notices(alipay: Alipay, lost: set[str]) -> Iterator[str]:
    """9: `success` was answered only to notices that are ours, and each of them is kept."""
    kept = lost | notices_kept()
    for notice in alipay.notices():
        fields, taken = notice["fields"], notice["delivered_at"]
        is_genuine = fields["app_id"] == GENUINE_APP and not fields["sign"].startswith("AAAA")
        is_genuine &= "2088999999999999" not in fields.values()
        if taken and not (is_genuine and notice["notify_id"] in kept):
            yield f"success was answered to {notice['notify_id']}, genuine {is_genuine}"


def notices_kept() -> set[str]:
    return set(Notice.objects.values_list("notify_id", flat=True))


GENUINE_APP = "2021000000000001"


def open_operations() -> Iterator[str]:
    """5: nothing is stuck and nobody is asked."""
    for op in Operation.objects.filter(resolved_at=None):
        yield f"{op.kind} {op.out_no} is {op.state}: {op.asks} asks, {op.trouble or 'no trouble'}"
    for escrow in Escrow.objects.exclude(open_operation=None):
        yield f"order {escrow.order_id} waits for operation {escrow.open_operation_id}"


def not_at_an_end() -> Iterator[str]:
    """3, 4 and 5: every order is at an end, with all its money out of the pockets that are open."""
    escrows = Escrow.objects.in_bulk()
    for order in Order.objects.all():
        pockets = escrows[order.pk].pockets()
        left = {pocket: pockets[pocket] for pocket in OPEN_POCKETS if pockets[pocket]}
        if order.state not in ENDS or left:
            yield f"order {order.pk} is {order.state} with {left}, trouble {order.trouble!r}"
