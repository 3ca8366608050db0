"""Who has read what was delivered: day by day over the short links, and as the channels show it."""

import io
import math
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Max, QuerySet
from PIL import Image, ImageDraw, ImageFont

from reads.days import day_of
from reads.models import ReadDay
from tasks import workflow
from tasks.figures import CONTENT, PRODUCT
from tasks.models import Attachment, Delivery, Order
from tasks.workflow import engine
from tasks.workflow.decision import Actor
from tasks.workflow.report_figures import Figures

DAY = timedelta(days=1)
LONGEST_DAYS = 60
SO_FAR = 0.6  # the share of today's reads that is there already
REPORTING = 0.4  # the share of orders whose creator reports figures
SHOT = (360, 480)
GREY, INK, TEAL = (120, 130, 135), (28, 36, 42), (11, 107, 99)


def make(*, at: datetime, seed: str) -> None:
    """Reads of every delivered order up to the midnight `at`, and what some creators reported.

    What is there already stays as it is.
    """
    orders = Order.objects.filter(delivered_at__lt=at).select_related("creator").order_by("pk")
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(order__in=orders).order_by("-id"):
        deliveries.setdefault(delivery.order_id, []).append(delivery)
    products: dict[int, list[int]] = {}
    for task_id, pk in Attachment.objects.filter(kind="LINK").values_list("task_id", "pk"):
        products.setdefault(task_id, []).append(pk)
    rows: list[ReadDay] = []
    for order in orders:
        rng = random.Random(f"{seed}:reads:{order.pk}")  # noqa: S311 - the same every time
        for place, delivery in enumerate(deliveries.get(order.pk, [])):
            reads = int(order.creator.avg_reads * rng.uniform(0.12, 0.4)) // (1 + 8 * place)
            rows += _rows(order, CONTENT, delivery.pk, reads, delivery.at, at, rng)
        for number in products.get(order.task_id, []):
            clicks = int(order.creator.avg_reads * rng.uniform(0.01, 0.04))
            rows += _rows(order, PRODUCT, number, clicks, deliveries[order.pk][-1].at, at, rng)
    ReadDay.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)
    _report(orders, at=at, seed=seed)


def _rows(
    order: Order,
    kind: str,
    number: int,
    reads: int,
    since: datetime,
    until: datetime,
    rng: random.Random,
) -> Iterator[ReadDay]:
    """Many on the first days, fewer each day, more on weekends; at last a trickle. Today is not
    over yet.
    """
    fade, today = rng.uniform(2.5, 7), day_of(until)
    days = min((today - day_of(since)).days + 1, LONGEST_DAYS)
    for passed in range(days):
        day = day_of(since) + passed * DAY
        weight = math.exp(-passed / fade) / fade * (1.3 if day.weekday() >= 5 else 1)
        weight *= SO_FAR if day == today else 1
        visits = int(reads * weight * rng.uniform(0.75, 1.25))
        if visits:
            yield _row(order, kind, number, day, visits, rng)


def _row(
    order: Order, kind: str, number: int, day: date, visits: int, rng: random.Random
) -> ReadDay:
    visitors = max(1, int(visits * rng.uniform(0.72, 0.94)))
    return ReadDay(
        owner=order.pk, kind=kind, number=number, day=day, visits=visits, visitors=visitors
    )


def _report(orders: QuerySet[Order], *, at: datetime, seed: str) -> None:
    """Some creators report, after the last thing that happened to the order."""
    verb = workflow.REPORT_FIGURES
    waiting = orders.filter(state__in=verb.sources, reported_figures=None)
    for order in waiting.annotate(last_at=Max("events__at")):
        rng = random.Random(f"{seed}:report:{order.pk}")  # noqa: S311 - the same every time
        moment = order.last_at + timedelta(hours=rng.randint(3, 40), minutes=rng.randrange(60))
        if rng.random() < REPORTING and moment < at:
            by = Actor.creator(order.creator)
            engine.run_one(verb, order.pk, at=moment, by=by, given=_figures(order, rng))


def _figures(order: Order, rng: random.Random) -> Figures:
    reads = int(order.creator.avg_reads * rng.uniform(0.6, 2.2))
    likes, comments = int(reads * rng.uniform(0.02, 0.08)), int(reads * rng.uniform(0.002, 0.01))
    token = f"{rng.getrandbits(128):032x}"
    picture = ContentFile(screenshot(reads, likes, comments, rng))
    return Figures(
        reads, likes, comments, default_storage.save(f"figures/{token[:2]}/{token}.png", picture)
    )


def screenshot(reads: int, likes: int, comments: int, rng: random.Random) -> bytes:
    """What a channel's own statistics might look like on a phone, as PNG."""
    picture = Image.new("RGB", SHOT, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SHOT[0], 56), fill=TEAL)
    pen.text((20, 16), "Statistics", font=ImageFont.load_default(22), fill="white")
    for place, (label, number) in enumerate(
        (("Reads", reads), ("Likes", likes), ("Comments", comments))
    ):
        top = 80 + 74 * place
        pen.text((20, top), label, font=ImageFont.load_default(16), fill=GREY)
        pen.text((20, top + 20), f"{number:,}", font=ImageFont.load_default(32), fill=INK)
    heights = [int(110 * math.exp(-day / 3) * rng.uniform(0.7, 1)) + 6 for day in range(12)]
    for day, height in enumerate(heights):
        left = 20 + 27 * day
        pen.rounded_rectangle((left, 450 - height, left + 18, 450), radius=4, fill=TEAL)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
