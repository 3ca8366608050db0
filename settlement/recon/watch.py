"""Freezes that still hold money of paid orders, near the end of the time that a freeze lasts (crash
point 14): asked about from a day before it on, and compared to the fen.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from settlement import freezes, handlers, worker
from settlement.gateway import adapter
from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Attempt, Escrow, Operation
from settlement.recon import items
from settlement.recon.items import Difference

BEFORE_THE_END = timedelta(days=1)
AGAIN = timedelta(hours=12)


def run(now: Callable[[], datetime], *, freeze_max_days: int, limit: int = 100) -> int:
    """Ask about the freezes that end within a day or should have ended; how many."""
    freezes_due = due(at=now(), freeze_max_days=freeze_max_days)[:limit]
    for freeze in freezes_due:
        look(freeze, at=now())
    return len(freezes_due)


def due(*, at: datetime, freeze_max_days: int) -> QuerySet[Operation]:
    """Freezes of which we still hold something frozen, made so long ago that they end now."""
    holding = Escrow.objects.filter(frozen__gt=0, freeze_no=OuterRef("out_no"))
    lately = Attempt.objects.filter(operation=OuterRef("pk"), at__gt=at - AGAIN)
    return Operation.objects.filter(
        Exists(holding),
        ~Exists(lately),
        kind=Kind.FREEZE,
        state=Operation.State.SUCCEEDED,
        resolved_at__lte=at - timedelta(days=freeze_max_days) + BEFORE_THE_END,
    ).order_by("resolved_at", "id")


def look(freeze: Operation, *, at: datetime) -> Answer:
    """Ask about one freeze, keep the answer, and compare; outside any transaction."""
    answer = adapter.query(worker.ask_of(freeze))
    worker.attempt_of(freeze, answer, Attempt.What.QUERY, at).save(force_insert=True)
    if answer.outcome == Outcome.SUCCESS:
        found = compare(freeze, answer, at=at)
        items.settle(Q(key=f"operation:{freeze.out_no}"), [found] if found else [], at=at)
    return answer


def compare(freeze: Operation, answer: Answer, *, at: datetime) -> Difference | None:
    """What is left of the freeze there against what its orders have frozen here.

    Where the gateway ended it and gave everything back, the orders end with the moves of a release.
    While an operation of one of the orders is under way, a difference means nothing yet.
    """
    rest_fen = answer.facts.get("rest_amount_fen")
    if rest_fen in (None, _frozen_fen(freeze)):
        return None
    if freezes.gave_all_back(freeze, answer):
        idle = _holding(freeze).filter(open_operation=None)
        handlers.freeze_closed(freeze, list(idle.values_list("pk", flat=True)), at)
    if rest_fen == _frozen_fen(freeze) or is_moving(freeze):
        return None
    return Difference(
        f"operation:{freeze.out_no}",
        items.Level.OPERATION,
        items.Kind.AMOUNT,
        out_no=freeze.out_no,
        order_id=freezes.orders_of(freeze)[0],
        ours_fen=_frozen_fen(freeze),
        theirs_fen=rest_fen,
        detail="what is still frozen",
    )


def is_moving(freeze: Operation) -> bool:
    """Whether an operation of one of its orders is under way."""
    orders = Escrow.objects.filter(pk__in=freezes.orders_of(freeze))
    return orders.filter(open_operation__isnull=False).exists()


def _holding(freeze: Operation) -> QuerySet[Escrow]:
    orders = freezes.orders_of(freeze)
    return Escrow.objects.filter(pk__in=orders, freeze_no=freeze.out_no, frozen__gt=0)


def _frozen_fen(freeze: Operation) -> int:
    return sum(_holding(freeze).values_list("frozen", flat=True))
