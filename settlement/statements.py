"""A party's lines in the order of the ledger, and what is held for a merchant at any of them.

Nothing here reads a whole history: lines come by key from the indexes of the parties, the present
sum from the open escrows, a former one from the hourly totals and the lines since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from core.kept import prepared
from settlement.models import OPEN_FOR_MERCHANT, Escrow, Total, Transfer
from settlement.pockets import FROZEN, HELD, OUTSIDE, REFUND_IN_TRANSIT

# Where money lies that is the merchant's and not with him.
PLACES = (FROZEN, HELD, REFUND_IN_TRANSIT)
SUM_OF_PLACES = F(FROZEN) + F(HELD) + F(REFUND_IN_TRANSIT)
END = 2**63 - 1
NOT_BOTH = ~Q(debit_party=F("credit_party"))  # as the partial index says it
# A transfer is written at most this long after its instant was read, and not so long before.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Span:
    """The transfers from `first` up to, and without, `end`."""

    first: int = 0
    end: int = END

    def older_than(self, transfer_id: int) -> "Span":
        return Span(self.first, min(self.end, transfer_id))

    def newer_than(self, transfer_id: int) -> "Span":
        return Span(max(self.first, transfer_id + 1), self.end)


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in and went out (fen) on how many lines."""

    in_fen: int
    out_fen: int
    lines: int


class Line(NamedTuple):
    """What a transfer tells on a statement; `held_now` (fen) only where it was asked for."""

    id: int
    order_id: int
    code: str
    debit: str
    credit: str
    amount_fen: int
    at: datetime
    key: str
    held_now: int = 0


OF_A_TRANSFER = [name for name in Line._fields if name != "held_now"]


def merchant(merchant_id: int) -> str:
    """The party of a merchant."""
    return f"merchant:{merchant_id}"


def change_fen(line: Line | Transfer) -> int:
    """By how much a line changes what is held for its merchant (fen)."""
    came = line.amount_fen if line.credit in PLACES else 0
    went = line.amount_fen if line.debit in PLACES else 0
    return came - went


def lines(
    party: str, span: Span, *, size: int, newest_first: bool = True, says_now: bool = False
) -> list[Line]:
    """At most `size` lines of a party; with `says_now` each with what is held at present: one
    statement, so that the two fit together.
    """
    of = _number(party), span.first, span.end
    found = _lines(*of, size=size, newest_first=newest_first, says_now=says_now)
    return [Line(*row) for row in found]


@prepared
def _lines(
    merchant_id: int, first: int, end: int, *, size: int, newest_first: bool, says_now: bool
) -> QuerySet[Transfer, Any]:
    party, span = merchant(merchant_id), Span(first, end)
    parts = _in_order(party, span, newest_first=newest_first)
    if says_now:
        now = Coalesce(Subquery(_held_now(party)), Value(0), output_field=IntegerField())
        parts = [part.annotate(held_now=now) for part in parts]
    columns = Line._fields if says_now else OF_A_TRANSFER
    came, went = (part.values_list(*columns)[:size] for part in parts)
    return came.union(went, all=True).order_by("-id" if newest_first else "id")[:size]


@prepared
def _beyond(merchant_id: int, first: int, end: int, *, most: int) -> QuerySet[Transfer, Any]:
    came, _went = _in_order(merchant(merchant_id), Span(first, end))
    return came.values_list("id")[most : most + 1]


def _number(party: str) -> int:
    """Of a merchant."""
    return int(party.removeprefix("merchant:"))


def lines_of_orders(
    party: str, order_ids: list[int], span: Span, *, size: int, newest_first: bool = True
) -> list[Line]:
    """The same for some orders only, by the place of each in its chain."""
    found = Transfer.objects.filter(
        Q(credit_party=party) | Q(debit_party=party),
        order_id__in=order_ids,
        id__gte=span.first,
        id__lt=span.end,
    )
    in_order = found.order_by("-id" if newest_first else "id").values_list(*OF_A_TRANSFER)
    return [Line(*row) for row in in_order[:size]]


def sums(party: str, span: Span, *, codes: tuple[str, ...] = (), most: int) -> Sums | None:
    """What came in and went out in a span; None when it has more than `most` lines."""
    if _beyond(_number(party), span.first, span.end, most=most):
        return None  # told by the index alone, without a look at so many lines
    counted = Q(code__in=codes) if codes else Q()
    found = [
        part[: most + 1].aggregate(
            came=Sum("amount_fen", filter=Q(debit=OUTSIDE) & counted),
            went=Sum("amount_fen", filter=_leaves() & counted),
            lines=Count("id"),
            shown=Count("id", filter=counted),
        )
        for part in _in_order(party, span)
    ]
    if sum(part["lines"] for part in found) > most:
        return None
    came, went = (sum(part[name] or 0 for part in found) for name in ("came", "went"))
    return Sums(came, went, sum(part["shown"] for part in found))


def sums_of(found: list[Line]) -> Sums:
    """The same for lines at hand."""
    changes = [change_fen(line) for line in found]
    came = sum(change for change in changes if change > 0)
    return Sums(came, came - sum(changes), len(changes))


def count(party: str, span: Span) -> int:
    """How many lines a span has: for jobs, which may take their time."""
    return sum(part.count() for part in _parts(party, span))


def span_between(party: str, since: datetime | None, until: datetime | None) -> Span:
    """The party's lines from `since` up to, and without, `until`. Two spans that meet have no line
    in common and none between them.
    """
    first = _first_at(party, since) if since else 0
    end = _first_at(party, until) if until else END
    return Span(first, max(first, end))


def held_before(party: str, end: int) -> int:
    """What was held (fen) when all lines below `end` had been written: the newest totals before it
    and the lines since, which are those of an hour.
    """
    totals = Total.objects.filter(party=party, through_id__lt=end)
    through = (
        totals.filter(pocket=FROZEN).order_by("-through_id").values_list("through_id", flat=True)
    )
    last = through.first() or 0
    known = totals.filter(through_id=last, pocket__in=PLACES).aggregate(sum=Sum("amount_fen"))[
        "sum"
    ]
    since = _parts(party, Span(last + 1, end))
    return (known or 0) + sum(part.aggregate(sum=Sum(_change()))["sum"] or 0 for part in since)


def held_now(party: str) -> int:
    """What is held for a merchant at present (fen)."""
    return next(iter(_held_now(party)), 0)


def _held_now(party: str) -> QuerySet[Escrow, int]:
    open_ones = Escrow.objects.filter(OPEN_FOR_MERCHANT, merchant_id=_number(party))
    return (
        open_ones.values("merchant_id")
        .annotate(sum=Sum(SUM_OF_PLACES))
        .values_list("sum", flat=True)
        .order_by()
    )


def _parts(party: str, span: Span) -> list[QuerySet[Transfer]]:
    """The party's lines in two parts without a line in common, to be summed or counted."""
    lines = Transfer.objects.filter(id__gte=span.first, id__lt=span.end)
    return [lines.filter(credit_party=party), lines.filter(NOT_BOTH, debit_party=party)]


def _in_order(party: str, span: Span, *, newest_first: bool = True) -> list[QuerySet[Transfer]]:
    """The same parts to be read from one end, until there are enough.

    Compared and sorted as pairs, so that only the index of the pairs gives this order: the one of
    the ids would have to pass over the lines of all others.
    """
    parts = []
    for column in ("credit_party", "debit_party"):
        pair = f"({column}, id) >= (%s, %s) and ({column}, id) < (%s, %s)"  # names of ours
        bounds = (party, span.first, party, span.end)
        within = RawSQL(pair, bounds, BooleanField())  # noqa: S611
        sign = "-" if newest_first else ""
        parts.append(Transfer.objects.filter(within).order_by(f"{sign}{column}", f"{sign}id"))
    return [parts[0], parts[1].filter(NOT_BOTH)]


def _first_at(party: str, at: datetime) -> int:
    """The id of the party's first line at or after an instant, END when there is none yet.

    Ids follow the instants but for the moment that a transaction takes. The hourly totals say
    between which two ids to look.
    """
    totals = Total.objects.filter(party=party, pocket=FROZEN).values_list("through_id", flat=True)
    before = totals.filter(at__lte=at - SLACK).order_by("-through_id").first() or 0
    after = totals.filter(at__gte=at + SLACK).order_by("through_id").first()
    span = Span(before + 1, after + 1 if after else END)
    found = [
        part.filter(at__gte=at).values_list("id", flat=True).first()
        for part in _in_order(party, span, newest_first=False)
    ]
    return min((first for first in found if first is not None), default=span.end)


def _leaves() -> Q:
    return Q(debit__in=PLACES) & ~Q(credit__in=PLACES)


def _change() -> Any:
    came = Case(When(credit__in=PLACES, then=F("amount_fen")), default=Value(0))
    went = Case(When(debit__in=PLACES, then=F("amount_fen")), default=Value(0))
    return came - went
