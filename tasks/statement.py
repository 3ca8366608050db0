"""Money over time: the merchant's statement, the creator's earnings, and both by month.

Released money is what has left escrow for the creator's side: net, fee and tax, by the day of the
confirmation. It is read from the escrows, so that a split ruling counts with what it gave.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from django.db.models import (
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
)
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.kept import kept, prepared
from creators.models import Domain
from settlement import statements
from settlement.models import OPEN_FOR_MERCHANT, Escrow
from settlement.statements import Line, Span, Sums
from tasks.models import Order
from tasks.states import State

ON_ITS_WAY = F("payable") + F("in_transit")
NET = ON_ITS_WAY + F("paid")
RELEASED = NET + F("fee") + F("tax")


@dataclass(frozen=True, slots=True)
class Spent:
    """What left a merchant (fen: net, fee and tax) for orders confirmed in some months: by month,
    oldest first, every month present; by the creator's main domain, the largest first.
    """

    per_month: list[tuple[date, int]]
    by_domain: list[tuple[Domain, int]]


def spent(merchant_id: int, *, until: datetime, months: int = 12) -> Spent:
    """Months are those of the current time zone; the last one is that of `until`."""
    wanted = months_until(until, months)
    since, zone = day_begins(wanted[0]), timezone.get_current_timezone()
    of_month: defaultdict[date, int] = defaultdict(int)
    of_domain: defaultdict[int, int] = defaultdict(int)
    for month, domain_id, fen in _spent(merchant_id, since, until, zone=zone):
        of_month[timezone.localtime(month).date()] += int(fen or 0)
        if domain_id is not None and fen:
            of_domain[domain_id] += int(fen)
    largest = sorted(of_domain.items(), key=lambda sum_of: (-sum_of[1], sum_of[0]))
    domains = Domain.objects.in_bulk(of_domain) if of_domain else {}
    return Spent(
        per_month=[(month, of_month[month]) for month in wanted],
        by_domain=[(domains[domain_id], fen) for domain_id, fen in largest],
    )


@kept
def _spent(
    merchant_id: int, since: datetime, until: datetime, *, zone: tzinfo
) -> QuerySet[Order, Any]:
    """By month and domain. What was paid keeps its task from being deleted."""
    released = Order.objects.filter(
        merchant_id=merchant_id, confirmed_at__gte=since, confirmed_at__lte=until
    )
    escrow = Escrow.objects.filter(order_id=OuterRef("pk")).values(part=RELEASED)
    return (
        released.order_by()
        .values_list(TruncMonth("confirmed_at", tzinfo=zone), "creator__main_domain")
        .annotate(sum=Sum(Subquery(escrow)))
    )


def months_until(until: datetime, months: int) -> list[date]:
    """The first days of that many months, oldest first; the last is that of `until`."""
    found = [timezone.localtime(until).date().replace(day=1)]
    while len(found) < months:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def day_begins(day: date) -> datetime:
    """The instant at which a day of the current time zone begins."""
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone())


# The merchant's statement

PAGE_SIZE = 25
WINDOW = 2_000  # lines that one page looks through for the kinds asked for
MOST_SUMMED = 10_000
MOST_ORDERS = 1_000
# The transactions of the newest lines may still be on their way in: what was held before them is
# not carried from page to page, but asked for again.
FRESH = timedelta(minutes=5)


class Kind(TextChoices):
    """What happens to a merchant's money, by the code of its transfer, as an order lives."""

    FREEZE = "freeze", pgettext_lazy("movement", "Frozen in your account")
    CAPTURE = "capture", pgettext_lazy("movement", "Moved into escrow")
    CONFIRM = "confirm", pgettext_lazy("movement", "Paid to the creator")
    FEE = "fee", pgettext_lazy("movement", "Platform fee")
    TAX = "tax", pgettext_lazy("movement", "Tax withheld")
    REFUND = "refund", pgettext_lazy("movement", "On its way back to you")
    RETURN = "return", pgettext_lazy("movement", "Returned to you")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a party's lines are asked for. `order_ids` None: of all orders."""

    party: str
    span: Span
    kinds: tuple[str, ...] = ()
    order_ids: tuple[int, ...] | None = None

    @property
    def is_all(self) -> bool:
        """All lines of a stretch of time: only between such lines does a balance run."""
        return not self.kinds and self.order_ids is None


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a page begins: beyond the line `transfer_id`, to the older or the newer ones.

    `held_fen` is what was held at that edge, or None when it has to be asked for.
    """

    transfer_id: int
    is_newer: bool = False
    held_fen: int | None = None


KINDS: dict[str, Kind] = {kind.value: kind for kind in Kind}


class Named(NamedTuple):
    """What a line tells of its order."""

    id: int
    task_id: int
    theme: str
    nickname: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it; `held_fen` is what is held after it, None when not told."""

    line: Line
    order: Named
    held_fen: int | None
    change_fen: int

    @property
    def kind(self) -> Kind | None:
        """None for a code that only later rules know."""
        return KINDS.get(self.line.code)

    @property
    def label(self) -> str:
        """What happened, in words."""
        return str(self.kind.label) if self.kind else self.line.code

    @property
    def in_fen(self) -> int | None:
        return self.change_fen if self.change_fen > 0 else None

    @property
    def out_fen(self) -> int | None:
        return -self.change_fen if self.change_fen < 0 else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, newest first, and where the next pages begin. `stopped_early`: the
    search for a kind has looked through enough for one page.
    """

    rows: list[Row]
    older: Edge | None
    newer: Edge | None
    stopped_early: bool = False


def wanted(
    merchant_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Iterable[str] = (),
    search: str = "",
) -> Wanted:
    """The lines from `since` up to, and without, `until`, of some kinds, and of the orders that
    `search` finds: the number of an order or of a task, or a part of a creator's name.
    """
    party = statements.merchant(merchant_id)
    span = statements.span_between(party, since, until)
    orders = tuple(orders_found(merchant_id, search)) if search else None
    return Wanted(party, span, tuple(kinds), orders)


def orders_found(merchant_id: int, search: str) -> list[int]:
    """The newest of the merchant's orders that fit, at most a thousand."""
    fits = Q(creator__nickname__icontains=search)
    if search.isdecimal() and len(search) <= 18:
        fits |= Q(pk=int(search)) | Q(task_id=int(search))
    orders = Order.objects.filter(fits, merchant_id=merchant_id).order_by("-id")
    return list(orders.values_list("pk", flat=True)[:MOST_ORDERS])


def page(asked: Wanted, *, at: datetime, edge: Edge | None = None) -> Page:
    """One page of a statement; its cost does not depend on how many lines there are."""
    is_newer = edge is not None and edge.is_newer
    size = WINDOW if asked.kinds else PAGE_SIZE + 1
    found = _lines(asked, _beyond(asked.span, edge), size=size, newest_first=not is_newer)
    fitting = [line for line in found if not asked.kinds or line.code in asked.kinds]
    is_full, is_cut = len(fitting) > PAGE_SIZE, len(found) == size
    if is_newer and not is_full and not is_cut:
        return page(asked, at=at)  # the newest are reached: they fill the first page
    held_fen = _held_beyond(asked, edge, found) if asked.is_all else None
    rows = _rows(fitting[:PAGE_SIZE], held_fen, is_newer=is_newer)
    on = _on(rows, found[-1] if is_cut and not is_full else None, is_newer=is_newer, at=at)
    onward = on if is_full or is_cut else None
    back = _back(rows, edge, at=at) if edge else None
    older, newer = (back, onward) if is_newer else (onward, back)
    return Page(rows[::-1] if is_newer else rows, older, newer, is_cut and not is_full)


def _beyond(span: Span, edge: Edge | None) -> Span:
    if edge is None:
        return span
    return span.newer_than(edge.transfer_id) if edge.is_newer else span.older_than(edge.transfer_id)


def _lines(asked: Wanted, span: Span, *, size: int, newest_first: bool) -> list[Line]:
    if asked.order_ids is None:
        says_now = asked.is_all and newest_first and span.end == statements.END
        return statements.lines(
            asked.party, span, size=size, newest_first=newest_first, says_now=says_now
        )
    return statements.lines_of_orders(
        asked.party, list(asked.order_ids), span, size=size, newest_first=newest_first
    )


def _held_beyond(asked: Wanted, edge: Edge | None, found: list[Line]) -> int:
    """What was held (fen) where the page begins: carried along, told by the escrows for the newest
    lines, or summed from the last totals.
    """
    if edge is not None and edge.held_fen is not None:
        return edge.held_fen
    if edge is not None:
        end = edge.transfer_id + 1 if edge.is_newer else edge.transfer_id
        return statements.held_before(asked.party, min(end, asked.span.end))
    if asked.span.end != statements.END:
        return statements.held_before(asked.party, asked.span.end)
    return found[0].held_now if found else 0


def _rows(lines: list[Line], held_fen: int | None, *, is_newer: bool) -> list[Row]:
    """The lines as they come, each with its order and with what was held (fen) after it."""
    found = _named(tuple({line.order_id for line in lines}))
    named = {order_id: Named(order_id, *told) for order_id, *told in found}
    rows = []
    for line in lines:
        change = statements.change_fen(line)
        after = held_fen + change if held_fen is not None and is_newer else held_fen
        rows.append(Row(line, named[line.order_id], after, change))
        if held_fen is not None:
            held_fen += change if is_newer else -change
    return rows


@prepared
def _named(order_ids: tuple[int, ...]) -> QuerySet[Order, Any]:
    orders = Order.objects.filter(pk__in=order_ids).order_by()
    return orders.values_list("pk", "task_id", "task__theme", "creator__nickname")


def _on(rows: list[Row], stopped: Line | None, *, is_newer: bool, at: datetime) -> Edge | None:
    """The edge beyond the last line shown, or where the search for a kind stopped."""
    if stopped is not None:
        return Edge(stopped.id, is_newer)
    return _edge(rows[-1], is_newer=is_newer, at=at) if rows else None


def _back(rows: list[Row], edge: Edge, *, at: datetime) -> Edge:
    """The edge of the page that one came from, in the other direction."""
    if rows:
        return _edge(rows[0], is_newer=not edge.is_newer, at=at)
    return Edge(edge.transfer_id + (1 if edge.is_newer else -1), not edge.is_newer)


def _edge(row: Row, *, is_newer: bool, at: datetime) -> Edge:
    held_fen = row.held_fen
    if held_fen is not None:
        held_fen -= 0 if is_newer else row.change_fen
    return Edge(row.line.id, is_newer, held_fen if row.line.at < at - FRESH else None)


def sums(asked: Wanted) -> Sums | None:
    """What came in and went out on the lines asked for; None when they are too many to sum."""
    if asked.order_ids is None:
        return statements.sums(asked.party, asked.span, codes=asked.kinds, most=MOST_SUMMED)
    found = _lines(asked, asked.span, size=MOST_SUMMED + 1, newest_first=True)
    if len(found) > MOST_SUMMED:
        return None
    return statements.sums_of([t for t in found if not asked.kinds or t.code in asked.kinds])


def sums_of(whole: Page) -> Sums:
    """The same when one page shows all lines asked for."""
    return statements.sums_of([row.line for row in whole.rows])


def batches(asked: Wanted, *, size: int) -> Iterator[list[Row]]:
    """All lines asked for, oldest first, as an export writes them: memory stays flat."""
    held_fen = statements.held_before(asked.party, asked.span.first) if asked.is_all else None
    span = asked.span
    while found := _lines(asked, span, size=size, newest_first=False):
        fitting = [line for line in found if not asked.kinds or line.code in asked.kinds]
        rows = _rows(fitting, held_fen, is_newer=True)
        held_fen = rows[-1].held_fen if rows else held_fen
        span = span.newer_than(found[-1].id)
        yield rows


def how_many(asked: Wanted) -> int:
    """How many lines an export will look at."""
    if asked.order_ids is None:
        return statements.count(asked.party, asked.span)
    return len(_lines(asked, asked.span, size=MOST_ORDERS * 20, newest_first=True))


# Where a merchant's money lies


class Place(TextChoices):
    """Why money is held: V54 keeps the first two apart."""

    FROZEN = "frozen", gettext_lazy("Frozen")
    ESCROW = "escrow", gettext_lazy("In escrow")
    BACK = "back", gettext_lazy("On its way back")


IN_ESCROW = (State.ACCEPTED, State.DELIVERED, State.DISPUTED)


@dataclass(frozen=True, slots=True)
class Holding:
    """How much (fen) is held in a place, for how many orders."""

    fen: int
    orders: int


def holdings(merchant_id: int) -> dict[Place, Holding]:
    """What is held for a merchant, by place (V54); their sum is the balance of his statement."""
    held = {place: Holding(0, 0) for place in Place}
    for state, fen, orders in _held_by_state(merchant_id):
        place = place_of(state)
        held[place] = Holding(held[place].fen + int(fen), held[place].orders + orders)
    return held


@prepared
def _held_by_state(merchant_id: int) -> QuerySet[Escrow, Any]:
    state = Order.objects.filter(pk=OuterRef("order_id")).order_by().values("state")
    return (
        Escrow.objects.filter(OPEN_FOR_MERCHANT, merchant_id=merchant_id)
        .values(state=Subquery(state))
        .annotate(fen=Sum(statements.SUM_OF_PLACES), orders=Count("order_id"))
        .values_list("state", "fen", "orders")
    )


def place_of(state: str) -> Place:
    """Why the money of an open escrow is held, by the state of its order."""
    if state == State.PAID:
        return Place.FROZEN
    return Place.ESCROW if state in IN_ESCROW else Place.BACK


def orders_held(merchant_id: int, place: Place) -> QuerySet[Order]:
    """The orders whose money makes up a holding, newest first, each with its `held_fen`."""
    open_ones = Escrow.objects.filter(OPEN_FOR_MERCHANT, merchant_id=merchant_id)
    held = open_ones.filter(order_id=OuterRef("pk")).values(sum=statements.SUM_OF_PLACES)
    orders = Order.objects.filter(_lies(place), merchant_id=merchant_id)
    return (
        orders.filter(pk__in=open_ones.values("order_id"))
        .annotate(held_fen=Subquery(held))
        .select_related("task", "creator")
        .order_by("-id")
    )


def _lies(place: Place) -> Q:
    """Orders whose money lies there, as `place_of` says it."""
    return Q(state__in=[state.value for state in State if place_of(state) == place])
