"""Every read of tasks and orders that a page, the admin or a job needs. Each is scoped to its
viewer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from settlement.models import Escrow, Operation, Transfer
from tasks.models import Attachment, Delivery, Order, OrderEvent, Task
from tasks.states import EVER_PAID, OPEN, ORDER_TABS, State, Tab

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from tasks.workflow.decision import Actor


class TabFacts(TypedDict):
    """What `tasks_of` adds to a task."""

    tab: str


if TYPE_CHECKING:
    TaskWithTab = WithAnnotations[Task, TabFacts]


def orders_of_merchant(merchant_id: int) -> QuerySet[Order]:
    return Order.objects.filter(merchant_id=merchant_id, task__deleted_at=None)


def orders_of_creator(creator_id: int) -> QuerySet[Order]:
    return Order.objects.filter(creator_id=creator_id)


def orders_visible_to(actor: "Actor") -> QuerySet[Order]:
    """The orders that this person may see at all; anything else is answered with 404."""
    if actor.role == "MERCHANT":
        return orders_of_merchant(actor.party)
    if actor.role == "CREATOR":
        return orders_of_creator(actor.party)
    return Order.objects.all() if actor.role == "OPS" else Order.objects.none()


def tasks_of(merchant_id: int) -> "QuerySet[TaskWithTab]":
    """The merchant's tasks, each with its tab (`tab`) as the states of its orders give it."""
    orders = Order.objects.filter(task=OuterRef("pk"))
    return Task.objects.filter(merchant_id=merchant_id, deleted_at=None).annotate(
        tab=Case(
            When(sent_at=None, then=Value(Tab.DRAFT.value)),
            When(Exists(orders.filter(state=State.UNPAID)), then=Value(Tab.UNPAID.value)),
            When(Exists(orders.filter(state__in=OPEN)), then=Value(Tab.OPEN.value)),
            When(Exists(orders.filter(state=State.REVIEWED)), then=Value(Tab.COMPLETED.value)),
            default=Value(Tab.CLOSED.value),
            output_field=CharField(),
        )
    )


def task_rows(merchant_id: int, tab: Tab) -> "QuerySet[TaskWithTab]":
    """One tab of the task list, newest first, with what a row shows; three queries for a page."""
    return (
        tasks_of(merchant_id)
        .filter(tab=tab)
        .select_related("channel")
        .prefetch_related(
            Prefetch("orders", Order.objects.select_related("creator").order_by("id"))
        )
        .annotate(total_fen=Sum("orders__price_fen", filter=~Q(orders__state=State.VOID)))
        .order_by("-id")
    )


def task_counts(merchant_id: int) -> dict[Tab, int]:
    """How many tasks each tab has, in one query; tabs without any are 0."""
    found = dict(tasks_of(merchant_id).values_list("tab").annotate(Count("pk")).order_by())
    return {tab: found.get(tab.value, 0) for tab in Tab}


def order_rows(orders: QuerySet[Order], tab: Tab) -> QuerySet[Order]:
    """One tab of an order list, with what a row shows."""
    return (
        orders.filter(state__in=ORDER_TABS[tab])
        .select_related("task__channel", "creator", "merchant")
        .order_by("-id")
    )


def order_counts(orders: QuerySet[Order]) -> dict[Tab, int]:
    """How many orders each tab has, in one query."""
    states = dict(orders.values_list("state").annotate(Count("pk")).order_by())
    return {
        tab: sum(states.get(state.value, 0) for state in members)
        for tab, members in ORDER_TABS.items()
    }


@dataclass(frozen=True, slots=True)
class Published:
    """V55: everything in progress, completed and closed counts; orders stand beside it."""

    tasks: int
    orders: int


def published(merchant_id: int) -> Published:
    paid = orders_of_merchant(merchant_id).filter(state__in=EVER_PAID)
    counts = paid.aggregate(tasks=Count("task", distinct=True), orders=Count("pk"))
    return Published(counts["tasks"], counts["orders"])


@dataclass(frozen=True, slots=True)
class MerchantMoney:
    """In fen. V54: `frozen` is paid and not yet accepted; it excludes escrow."""

    frozen: int
    escrow: int


def merchant_money(merchant_id: int) -> MerchantMoney:
    open_orders = orders_of_merchant(merchant_id).filter(
        state__in=[State.PAID, State.ACCEPTED, State.DELIVERED, State.DISPUTED]
    )
    sums = open_orders.aggregate(
        frozen=Sum("price_fen", filter=Q(state=State.PAID)),
        escrow=Sum("price_fen", filter=~Q(state=State.PAID)),
    )
    return MerchantMoney(sums["frozen"] or 0, sums["escrow"] or 0)


@dataclass(frozen=True, slots=True)
class CreatorMoney:
    """In fen, net: what has arrived, what is on its way, and what lies in escrow for work in
    progress.
    """

    paid: int
    on_its_way: int
    in_escrow: int


def creator_money(creator_id: int) -> CreatorMoney:
    mine = orders_of_creator(creator_id)
    released = mine.filter(state__in=[State.CONFIRMED, State.REVIEWED])
    sums = Escrow.objects.filter(order_id__in=released.values("pk")).aggregate(
        paid=Sum("paid"), on_its_way=Sum(F("payable") + F("in_transit"))
    )
    working = mine.filter(state__in=[State.ACCEPTED, State.DELIVERED, State.DISPUTED])
    escrow = working.aggregate(sum=Sum("net_fen"))
    return CreatorMoney(sums["paid"] or 0, sums["on_its_way"] or 0, escrow["sum"] or 0)


def needs_merchant(merchant_id: int) -> QuerySet[Order]:
    """What waits for the merchant: to pay, to verify (the soonest first), to review."""
    return (
        orders_of_merchant(merchant_id)
        .filter(state__in=[State.UNPAID, State.DELIVERED, State.CONFIRMED])
        .select_related("task", "creator")
        .order_by(F("confirm_by").asc(nulls_last=True), "start_at", "id")
    )


def needs_creator(creator_id: int) -> QuerySet[Order]:
    """What waits for the creator: to accept before the start, to deliver before the due time."""
    return (
        orders_of_creator(creator_id)
        .filter(state__in=[State.PAID, State.ACCEPTED])
        .select_related("task__channel", "merchant")
        .order_by(Case(When(state=State.PAID, then=F("start_at")), default=F("due_at")).asc(), "id")
    )


def order_page(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With everything that an order's page shows."""
    return orders.select_related(
        "task__channel", "merchant", "creator__main_domain", "review", "dispute", "ruling"
    ).prefetch_related(
        Prefetch("events", OrderEvent.objects.order_by("id")),
        Prefetch("deliveries", Delivery.objects.order_by("-id")),
        Prefetch("task__attachments", Attachment.objects.order_by("id")),
    )


def escrow_of(order_id: int) -> Escrow:
    return Escrow.objects.select_related("open_operation").get(pk=order_id)


def transfers_of(order_id: int) -> list[Transfer]:
    """The order's transfers in the order of their chain."""
    return list(Transfer.objects.filter(order_id=order_id).order_by("seq"))


def payment_of(task: Task) -> Operation | None:
    """The freeze or its cancellation that is under way for a task's unpaid orders, if any."""
    escrows = Escrow.objects.filter(
        order_id__in=task.orders.values("pk"), open_operation__kind__in=["FREEZE", "CANCEL_FREEZE"]
    )
    escrow = escrows.select_related("open_operation").order_by("order_id").first()
    return escrow.open_operation if escrow else None


def can_be_changed(task: Task) -> bool:
    """V15: until one of its orders has been paid."""
    return not task.orders.exclude(state__in=[State.UNPAID, State.VOID]).exists()


def due_count(at: datetime) -> dict[str, int]:
    """How much the clock still has to do: for the metrics."""
    rows: Iterable[tuple[str, Q]] = (
        ("void", Q(state=State.UNPAID, start_at__lte=at)),
        ("lapse", Q(state=State.PAID, start_at__lte=at)),
        ("overdue", Q(state=State.ACCEPTED, due_at__lte=at)),
        ("confirm", Q(state=State.DELIVERED, confirm_by__lte=at)),
    )
    return {name: Order.objects.filter(due).count() for name, due in rows}
