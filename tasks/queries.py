"""Every read of tasks and orders that a page, the admin or a job needs. Each is scoped to its
viewer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    Count,
    F,
    Max,
    OrderBy,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from core.kept import prepared
from settlement import pockets
from settlement.models import Escrow, Operation, OperationOrder, Transfer
from tasks.models import Attachment, Delivery, Order, OrderEvent, Side, Task
from tasks.states import (
    EVER_PAID,
    ORDER_TABS,
    PAYOUT_BLOCKED,
    RETURN_BLOCKED,
    Reason,
    State,
    Tab,
)
from tasks.tabs import CHANNEL_NAMES, kept_tasks

if TYPE_CHECKING:
    from tasks.workflow.decision import Actor


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


@prepared
def own_task(merchant_id: int, task_id: int) -> QuerySet[Task]:
    """The task of this number, if it is this merchant's and he has not deleted it."""
    return kept_tasks(merchant_id).filter(pk=task_id).select_related("channel")


# What the next step of an order follows from.
FACTS = (
    "state",
    "price_fen",
    "net_fen",
    "offer_fen",
    "offer_by",
    "start_at",
    "due_at",
    "confirm_by",
    "secured_at",
    "held_at",
    "invoice_wanted_at",
    "invoiced_at",
    "trouble",
)
# What a row of orders shows besides. Of wide rows the most costly part is to make objects of all
# their columns, and to decrypt what is private.
ORDER_ROW = (
    *FACTS,
    "closed_at",
    "reason",
    "task__theme",
    "creator__nickname",
    "merchant__company_name",
)
STEP = ("order_id", "at", "verb", "role", "note")
NEWEST = ("-id",)
ORDER_SORTS: "dict[str, tuple[str | OrderBy, ...]]" = {
    "start": ("start_at", "id"),
    "due": ("due_at", "id"),
    "amount": ("-price_fen", "-id"),
}


def found_orders(orders: QuerySet[Order], search: str) -> QuerySet[Order]:
    """Those whose theme or merchant has these words in it."""
    if not search:
        return orders
    named = Q(task__theme__icontains=search) | Q(merchant__company_name__icontains=search)
    return orders.filter(named)


def order_rows(orders: QuerySet[Order], tab: Tab, *, sort: str = "") -> QuerySet[Order]:
    """One tab of an order list, with what a row shows; `sort` is one of ORDER_SORTS."""
    return (
        orders.filter(state__in=ORDER_TABS[tab])
        .select_related("task__channel", "creator", "merchant")
        .only(*ORDER_ROW, "task__content_format", *(f"task__{name}" for name in CHANNEL_NAMES))
        .order_by(*ORDER_SORTS.get(sort, NEWEST))
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
    """Told by an index alone: what was ever paid keeps its task from being deleted (V15)."""
    return next((Published(*found) for found in _published(merchant_id)), Published(0, 0))


@prepared
def _published(merchant_id: int) -> QuerySet[Order, Any]:
    paid = Order.objects.filter(merchant_id=merchant_id, state__in=EVER_PAID).order_by()
    counted = paid.values("merchant_id").annotate(
        tasks=Count("task_id", distinct=True), orders=Count("*")
    )
    return counted.values_list("tasks", "orders")


@dataclass(frozen=True, slots=True)
class MerchantMoney:
    """In fen. V54: `frozen` is paid and not yet accepted; it excludes escrow."""

    frozen: int
    escrow: int


def merchant_money(merchant_id: int) -> MerchantMoney:
    [(frozen, escrow)] = _held_for(merchant_id) or [(0, 0)]
    return MerchantMoney(int(frozen or 0), int(escrow or 0))


@prepared
def _held_for(merchant_id: int) -> QuerySet[Order, Any]:
    held = Order.objects.filter(
        merchant_id=merchant_id,
        state__in=[State.PAID, State.ACCEPTED, State.DELIVERED, State.DISPUTED],
    )
    summed = (
        held.order_by()
        .values("merchant_id")
        .annotate(
            frozen=Sum("price_fen", filter=Q(state=State.PAID)),
            escrow=Sum("price_fen", filter=~Q(state=State.PAID)),
        )
    )
    return summed.values_list("frozen", "escrow")


@prepared
def tasks_to_pay(merchant_id: int, *, most: int) -> QuerySet[Task, Any]:
    """Tasks with unpaid orders, the soonest start first, each with how many there are, their sum
    (fen), and how many have a price offer that the merchant (`offers`) or the creator (`asked`) has
    to answer.
    """
    unpaid = Task.objects.filter(
        merchant_id=merchant_id, deleted_at=None, orders__state=State.UNPAID
    )
    return (
        unpaid.values("pk", "theme", "start_at")
        .annotate(
            unpaid_orders=Count("orders"),
            unpaid_fen=Sum("orders__price_fen"),
            offers=Count("orders", filter=Q(orders__offer_by=Side.CREATOR)),
            asked=Count("orders", filter=Q(orders__offer_by=Side.MERCHANT)),
            trouble=Max("orders__trouble"),
        )
        .order_by("start_at", "id")
        .values_list(*TO_PAY, named=True)[:most]
    )


TO_PAY = (
    "pk",
    "theme",
    "start_at",
    "unpaid_orders",
    "unpaid_fen",
    "offers",
    "asked",
    "trouble",
)


def need_rows(orders: QuerySet[Order]) -> QuerySet[Order, Any]:
    """Plain facts under the names of an order's, as a row of "needs you now" shows them."""
    return orders.annotate(**NAMES).values_list("pk", *NEED_ROW, *NAMES, named=True)


NAMES = {
    "theme": F("task__theme"),
    "creator_name": F("creator__nickname"),
    "merchant_name": F("merchant__company_name"),
}
NEED_ROW = ("task_id", *FACTS)


def needs_merchant(merchant_id: int) -> QuerySet[Order]:
    """What waits for the merchant besides payment, the most urgent first: money that is stuck, to
    verify by the soonest clock, then disputes, then reviews.
    """
    rank = Case(
        When(trouble=RETURN_BLOCKED, then=Value(0)),
        When(state=State.DELIVERED, then=Value(1)),
        When(state=State.DISPUTED, then=Value(2)),
        default=Value(3),
    )
    return (
        orders_of_merchant(merchant_id)
        .filter(
            Q(state__in=[State.DELIVERED, State.CONFIRMED, State.DISPUTED])
            | Q(trouble=RETURN_BLOCKED)
        )
        .order_by(rank, F("confirm_by").asc(nulls_last=True), "-id")
    )


def needs_creator(creator_id: int) -> QuerySet[Order]:
    """What waits for the creator, the most urgent first: a payout that failed, then by their times
    what is to be accepted, to be delivered, and price offers to answer, then invoices.
    """
    rank = Case(
        When(trouble=PAYOUT_BLOCKED, then=Value(0)),
        When(state__in=[State.PAID, State.UNPAID, State.ACCEPTED], then=Value(1)),
        default=Value(2),
    )
    by_when = Case(When(state=State.ACCEPTED, then=F("due_at")), default=F("start_at"))
    return (
        orders_of_creator(creator_id)
        .filter(
            Q(state__in=[State.PAID, State.ACCEPTED])
            | Q(state=State.UNPAID, offer_by=Side.MERCHANT)
            | Q(trouble=PAYOUT_BLOCKED)
            | Q(invoice_wanted_at__isnull=False, invoiced_at=None)
        )
        .order_by(rank, by_when, "id")
    )


def being_verified(creator_id: int) -> QuerySet[Order]:
    """Delivered and not yet answered, or in dispute; what confirms itself first comes first."""
    return (
        orders_of_creator(creator_id)
        .filter(state__in=[State.DELIVERED, State.DISPUTED])
        .order_by(F("confirm_by").asc(nulls_last=True), "-id")
    )


@dataclass(frozen=True, slots=True)
class TaskMoney:
    """Where the money of a task's orders is now, in fen. `released` is what left escrow at the
    confirmation, fee and tax with it; `returned` is back with the merchant or on its way.
    """

    frozen: int
    escrow: int
    released: int
    returned: int


RELEASED = (pockets.PAYABLE, pockets.IN_TRANSIT, pockets.PAID, pockets.FEE, pockets.TAX)


def task_money(task_id: int) -> TaskMoney:
    """From the escrows themselves, in one query."""
    [found] = _pockets_of_task(task_id)
    fen = {name: int(part or 0) for name, part in zip(pockets.POCKETS, found, strict=True)}
    return TaskMoney(
        frozen=fen[pockets.FROZEN],
        escrow=fen[pockets.HELD],
        released=sum(fen[pocket] for pocket in RELEASED),
        returned=fen[pockets.REFUND_IN_TRANSIT] + fen[pockets.RETURNED],
    )


_pockets_of_task = prepared(
    lambda task_id: (
        Escrow.objects.filter(
            order_id__in=Order.objects.filter(task=task_id).order_by().values("pk")
        )
        .values(whose=Value("task"))
        .annotate(**{f"{name}_fen": Sum(name) for name in pockets.POCKETS})
        .values_list(*(f"{name}_fen" for name in pockets.POCKETS))
    )
)


@prepared
def task_orders(task_id: int) -> QuerySet[Order, Any]:
    """The orders that a task's page shows, as plain facts under the names of an order's; those
    taken back before payment are left out.
    """
    return (
        Order.objects.filter(task=task_id)
        .exclude(state=State.VOID, paid_at=None, reason=Reason.WITHDRAWN)
        .annotate(**NAMES, avatar=F("creator__avatar"))
        .values_list("pk", *NEED_ROW, *NAMES, *ON_A_TASK, named=True)
        .order_by("id")
    )


ON_A_TASK = ("creator_id", "avatar", "paid_at", "delivered_at", "reason")


@prepared
def task_events(task_id: int) -> QuerySet[OrderEvent, Any]:
    """What happened to the orders of a task, in the order in which it did."""
    events = OrderEvent.objects.filter(order__task=task_id).order_by("id")
    return events.values_list("pk", *STEP, named=True)


@prepared
def attachments_of(task_id: int) -> QuerySet[Attachment]:
    return Attachment.objects.filter(task=task_id).order_by("id")


def order_page(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With everything that an order's page shows."""
    return orders.select_related(
        "task__channel",
        "merchant",
        "creator__main_domain",
        "review",
        "dispute",
        "ruling",
        "invoice_request",
        "invoice",
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


def was_payment_started(task: Task) -> bool:
    """Whether a freeze was ever asked for one of the task's unpaid orders."""
    unpaid = task.orders.filter(state=State.UNPAID).values("pk")
    return OperationOrder.objects.filter(order_id__in=unpaid, operation__kind="FREEZE").exists()


def can_be_changed(task: Task) -> bool:
    """V15: until one of its orders has been paid."""
    return not task.orders.exclude(state__in=[State.UNPAID, State.VOID]).exists()


def held() -> QuerySet[Order]:
    """Confirmations that stand still because a reminder came back (N4)."""
    return Order.objects.filter(held_at__isnull=False)


def without_reminder(at: datetime) -> QuerySet[Order]:
    """Confirmations that wait only for the mail server to take the last reminder (N4)."""
    # What has a reminder due, and what has none any more: each is found in an index of its own.
    return Order.objects.filter(
        Q(remind_at=None) | Q(remind_at__lte=at),
        state=State.DELIVERED,
        confirm_by__lte=at,
        reminded_at=None,
        held_at=None,
    )


def due_count(at: datetime) -> dict[str, int]:
    """How much the clock still has to do: for the metrics."""
    rows: Iterable[tuple[str, Q]] = (
        ("void", Q(state=State.UNPAID, start_at__lte=at)),
        ("lapse", Q(state=State.PAID, start_at__lte=at)),
        ("overdue", Q(state=State.ACCEPTED, due_at__lte=at)),
        ("remind", Q(state=State.DELIVERED, remind_at__lte=at)),
        ("confirm", Q(state=State.DELIVERED, confirm_by__lte=at, reminded_at__isnull=False)),
    )
    return {name: Order.objects.filter(due).count() for name, due in rows}
