"""The creator's earnings: each order with its shares (N7), expected, on their way and paid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum, TextChoices
from django.utils.translation import gettext_lazy

from settlement.models import Escrow, Transfer
from settlement.pockets import PAID
from tasks import queries
from tasks.models import Order
from tasks.statement import IN_ESCROW, NET
from tasks.states import State

RELEASED = (State.CONFIRMED, State.REVIEWED)
ON_ITS_WAY = Q(payable__gt=0) | Q(in_transit__gt=0)


class Stage(TextChoices):
    """How far an order's money is on its way to the creator."""

    EXPECTED = "expected", gettext_lazy("Expected")
    ON_ITS_WAY = "on_its_way", gettext_lazy("On its way")
    PAID = "paid", gettext_lazy("Paid out")


@dataclass(frozen=True, slots=True)
class Earning:
    """N7: the shares of an order in fen. `reward_fen` is what they sum to: the price, less what a
    ruling returned to the merchant.
    """

    order: Order
    stage: Stage
    reward_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    returned_fen: int
    paid_out_at: datetime | None

    @property
    def trouble(self) -> str:
        """Why the payout has not arrived yet, as a code; "" when nothing is wrong."""
        return self.order.trouble if self.stage == Stage.ON_ITS_WAY else ""


def earnings(
    creator_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    stage: Stage | None = None,
    search: str = "",
) -> QuerySet[Order]:
    """The creator's orders that earn or will earn something, newest first. A stretch of time is
    that of the confirmation, so it leaves out what is only expected.
    """
    orders = queries.orders_of_creator(creator_id).filter(state__in=[*IN_ESCROW, *RELEASED])
    if since:
        orders = orders.filter(confirmed_at__gte=since)
    if until:
        orders = orders.filter(confirmed_at__lt=until)
    if search:
        orders = orders.filter(_about(search))
    if stage:
        orders = orders.filter(_at_stage(stage))
    return orders.select_related("task", "merchant").order_by("-id")


def _about(search: str) -> Q:
    fits = Q(merchant__company_name__icontains=search) | Q(task__theme__icontains=search)
    if search.isdecimal() and len(search) <= 18:
        fits |= Q(pk=int(search)) | Q(task_id=int(search))
    return fits


def _at_stage(stage: Stage) -> Q:
    if stage == Stage.EXPECTED:
        return Q(state__in=IN_ESCROW)
    going = Escrow.objects.filter(order_id=OuterRef("pk")).filter(ON_ITS_WAY)
    return Q(Exists(going) if stage == Stage.ON_ITS_WAY else ~Exists(going)) & Q(state__in=RELEASED)


def earning_rows(orders: Iterable[Order]) -> list[Earning]:
    """Some orders with their shares, in the order they come; two queries."""
    listed = list(orders)
    ids = [order.pk for order in listed]
    escrows = Escrow.objects.in_bulk(ids)
    arrivals = dict(
        Transfer.objects.filter(order_id__in=ids, credit=PAID)
        .values_list("order_id")
        .annotate(at=Max("at"))
        .order_by()
    )
    return [_earning(order, escrows[order.pk], arrivals.get(order.pk)) for order in listed]


def _earning(order: Order, escrow: Escrow, arrived_at: datetime | None) -> Earning:
    if order.state in IN_ESCROW:
        shares = (order.fee_fen or 0, order.tax_fen or 0, order.net_fen or 0)
        return Earning(order, Stage.EXPECTED, order.price_fen, *shares, 0, None)
    net_fen = escrow.payable + escrow.in_transit + escrow.paid
    returned_fen = escrow.returned + escrow.refund_in_transit
    is_there = not escrow.payable and not escrow.in_transit
    return Earning(
        order=order,
        stage=Stage.PAID if is_there else Stage.ON_ITS_WAY,
        reward_fen=net_fen + escrow.fee + escrow.tax,
        fee_fen=escrow.fee,
        tax_fen=escrow.tax,
        net_fen=net_fen,
        returned_fen=returned_fen,
        paid_out_at=arrived_at if is_there else None,
    )


@dataclass(frozen=True, slots=True)
class EarningSums:
    """The shares (fen) of all orders of a list together."""

    orders: int
    reward_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int


def earning_sums(orders: QuerySet[Order]) -> EarningSums:
    """The sums of the same list, whatever page is shown; what is expected counts with its terms."""
    expected = orders.filter(state__in=IN_ESCROW).aggregate(
        n=Count("pk"), fee=Sum("fee_fen"), tax=Sum("tax_fen"), net=Sum("net_fen")
    )
    released = orders.filter(state__in=RELEASED)
    escrows = Escrow.objects.filter(order_id__in=released.order_by().values("pk"))
    earned = escrows.aggregate(n=Count("pk"), fee=Sum("fee"), tax=Sum("tax"), net=Sum(NET))
    both = {name: (expected[name] or 0) + (earned[name] or 0) for name in expected}
    reward_fen = both["fee"] + both["tax"] + both["net"]
    return EarningSums(both["n"], reward_fen, both["fee"], both["tax"], both["net"])


def earning_batches(orders: QuerySet[Order], *, size: int) -> Iterator[list[Earning]]:
    """All of a list, oldest first, as an export writes them."""
    last = 0
    while found := list(orders.filter(pk__gt=last).order_by("pk")[:size]):
        yield earning_rows(found)
        last = found[-1].pk
