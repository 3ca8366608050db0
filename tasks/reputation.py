"""What a creator's orders say about him, for his public page. Nothing of a single order but its
review is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum

from core.kept import prepared
from core.masking import mask_name
from tasks.models import Order, Review
from tasks.states import State

LATEST_REVIEWS = 6
COUNTED = {
    "finished": Count("pk", filter=Q(state__in=[State.CONFIRMED, State.REVIEWED])),
    "on_time": Count("pk", filter=Q(delivered_at__isnull=False)),
    "late": Count("pk", filter=Q(state=State.OVERDUE)),
}
# What reviews say is summed, so that the sums of several parts can be put together.
RATED = {
    "reviews": Count("review"),
    "quality": Sum("review__quality"),
    "punctuality": Sum("review__punctuality"),
    "communication": Sum("review__communication"),
}
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


def record_of(sums: Mapping[str, int]) -> Record:
    """From the sums of COUNTED and RATED; one that is missing is 0."""
    reviews = sums.get("reviews", 0)

    def mean(name: str) -> float | None:
        return sums[name] / reviews if reviews else None

    return Record(
        finished=sums.get("finished", 0),
        on_time=sums.get("on_time", 0),
        late=sums.get("late", 0),
        reviews=reviews,
        quality=mean("quality"),
        punctuality=mean("punctuality"),
        communication=mean("communication"),
    )


def record(creator_id: int) -> Record:
    """Over the creator's own orders only; one query."""
    return record_of(next(iter(_summed(creator_id)), {}))


@prepared
def _summed(creator_id: int) -> Any:
    return orders_of([creator_id]).annotate(**COUNTED, **RATED)


def records(creator_ids: Sequence[int]) -> dict[int, Record]:
    """The records of several creators, for a list; two queries, however many there are."""
    ids = tuple(creator_ids)
    sums: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    for row in (*_counted(ids), *_rated(ids)):
        sums[row.pop("creator_id")].update(row)
    return {pk: record_of(known) for pk, known in sums.items()}


@prepared
def _counted(creator_ids: tuple[int, ...]) -> Any:
    return orders_of(creator_ids).annotate(**COUNTED)


@prepared
def _rated(creator_ids: tuple[int, ...]) -> Any:
    return orders_of(creator_ids).filter(review__isnull=False).annotate(**RATED)


def orders_of(creator_ids: Sequence[int]) -> Any:
    return Order.objects.filter(creator_id__in=creator_ids).values("creator_id").order_by()


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
