"""What was counted on the links of orders (V60), and what creators reported themselves. The two are
never added together.

Every delivered link and every product link of an order has a short link, whose code is derived
from its numbers (`reads.codes`): nothing is stored for it, and old deliveries have theirs too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from core.kept import prepared
from reads import codes
from reads import queries as counted
from reads.counting import Link
from reads.days import day_of, days
from reads.models import ReadDay
from reads.queries import Day, Reads
from tasks.models import Attachment, Delivery, Order, ReportedFigures

CONTENT, PRODUCT = "d", "p"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a short link leads, and the users whose own clicks do not count."""

    link: Link
    url: str
    own: frozenset[int]


def short_link(delivery: Delivery) -> str:
    """The address that leads to the delivered content and counts its reads."""
    return _address(codes.encode(CONTENT, delivery.pk))


def product_links(order: Order) -> list[tuple[Attachment, str]]:
    """The product links of the brief, each with this order's own address for it."""
    links = [a for a in order.task.attachments.all() if a.kind == Attachment.Kind.LINK]
    return [(link, _address(codes.encode(PRODUCT, order.pk, link.pk))) for link in links]


def _address(code: str) -> str:
    return f"{settings.SITE_URL}{reverse('tasks:follow', args=[code])}"


def target_of(code: str) -> Target | None:
    """Where a code leads, or None when it is none of ours or its link is gone. One query."""
    try:
        kind, numbers = codes.decode(code)
    except codes.BadCode:
        return None
    if kind == CONTENT and len(numbers) == 1:
        return _content(*numbers)
    return _product(*numbers) if kind == PRODUCT and len(numbers) == 2 else None


def _content(delivery_id: int) -> Target | None:
    found = (
        Delivery.objects.filter(pk=delivery_id)
        .values_list("order_id", "url", "order__merchant__user_id", "order__creator__user_id")
        .first()
    )
    if found is None:
        return None
    order_id, url, *own = found
    return Target(Link(order_id, CONTENT, delivery_id), url, frozenset(own))


def _product(order_id: int, attachment_id: int) -> Target | None:
    orders = Order.objects.filter(
        pk=order_id,
        task__attachments__pk=attachment_id,
        task__attachments__kind=Attachment.Kind.LINK,
    )
    found = orders.values_list(
        "task__attachments__url", "merchant__user_id", "creator__user_id"
    ).first()
    if found is None:
        return None
    url, *own = found
    return Target(Link(order_id, PRODUCT, attachment_id), url, frozenset(own))


def reads_per_day(
    *,
    merchant_id: int | None = None,
    creator_id: int | None = None,
    order_ids: Iterable[int] | None = None,
    since: date,
    until: date,
) -> list[Day]:
    """China day, visits and visitors of the delivered links, for every day from `since` to `until`.

    Both days are included, instants count as their China day, and at most the last 400 days are
    given. One query. Whose orders must be said by at least one of the first three.
    """
    chosen = {"merchant_id": merchant_id, "creator_id": creator_id, "pk__in": order_ids}
    given = {name: value for name, value in chosen.items() if value is not None}
    if not given:
        raise ValueError("whose reads?")
    if order_ids is not None and len(given) == 1:
        owners: counted.Owners = list(order_ids)
    else:
        owners = Order.objects.filter(**given).values("pk").order_by()
    return counted.per_day(owners, CONTENT, since=_day(since), until=_day(until))


def reads_of_task(task_id: int, *, since: date, until: date) -> list[Day]:
    """The same of all orders of a task."""
    span = list(days(_day(since), _day(until)))
    return counted.every_day(span, _of_task(task_id, span[0], span[-1]))


@prepared
def _of_task(task_id: int, since: date, until: date) -> QuerySet[ReadDay, Any]:
    orders = Order.objects.filter(task=task_id).order_by().values("pk")
    return counted.sums_by_day(orders, CONTENT, since, until)


def _day(of: date) -> date:
    return day_of(of) if isinstance(of, datetime) else of


def reads_of(orders: Iterable[Order]) -> dict[int, Reads]:
    """What was counted on the delivered links of each of these orders, by order. One query."""
    ids = [order.pk for order in orders]
    sums = dict.fromkeys(ids, Reads())
    for (owner, kind, _number), reads in counted.of_links(ids).items():
        if kind == CONTENT:
            sums[owner] += reads
    return sums


def reads_by_link(order: Order) -> dict[tuple[str, int], Reads]:
    """What was counted on each link of one order, by kind and number. One query."""
    found = counted.of_links([order.pk])
    return {(kind, number): reads for (_owner, kind, number), reads in found.items()}


def reported(order: Order) -> Sequence[ReportedFigures]:
    """What the creator reported of the channel's own figures, newest first: the first counts."""
    return list(ReportedFigures.objects.filter(order=order).order_by("-id"))
