"""The merchant sends a draft to the creators he picked: one order each, at the prices he saw (V10
to V18).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from creators.models import Creator
from creators.queries import get_by_ids
from creators.rules import quoted_price, refusal_to_select
from merchants.models import Merchant
from merchants.rules import missing_before_publishing
from policy.numbers import Policy
from settlement.models import Escrow
from tasks import rules
from tasks.models import Order, OrderEvent, Outbox, Pick, Side, Task
from tasks.workflow import start_payment, writing
from tasks.workflow.decision import Actor, Case, Decision, NotYours, Refused
from tasks.workflow.start_payment import Payment


@dataclass(frozen=True, slots=True)
class Line:
    """What the confirmation page shows of one order (V16)."""

    creator: Creator
    price_fen: int
    problem: str = ""


class UnableToPublish(Refused):
    code = "UNABLE_TO_PUBLISH"


def lines(task: Task, policy: Policy) -> list[Line]:
    """The orders that publishing would make, each with what stands in its way, if anything does."""
    picked = Pick.objects.filter(task=task).order_by("id").values_list("creator_id", flat=True)
    return [_line(task, creator, policy) for creator in get_by_ids(picked)]


def _line(task: Task, creator: Creator, policy: Policy) -> Line:
    price_fen = quoted_price(creator.quotes.all(), task.content_format, task.channel_id)
    if price_fen is None:
        return Line(creator, 0, str(_("This creator has no price.")))
    problem = refusal_to_select(creator) or rules.price_problem(price_fen, policy)
    return Line(creator, price_fen, str(problem or ""))


def preview(
    task: Task, chosen: Sequence[Line], *, at: datetime, by: Actor, given: Payment
) -> list[tuple[Case, Decision]]:
    """What paying the orders that publishing would make will do, from the very function that does
    it (N1). Nothing is written; empty when it could not be paid at all.
    """
    cases = [Case(_order(task, line, at=at), Escrow()) for line in chosen]
    try:
        return [(case, start_payment.decide(case, at=at, by=by, given=given)) for case in cases]
    except Refused:
        return []


def publish(
    task_id: int,
    *,
    seen_fen: Mapping[int, int],
    at: datetime,
    by: Actor,
    policy: Policy,
    freeze_max_days: int,
) -> list[int]:
    """Make the orders of a draft and return their ids.

    `seen_fen` is creator id → price (fen) as the merchant saw and confirmed it; a quote that
    changed meanwhile, a creator who paused, or a brief whose times have become impossible refuses
    the whole. A task whose orders are already there is left as it is: the same click twice makes
    them once.
    """
    with transaction.atomic():
        task = _lock_draft(task_id, by)
        if task.sent_at is not None:
            return list(task.orders.order_by("pk").values_list("pk", flat=True))
        chosen = lines(task, policy)
        _refuse(task, chosen, seen_fen, at, policy, freeze_max_days)
        return _insert(task, chosen, at=at, by=by)


def _lock_draft(task_id: int, by: Actor) -> Task:
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("merchant", "channel")
        .filter(pk=task_id, merchant_id=by.party, deleted_at=None)
        .first()
    )
    if task is None:
        raise NotYours
    return task


def _refuse(
    task: Task,
    chosen: Sequence[Line],
    seen_fen: Mapping[int, int],
    at: datetime,
    policy: Policy,
    freeze_max_days: int,
) -> None:
    _refuse_merchant(task.merchant)
    problems = rules.brief_problems(
        requirements=task.requirements,
        start_at=task.start_at,
        due_at=task.due_at,
        at=at,
        policy=policy,
        freeze_max_days=freeze_max_days,
    )
    for problem in problems.values():
        raise UnableToPublish(problem, code="BRIEF")
    if not task.channel.is_enabled:
        raise UnableToPublish(_("This channel is not open."), code="CHANNEL")
    if not chosen:
        raise UnableToPublish(_("Choose at least one creator."), code="NOBODY")
    if len(chosen) > policy.creators_per_task:
        raise UnableToPublish(
            _("At most %(most)s creators per task.") % {"most": policy.creators_per_task},
            code="TOO_MANY",
        )
    for line in chosen:
        if line.problem:
            name = line.creator.nickname
            raise UnableToPublish(f"{name}: {line.problem}", code="CREATOR")
    if {line.creator.pk: line.price_fen for line in chosen} != dict(seen_fen):
        raise UnableToPublish(
            _("A price or the choice has changed since you looked. Check the orders again."),
            code="CHANGED",
        )


def _refuse_merchant(merchant: Merchant) -> None:
    for missing in missing_before_publishing(merchant):
        raise UnableToPublish(missing.text, code=missing.code)


def _insert(task: Task, chosen: Sequence[Line], *, at: datetime, by: Actor) -> list[int]:
    Task.objects.filter(pk=task.pk).update(sent_at=at)
    orders = Order.objects.bulk_create(_order(task, line, at=at) for line in chosen)
    Escrow.objects.bulk_create(
        Escrow(order_id=order.pk, merchant_id=order.merchant_id) for order in orders
    )
    writing.write(
        {
            OrderEvent: [
                writing.event(order, verb="publish", source="", at=at, by=by) for order in orders
            ],
            Outbox: [writing.message(order, Side.CREATOR, "sent", at=at) for order in orders],
        }
    )
    return [order.pk for order in orders]


def _order(task: Task, line: Line, *, at: datetime) -> Order:
    return Order(
        task=task,
        merchant_id=task.merchant_id,
        creator=line.creator,
        price_fen=line.price_fen,
        start_at=task.start_at,
        due_at=task.due_at,
        sent_at=at,
    )
