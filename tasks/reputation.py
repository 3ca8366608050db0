"""What a creator's orders say about him, for his public page. Nothing of a single order but its
review is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, FloatField, Q

from core.kept import prepared
from core.masking import mask_name
from tasks.models import Order, Review
from tasks.states import State

LATEST_REVIEWS = 6
NOTHING = {
    "finished": 0, "on_time": 0, "late": 0, "reviews": 0,
    "quality": None, "punctuality": None, "communication": None,
}  # fmt: skip
# With fewer orders than this a share says nothing and harms who has just begun.
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Record:
    """Orders of a creator. `on_time` and `late` count accepted orders whose delivery came or failed
    to come by the due time: what others let fall (declined before, not secured, not paid) is
    nobody's lateness (N11). Ratings are means of 1 to 5, None without reviews.
    """

    finished: int
    on_time: int
    late: int
    reviews: int
    quality: float | None
    punctuality: float | None
    communication: float | None

    @property
    def on_time_percent(self) -> int | None:
        """Whole percent, rounded down; None while there are too few orders to say."""
        judged = self.on_time + self.late
        return self.on_time * 100 // judged if judged >= ENOUGH else None

    @property
    def rating(self) -> float | None:
        """The mean of the three."""
        if self.quality is None or self.punctuality is None or self.communication is None:
            return None
        return (self.quality + self.punctuality + self.communication) / 3


@dataclass(frozen=True, slots=True)
class Opinion:
    """A review as strangers read it: the merchant's shop is shortened."""

    shop: str
    at: datetime
    rating: float
    text: str
    content_format: str


def record(creator_id: int) -> Record:
    """Two queries, over the creator's own orders only."""
    facts: dict[str, Any] = dict(NOTHING)
    for row in (*_counted(creator_id), *_rated(creator_id)):
        facts |= {name: value for name, value in row.items() if name != "creator_id"}
    return Record(**facts)


_counted = prepared(lambda creator_id: counted(orders_of([creator_id])))
_rated = prepared(lambda creator_id: rated(orders_of([creator_id])))


def records(creator_ids: Sequence[int]) -> dict[int, Record]:
    """The records of several creators, for a list; two queries, however many there are."""
    orders = orders_of(creator_ids)
    facts: dict[int, dict[str, Any]] = {pk: dict(NOTHING) for pk in creator_ids}
    for row in (*counted(orders), *rated(orders)):
        facts[row.pop("creator_id")].update(row)
    return {pk: Record(**known) for pk, known in facts.items()}


def orders_of(creator_ids: Sequence[int]) -> Any:
    return Order.objects.filter(creator_id__in=creator_ids).values("creator_id").order_by()


def counted(orders: Any) -> Any:
    return orders.annotate(
        finished=Count("pk", filter=Q(state__in=[State.CONFIRMED, State.REVIEWED])),
        on_time=Count("pk", filter=Q(delivered_at__isnull=False)),
        late=Count("pk", filter=Q(state=State.OVERDUE)),
    )


def rated(orders: Any) -> Any:
    return orders.filter(review__isnull=False).annotate(
        reviews=Count("review"),
        quality=Avg("review__quality", output_field=FloatField()),
        punctuality=Avg("review__punctuality", output_field=FloatField()),
        communication=Avg("review__communication", output_field=FloatField()),
    )


def latest_reviews(creator_id: int) -> list[Opinion]:
    """The newest reviews of a creator's orders (V62), one query."""
    rows = (
        Review.objects.filter(order__creator_id=creator_id)
        .select_related("order__merchant", "order__task")
        .order_by("-id")[:LATEST_REVIEWS]
    )
    return [
        Opinion(
            shop=mask_name(row.order.merchant.shop_name),
            at=row.at,
            rating=(row.quality + row.punctuality + row.communication) / 3,
            text=row.text,
            content_format=row.order.task.get_content_format_display(),
        )
        for row in rows
    ]
