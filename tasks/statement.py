"""Money over time: what a merchant has spent and a creator has earned.

Released money is what has left escrow for the creator's side: net, fee and tax, by the day of the
confirmation. It is read from the escrows, so that a split ruling counts with what it gave.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from creators.models import Domain
from settlement.models import Escrow
from tasks import queries
from tasks.models import Order

NET = F("payable") + F("in_transit") + F("paid")
RELEASED = NET + F("fee") + F("tax")


def earned_per_month(
    creator_id: int, *, until: datetime, months: int = 12
) -> list[tuple[date, int]]:
    """The creator's net (fen) by month of the confirmation, oldest first, every month present.

    Months are those of the current time zone; the last one is that of `until`.
    """
    return _per_month(queries.orders_of_creator(creator_id), NET, until=until, months=months)


def spent_per_month(
    merchant_id: int, *, until: datetime, months: int = 12
) -> list[tuple[date, int]]:
    """What left the merchant for confirmed orders (fen: net, fee and tax), as above."""
    orders = queries.orders_of_merchant(merchant_id)
    return _per_month(orders, RELEASED, until=until, months=months)


def spent_by_domain(merchant_id: int, *, since: datetime) -> list[tuple[Domain, int]]:
    """What left the merchant (fen) for orders confirmed since then, by the creator's main domain,
    the largest first.
    """
    orders = queries.orders_of_merchant(merchant_id).filter(confirmed_at__gte=since)
    rows = (
        _with_money(orders, RELEASED)
        .exclude(creator__main_domain=None)
        .values_list("creator__main_domain")
        .annotate(sum=Sum("money"))
        .order_by("-sum", "creator__main_domain")
    )
    sums = dict(rows)
    domains = Domain.objects.in_bulk(sums)
    return [(domains[domain_id], fen) for domain_id, fen in sums.items() if fen]


def _per_month(
    orders: QuerySet[Order], part: object, *, until: datetime, months: int
) -> list[tuple[date, int]]:
    wanted = months_until(until, months)
    released = orders.filter(confirmed_at__gte=month_begins(wanted[0]), confirmed_at__lte=until)
    rows = (
        _with_money(released, part)
        .annotate(month=TruncMonth("confirmed_at"))
        .values_list("month")
        .annotate(sum=Sum("money"))
        .order_by()
    )
    sums: defaultdict[date, int] = defaultdict(int)
    for month, fen in rows:
        sums[timezone.localtime(month).date()] += fen or 0
    return [(month, sums[month]) for month in wanted]


def _with_money(orders: QuerySet[Order], part: object) -> QuerySet[Order]:
    """Each order with that part (fen) of its escrow as `money`."""
    escrow = Escrow.objects.filter(order_id=OuterRef("pk")).annotate(part=part)
    return orders.annotate(money=Subquery(escrow.values("part")))


def months_until(until: datetime, months: int) -> list[date]:
    """The first days of that many months, oldest first; the last is that of `until`."""
    found = [timezone.localtime(until).date().replace(day=1)]
    while len(found) < months:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def month_begins(month: date) -> datetime:
    """The instant at which a day of the current time zone begins."""
    return datetime.combine(month, datetime.min.time(), timezone.get_current_timezone())
