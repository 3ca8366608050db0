"""The platform's own figures, for everybody to see, from the records alone. They are counted over
the newest orders, so that they cost the same however many there will be.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Aggregate, Count, DurationField, F, Q, Sum

from settlement.models import Escrow
from tasks.models import Order
from tasks.states import State

NEWEST = 20_000
# Below these a share or a median would be an accident.
ENOUGH = 20

ENDED = (State.CONFIRMED, State.REVIEWED, State.OVERDUE, State.REFUNDED)


class Median(Aggregate):
    """The middle value; PostgreSQL counts no nulls."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True, slots=True)
class Board:
    """Of the newest `orders`: what was completed and paid to creators (fen), how long creators take
    to accept, and which share (whole percent) was delivered in time and ended with the creator
    being paid. None where there is too little to say.
    """

    orders: int
    completed: int
    paid_out_fen: int
    accepted_within: timedelta | None
    on_time_percent: int | None
    paid_percent: int | None

    @property
    def is_all(self) -> bool:
        """Every order there is was counted."""
        return self.orders < NEWEST

    @property
    def is_empty(self) -> bool:
        return self.completed == 0


def figures() -> Board:
    """Three queries, over at most NEWEST orders each."""
    last_left_out = _before_the_newest()
    newest = Order.objects.filter(pk__gt=last_left_out)
    counted = newest.aggregate(
        orders=Count("pk"),
        completed=Count("pk", filter=Q(state__in=[State.CONFIRMED, State.REVIEWED])),
        accepted=Count("pk", filter=Q(accepted_at__isnull=False)),
        accepted_within=Median(
            F("accepted_at") - F("paid_at"), output_field=DurationField(), default=None
        ),
        on_time=Count("pk", filter=Q(delivered_at__isnull=False)),
        late=Count("pk", filter=Q(state=State.OVERDUE)),
        ended=Count("pk", filter=Q(state__in=ENDED)),
    )
    paid = Escrow.objects.filter(order_id__gt=last_left_out).aggregate(fen=Sum("paid"))
    return Board(
        orders=counted["orders"],
        completed=counted["completed"],
        paid_out_fen=paid["fen"] or 0,
        accepted_within=counted["accepted_within"] if counted["accepted"] >= ENOUGH else None,
        on_time_percent=percent(counted["on_time"], counted["on_time"] + counted["late"]),
        paid_percent=percent(counted["completed"], counted["ended"]),
    )


def percent(part: int, whole: int) -> int | None:
    """Whole percent, rounded down; None while there is too little to say."""
    return part * 100 // whole if whole >= ENOUGH else None


def _before_the_newest() -> int:
    """The number of the order before the newest NEWEST ones; 0 when there are fewer."""
    row = Order.objects.order_by("-pk").values_list("pk", flat=True)[NEWEST : NEWEST + 1]
    return next(iter(row), 0)
