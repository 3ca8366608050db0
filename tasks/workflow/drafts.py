"""A brief before it is paid for: made, changed, deleted, with its attachments and picks (V10, V13,
V15).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from creators.models import Channel, Creator
from creators.rules import refusal_to_select
from policy.numbers import DEFAULTS, Policy
from tasks import rules, workflow
from tasks.models import Attachment, Pick, Task
from tasks.queries import can_be_changed, payment_of
from tasks.states import State
from tasks.workflow import engine
from tasks.workflow.amend import Times
from tasks.workflow.decision import Actor, MoneyOnItsWay, NotYours, Refused


@dataclass(frozen=True, slots=True)
class Brief:
    """What a merchant writes (V10). The form checks each field, publishing checks them again."""

    theme: str
    requirements: str
    start_at: datetime
    due_at: datetime
    channel: Channel
    content_format: str
    campaign: str = ""


class UnableToChangeTask(Refused):
    code = "UNABLE_TO_CHANGE_TASK"
    text = _("A task that has been paid for can neither be changed nor withdrawn.")


def create(brief: Brief, *, at: datetime, by: Actor) -> Task:
    """A new draft of the merchant."""
    return Task.objects.create(
        merchant_id=by.party, created_at=at, changed_at=at, **_columns(brief)
    )


def change(
    task_id: int,
    brief: Brief,
    *,
    at: datetime,
    by: Actor,
    policy: Policy = DEFAULTS,
    freeze_max_days: int = 365,
) -> Task:
    """Change a task before payment; the orders that were sent follow its times (V15).

    What was sent must stay publishable (V10, V12); a draft may be anything until it is sent.
    """
    with transaction.atomic():
        task = lock(task_id, by)
        unpaid = _unpaid_orders(task)
        if unpaid:
            _refuse_unpublishable(brief, at=at, policy=policy, freeze_max_days=freeze_max_days)
        if unpaid and (task.channel, task.content_format) != (brief.channel, brief.content_format):
            raise UnableToChangeTask(
                _("Channel and format decide the prices. Withdraw the orders to change them."),
                code="PRICED",
            )
        for name, value in _columns(brief).items():
            setattr(task, name, value)
        task.changed_at = at
        task.save()
        if unpaid:
            engine.run(
                workflow.AMEND, unpaid, at=at, by=by, given=Times(brief.start_at, brief.due_at)
            )
        return task


def _refuse_unpublishable(
    brief: Brief, *, at: datetime, policy: Policy, freeze_max_days: int
) -> None:
    problems = rules.brief_problems(
        requirements=brief.requirements,
        start_at=brief.start_at,
        due_at=brief.due_at,
        at=at,
        policy=policy,
        freeze_max_days=freeze_max_days,
    )
    for problem in problems.values():
        raise UnableToChangeTask(problem, code="BRIEF")


def delete(task_id: int, *, at: datetime, by: Actor) -> None:
    """Delete a task before payment; orders that were sent are withdrawn (V15)."""
    with transaction.atomic():
        task = lock(task_id, by)
        withdraw(task, at=at, by=by)
        task.deleted_at = at
        task.save(update_fields=["deleted_at"])


def back_to_draft(task_id: int, *, at: datetime, by: Actor) -> None:
    """Withdraw all orders of an unpaid task, so that creators, channel and format can be chosen
    anew (V15).
    """
    with transaction.atomic():
        task = lock(task_id, by)
        withdraw(task, at=at, by=by)
        task.sent_at = None
        task.save(update_fields=["sent_at"])


def withdraw(task: Task, *, at: datetime, by: Actor) -> None:
    if unpaid := _unpaid_orders(task):
        engine.run(workflow.WITHDRAW, unpaid, at=at, by=by)


def attach(task_id: int, attachment: Attachment, *, by: Actor, policy: Policy) -> Attachment:
    """Add a checked file or link to a task that is not paid for."""
    with transaction.atomic():
        task = lock(task_id, by)
        if task.attachments.count() >= policy.attachments_per_task:
            raise UnableToChangeTask(
                _("At most %(most)s attachments.") % {"most": policy.attachments_per_task},
                code="TOO_MANY_ATTACHMENTS",
            )
        attachment.task = task
        attachment.save()
        return attachment


def detach(task_id: int, attachment_id: int, *, by: Actor) -> None:
    """Take an attachment off a task that is not paid for."""
    with transaction.atomic():
        lock(task_id, by).attachments.filter(pk=attachment_id).delete()


def pick(task_id: int, creator_ids: Iterable[int], *, by: Actor, policy: Policy) -> None:
    """Tick creators for a draft. The same one twice stays one; paused and unknown ones are refused
    (V6, V13).
    """
    wanted = set(creator_ids)
    with transaction.atomic():
        task = _lock_unsent(task_id, by)
        found = Creator.objects.in_bulk(wanted)
        for creator_id in wanted:
            problem = (
                refusal_to_select(found[creator_id])
                if creator_id in found
                else _("There is no such creator.")
            )
            if problem:
                raise UnableToChangeTask(problem, code="CREATOR")
        Pick.objects.bulk_create(
            [Pick(task=task, creator_id=creator_id) for creator_id in sorted(wanted)],
            ignore_conflicts=True,
        )
        if Pick.objects.filter(task=task).count() > policy.creators_per_task:
            raise UnableToChangeTask(
                _("At most %(most)s creators per task.") % {"most": policy.creators_per_task},
                code="TOO_MANY",
            )


def unpick(task_id: int, creator_ids: Iterable[int], *, by: Actor) -> None:
    """Untick creators of a draft."""
    with transaction.atomic():
        task = _lock_unsent(task_id, by)
        Pick.objects.filter(task=task, creator_id__in=list(creator_ids)).delete()


def choose(
    task_id: int, *, shown: Iterable[int], ticked: Iterable[int], by: Actor, policy: Policy
) -> None:
    """What was ticked of the creators that a page showed; picks of other pages stay."""
    shown, ticked = set(shown), set(ticked)
    with transaction.atomic():
        unpick(task_id, shown - ticked, by=by)
        known = set(Pick.objects.filter(task_id=task_id).values_list("creator_id", flat=True))
        pick(task_id, ticked - known, by=by, policy=policy)


def lock(task_id: int, by: Actor) -> Task:
    """The merchant's own task, locked, while it can still be changed. Raises NotYours or
    UnableToChangeTask.
    """
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("channel")
        .filter(pk=task_id, merchant_id=by.party, deleted_at=None)
        .first()
    )
    if task is None:
        raise NotYours
    if not can_be_changed(task):
        raise UnableToChangeTask
    if payment_of(task) is not None:
        raise MoneyOnItsWay
    return task


def _lock_unsent(task_id: int, by: Actor) -> Task:
    task = lock(task_id, by)
    if task.sent_at is not None:
        raise UnableToChangeTask(
            _("The orders have been sent. Withdraw them to choose anew."), code="SENT"
        )
    return task


def _unpaid_orders(task: Task) -> list[int]:
    return list(task.orders.filter(state=State.UNPAID).values_list("pk", flat=True))


def _columns(brief: Brief) -> dict[str, object]:
    return {
        "theme": brief.theme,
        "requirements": brief.requirements,
        "start_at": brief.start_at,
        "due_at": brief.due_at,
        "channel": brief.channel,
        "content_format": brief.content_format,
        "campaign": brief.campaign,
    }
