"""Paying a task: all its unpaid orders in one freeze (V4, V16, V17)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from merchants.rules import missing_before_paying
from policy.numbers import Policy
from tasks import workflow
from tasks.models import Task
from tasks.states import State
from tasks.workflow import engine
from tasks.workflow.decision import Actor, NotYours
from tasks.workflow.start_payment import Payment, UnableToStartPayment


def start(
    task_id: int,
    *,
    at: datetime,
    by: Actor,
    policy: Policy,
    notify_url: str,
    return_url: str,
    total_fen: int | None = None,
) -> list[int]:
    """Ask for one freeze over all unpaid orders of the task and return their ids.

    `total_fen` is the sum that the merchant saw; another sum now refuses. A payment that is already
    under way is left alone, so that paying twice pays once.
    """
    with transaction.atomic():
        task = _lock(task_id, by)
        order_ids = unpaid(task)
        payment = payment_of(task, policy, notify_url=notify_url, return_url=return_url)
        if not order_ids:
            raise UnableToStartPayment(_("There is nothing to pay."), code="NOTHING_TO_PAY")
        if total_fen is not None and total_fen != _total(task):
            raise UnableToStartPayment(
                _("The total has changed since you looked. Check it again."), code="TOTAL_CHANGED"
            )
        engine.run(workflow.START_PAYMENT, order_ids, at=at, by=by, given=payment)
        return order_ids


def payment_of(
    task: Task, policy: Policy, *, notify_url: str = "", return_url: str = ""
) -> Payment:
    return Payment(
        policy=policy,
        requirements=task.requirements,
        title=f"vtask {task.pk}",
        notify_url=notify_url,
        return_url=return_url,
    )


def unpaid(task: Task) -> list[int]:
    return list(task.orders.filter(state=State.UNPAID).order_by("id").values_list("pk", flat=True))


def _total(task: Task) -> int:
    return sum(task.orders.filter(state=State.UNPAID).values_list("price_fen", flat=True))


def _lock(task_id: int, by: Actor) -> Task:
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("merchant__payment_account")
        .filter(pk=task_id, merchant_id=by.party, deleted_at=None)
        .first()
    )
    if task is None:
        raise NotYours
    for missing in missing_before_paying(task.merchant, task.merchant.account_or_none):
        raise UnableToStartPayment(missing.text, code=missing.code)
    return task
