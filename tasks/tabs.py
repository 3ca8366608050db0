"""A merchant's tasks by tab: which task stands where, how many there are, and what a row shows.

The rule is that of `states.tab_of`: a task stands in the first tab of ORDER_TABS that one of its
orders is in. Open orders are few however long a history is, and finished ones stand in an index in
the order of their tasks; so tasks are found from their orders, and nothing is looked at that lies
beyond the page or beyond what is counted.
"""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    IntegerField,
    Max,
    Min,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)

from core.counting import MOST_COUNTED, Found
from core.kept import kept, prepared
from merchants.models import Merchant
from tasks.models import Order, Task
from tasks.states import ORDER_TABS, State, Tab


def kept_tasks(merchant_id: int) -> QuerySet[Task]:
    return Task.objects.filter(merchant_id=merchant_id, deleted_at=None)


def drafts(merchant_id: int) -> QuerySet[Task]:
    """Newest first."""
    return kept_tasks(merchant_id).filter(sent_at=None).order_by("-id")


def tab_of_a_task(merchant_id: int) -> Case:
    """As the states of its orders give it."""
    # The merchant is named again, for the index that begins with it.
    orders = Order.objects.filter(task=OuterRef("pk"), merchant_id=merchant_id)
    return Case(
        When(sent_at=None, then=Value(Tab.DRAFT.value)),
        *(
            When(Exists(orders.filter(state__in=states)), then=Value(tab.value))
            for tab, states in ORDER_TABS.items()
            if tab != Tab.CLOSED
        ),
        default=Value(Tab.CLOSED.value),
        output_field=CharField(),
    )


# The tasks of one tab, by number


def ids_in_tab(merchant_id: int, tab: Tab) -> QuerySet[Any, Any]:
    """The numbers of the tasks in one tab, newest first."""
    if tab == Tab.DRAFT:
        return drafts(merchant_id).values_list("pk", flat=True)
    found = _with_orders_in(merchant_id, tab)
    if tab == Tab.OPEN:
        # Sorted when all are there: the planner would look for the newest among everybody's tasks.
        grouped = found.values("task_id").annotate(newest=Max("task_id"))
        return grouped.order_by("-newest").values_list("task_id", flat=True)
    if tab == Tab.CLOSED:
        found = found.filter(task__sent_at__isnull=False, task__deleted_at=None)
        found = found.exclude(Exists(_reviewed(merchant_id, "task_id")))
    return _newest(found)


def _with_orders_in(merchant_id: int, tab: Tab) -> QuerySet[Order]:
    """The orders that are in this tab themselves and whose tasks have none that is still open in an
    earlier one. Of those the merchant has few, so they are looked up once for all.
    """
    orders = Order.objects.filter(merchant_id=merchant_id).order_by()
    found = orders.filter(state__in=ORDER_TABS[tab])
    earlier = [
        state
        for other in (Tab.UNPAID, Tab.OPEN)
        if _comes_before(other, tab)
        for state in ORDER_TABS[other]
    ]
    if not earlier:
        return found
    return found.exclude(task_id__in=orders.filter(state__in=earlier).values("task_id"))


def _comes_before(other: Tab, tab: Tab) -> bool:
    return list(ORDER_TABS).index(other) < list(ORDER_TABS).index(tab)


def _reviewed(merchant_id: int, task: str) -> QuerySet[Order]:
    """Many: they are asked for task by task."""
    states = ORDER_TABS[Tab.COMPLETED]
    return Order.objects.filter(merchant_id=merchant_id, state__in=states, task_id=OuterRef(task))


def _newest(orders: QuerySet[Order]) -> QuerySet[Any, Any]:
    return orders.order_by("-task_id").values_list("task_id", flat=True).distinct()


# How many


class Rows(Subquery):
    """How many rows a query has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def task_counts(
    merchant_id: int, *, search: str = "", most: int = MOST_COUNTED
) -> dict[Tab, Found]:
    """How many tasks each tab has, in one query. Without a search they are counted up to `most`."""
    if search:
        tasks = kept_tasks(merchant_id).filter(theme__icontains=search).order_by()
        by_tab = tasks.annotate(tab=tab_of_a_task(merchant_id)).values_list("tab")
        found = dict(by_tab.annotate(Count("pk")))
        return {tab: Found(found.get(tab.value, 0)) for tab in Tab}
    [(*numbers, candidates)] = _counted(merchant_id, most=most)
    counts = {tab: Found.within(number, most) for tab, number in zip(Tab, numbers, strict=True)}
    if candidates > most:
        counts[Tab.CLOSED] = Found(counts[Tab.CLOSED].number, has_more=True)
    return counts


@prepared
def _counted(merchant_id: int, *, most: int) -> QuerySet[Any, Any]:
    """One row: a number for each tab, and of how many tasks that of the closed ones is a part.

    A task with an order that was closed has others that were reviewed, most of the time. So that
    not all of them have to be looked at for the few without, only the newest are.
    """
    candidates = _newest(_with_orders_in(merchant_id, Tab.CLOSED))[: most + 1]
    sent = kept_tasks(merchant_id).filter(pk__in=candidates, sent_at__isnull=False).order_by()
    closed = sent.exclude(Exists(_reviewed(merchant_id, "pk"))).values("pk")
    others = [tab for tab in Tab if tab != Tab.CLOSED]
    counted = [ids_in_tab(merchant_id, tab)[: most + 1] for tab in others]
    return Merchant.objects.filter(pk=merchant_id).values_list(
        *(Rows(found) for found in (*counted, closed, candidates))
    )


# The rows of a page


CHANNEL_NAMES = ("channel__name_en", "channel__name_zh")
TASK_ROW = ("theme", "content_format", "sent_at", "start_at", *CHANNEL_NAMES)
TASK_SORTS: "dict[str, tuple[str | OrderBy, ...]]" = {
    "start": ("start_at", "id"),
    "due": ("due_at", "id"),
    "amount": (F("total_fen").desc(nulls_last=True), "-id"),
}
NEWEST = ("-id",)


def task_ids(merchant_id: int, tab: Tab, *, search: str = "", sort: str = "") -> QuerySet[Any, Any]:
    """The numbers of a list's tasks in its order.

    `search` is looked for in the theme; `sort` is one of TASK_SORTS, newest first without it.
    """
    found = ids_in_tab(merchant_id, tab)
    if not (search or sort):
        return found
    tasks = _sorted(kept_tasks(merchant_id).filter(pk__in=found), sort)
    if search:
        tasks = tasks.filter(theme__icontains=search)
    return tasks.values_list("pk", flat=True)


def _sorted(tasks: QuerySet[Task], sort: str) -> QuerySet[Task]:
    if sort == "amount":
        orders = Order.objects.filter(task=OuterRef("pk")).exclude(state=State.VOID).order_by()
        total = orders.values("task").annotate(fen=Sum("price_fen")).values("fen")
        tasks = tasks.annotate(total_fen=Subquery(total))
    return tasks.order_by(*TASK_SORTS.get(sort, NEWEST))


def task_rows(ids: QuerySet[Any, Any], *, sort: str = "") -> QuerySet[Any, Any]:
    """What a list shows of these tasks, as plain facts: for each task one row for all of its orders
    that are alike to a clock, with their number, their sum and their first times. Orders that never
    took effect do not count; a task without orders has one row with a number of 0.
    """
    counting = FilteredRelation("orders", condition=~Q(orders__state=State.VOID))
    tasks = _sorted(Task.objects.filter(pk__in=ids), sort).annotate(shown=counting)
    grouped = tasks.values("pk", *TASK_ROW, **ALIKE).annotate(**TOGETHER)
    in_order = grouped.order_by(*tasks.query.order_by, "first_id")
    return in_order.values_list("pk", *TASK_ROW, "state", "trouble", *TOGETHER, named=True)


def first_task_rows(merchant_id: int, *, tab: Tab, size: int, sort: str = "") -> list[Any]:
    """The same for the first page of a tab, which is what people open."""
    asked = _first_sorted if sort else _first
    return asked(merchant_id, tab=tab, size=size, sort=sort)


def _first_rows(merchant_id: int, *, tab: Tab, size: int, sort: str) -> QuerySet[Any, Any]:
    return task_rows(task_ids(merchant_id, tab, sort=sort)[:size], sort=sort)


# The newest are found in the same way whoever asks; how a whole tab is best sorted depends on it.
_first = prepared(_first_rows)
_first_sorted = kept(_first_rows)


def _is_set(column: str) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(Q(**{f"shown__{column}__isnull": False}), BooleanField())


# What the next step of an order depends on, and what is told of those in which it is the same.
ALIKE = {
    "state": F("shown__state"),
    "trouble": F("shown__trouble"),
    "is_held": _is_set("held_at"),
    "is_secured": _is_set("secured_at"),
}
TOGETHER = {
    "number": Count("shown"),
    "price_fen": Sum("shown__price_fen"),
    "first_id": Min("shown__id"),
    "first_start_at": Min("shown__start_at"),
    "first_due_at": Min("shown__due_at"),
    "confirm_by": Min("shown__confirm_by"),
    "held_at": Min("shown__held_at"),
    "secured_at": Min("shown__secured_at"),
}
