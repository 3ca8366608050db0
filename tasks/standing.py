"""How a creator stands: his record, his money, and what he earned by month, all from one look at
his orders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from core.kept import prepared
from settlement.models import Escrow
from tasks import queries, reputation
from tasks.earnings import RELEASED
from tasks.models import Order
from tasks.reputation import Record
from tasks.statement import IN_ESCROW, ON_ITS_WAY, months_until


@dataclass(frozen=True, slots=True)
class Money:
    """In fen, net: what has arrived, what is on its way, and what lies in escrow for work in
    progress.
    """

    paid: int
    on_its_way: int
    in_escrow: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`earned` is the net (fen) by month of the confirmation, months of the current time zone."""

    record: Record
    money: Money
    earned: Mapping[date, int]

    def earned_per_month(self, *, until: datetime, months: int = 12) -> list[tuple[date, int]]:
        """Oldest first, every month present; the last one is that of `until`."""
        return [(month, self.earned.get(month, 0)) for month in months_until(until, months)]


def standing(creator_id: int) -> Standing:
    """One query."""
    months = _by_month(creator_id, zone=timezone.get_current_timezone())
    sums = {name: sum(month[name] or 0 for month in months) for name in SUMS}
    return Standing(
        record=reputation.record_of(sums),
        money=Money(*(int(sums[name]) for name in MONEY)),
        earned={
            timezone.localtime(month["confirmed"]).date(): int(_net(month))
            for month in months
            if month["confirmed"]
        },
    )


def _net(month: Mapping[str, Any]) -> int:
    return (month["paid"] or 0) + (month["on_its_way"] or 0)


def _of_escrow(part: Any) -> Sum:
    escrow = Escrow.objects.filter(order_id=OuterRef("pk"))
    return Sum(Subquery(escrow.values(part=part)), filter=Q(state__in=RELEASED))


MONEY: dict[str, Sum] = {
    "paid": _of_escrow(F("paid")),
    "on_its_way": _of_escrow(ON_ITS_WAY),
    "in_escrow": Sum("net_fen", filter=Q(state__in=IN_ESCROW)),
}
SUMS = {**reputation.COUNTED, **reputation.RATED, **MONEY}


@prepared
def _by_month(creator_id: int, *, zone: tzinfo) -> QuerySet[Order, Any]:
    """The sums of each month in which an order was confirmed, and of those that were not yet."""
    orders = queries.orders_of_creator(creator_id).order_by()
    return orders.values(confirmed=TruncMonth("confirmed_at", tzinfo=zone)).annotate(**SUMS)
