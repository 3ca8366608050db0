"""A brief before it is paid for: made, changed, deleted, with its attachments and picks (V10, V13,
V15), and what is typed into it and not yet saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from creators.models import Channel, Creator
from creators.rules import refusal_to_select
from policy.numbers import DEFAULTS, Policy
from tasks import rules, workflow
from tasks.models import Attachment, Pick, Task, UnsavedBrief
from tasks.queries import can_be_changed, payment_of
from tasks.states import State
from tasks.workflow import engine
from tasks.workflow.amend import Times
from tasks.workflow.decision import Actor, MoneyOnItsWay, NotYours, Refused

# What of a brief is kept while it is typed, and how much: far more than any brief that can be sent.
TYPED = ("theme", "requirements", "content_format", "channel", "start_at", "due_at")
MOST_TYPED_CHARS = 10_000


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


class UnableToKeep(Refused):
    code = "UNABLE_TO_KEEP"


def create(
    brief: Brief,
    *,
    at: datetime,
    by: Actor,
    policy: Policy = DEFAULTS,
    attachments: Sequence[Attachment] = (),
    picks: Iterable[int] = (),
) -> Task:
    """A new draft of the merchant, with what he attached and whom he had picked before. What was
    typed and not saved is saved by this.
    """
    with transaction.atomic():
        task = Task.objects.create(
            merchant_id=by.party, created_at=at, changed_at=at, **_columns(brief)
        )
        _add(task, attachments, policy)
        if chosen := set(picks):
            pick(task.pk, chosen, by=by, policy=policy)
        _forget(by.party, None)
        return task


def change(
    task_id: int,
    brief: Brief,
    *,
    at: datetime,
    by: Actor,
    policy: Policy = DEFAULTS,
    freeze_max_days: int = 365,
    attachments: Sequence[Attachment] = (),
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
        _add(task, attachments, policy)
        _forget(by.party, task.pk)
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
        _forget(by.party, task.pk)


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
        return _add(lock(task_id, by), [attachment], policy)[0]


def attach_all(
    task_id: int,
    attachments: Sequence[Attachment],
    *,
    at: datetime,
    by: Actor,
    policy: Policy,
    typed: Mapping[str, str] | None = None,
) -> None:
    """Add several, all or none. `typed` is what stood unsaved in the brief beside them; it stays
    unsaved and is kept.
    """
    with transaction.atomic():
        task = lock(task_id, by)
        _add(task, attachments, policy)
        if typed is not None:
            _keep(by.party, task.pk, typed, at)


def _add(task: Task, attachments: Sequence[Attachment], policy: Policy) -> Sequence[Attachment]:
    if not attachments:
        return attachments
    if task.attachments.count() + len(attachments) > policy.attachments_per_task:
        raise UnableToChangeTask(
            _("At most %(most)s attachments.") % {"most": policy.attachments_per_task},
            code="TOO_MANY_ATTACHMENTS",
        )
    for attachment in attachments:
        attachment.task = task
        attachment.save()
    return attachments


def detach(
    task_id: int,
    attachment_id: int,
    *,
    at: datetime,
    by: Actor,
    typed: Mapping[str, str] | None = None,
) -> None:
    """Take an attachment off a task that is not paid for. `typed` as in `attach_all`."""
    with transaction.atomic():
        task = lock(task_id, by)
        task.attachments.filter(pk=attachment_id).delete()
        if typed is not None:
            _keep(by.party, task.pk, typed, at)


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed is kept since `at`; `elsewhere` when another window had kept something since
    this one last looked, which is now replaced.
    """

    at: datetime
    elsewhere: bool


def keep_typed(
    task_id: int | None,
    typed: Mapping[str, str],
    *,
    known_at: datetime | None,
    at: datetime,
    by: Actor,
) -> Kept:
    """Keep what is typed into a brief (a new one without `task_id`), right or not, until it is
    saved or discarded. The last window to type wins.

    `known_at` is when that window got its brief or was last told that something was kept. A brief
    that was saved since is not overlaid with what is older: `UnableToKeep`.
    """
    if sum(len(text) for text in typed.values()) > MOST_TYPED_CHARS:
        raise UnableToKeep(_("This is too long to be kept. Shorten it."), code="TOO_LONG")
    with transaction.atomic():
        if task_id is not None:
            _refuse_if_saved_since(lock(task_id, by), known_at)
        before = unsaved(task_id, by=by)
        _keep(by.party, task_id, typed, at)
    return Kept(at, bool(before and known_at and before.changed_at > known_at))


def _refuse_if_saved_since(task: Task, known_at: datetime | None) -> None:
    if known_at is not None and task.changed_at > known_at:
        raise UnableToKeep(
            _("This brief was saved in another window meanwhile. Reload the page to see it."),
            code="SAVED_SINCE",
        )


def _keep(merchant_id: int, task_id: int | None, typed: Mapping[str, str], at: datetime) -> None:
    """In one statement, so that two windows at the same moment do not get in each other's way."""
    data = {name: typed.get(name, "").replace("\x00", "") for name in TYPED}
    row = UnsavedBrief(merchant_id=merchant_id, task_id=task_id, data=data, changed_at=at)
    UnsavedBrief.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["merchant", "task"],
        update_fields=["data", "changed_at"],
    )


def unsaved(task_id: int | None, *, by: Actor) -> UnsavedBrief | None:
    """What this merchant has typed into a brief of his and not saved."""
    return _unsaved(by.party, task_id).first()


def discard_typed(task_id: int | None, *, by: Actor) -> None:
    """What was typed is not wanted."""
    _forget(by.party, task_id)


def _forget(merchant_id: int, task_id: int | None) -> None:
    _unsaved(merchant_id, task_id).delete()


def _unsaved(merchant_id: int, task_id: int | None) -> QuerySet[UnsavedBrief]:
    rows = UnsavedBrief.objects.filter(merchant_id=merchant_id)
    return rows.filter(task=None) if task_id is None else rows.filter(task_id=task_id)


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
    if task.sent_at is not None:  # a draft has no orders, or only some that were taken back
        _refuse_paid(task)
    return task


def _refuse_paid(task: Task) -> None:
    if not can_be_changed(task):
        raise UnableToChangeTask
    if payment_of(task) is not None:
        raise MoneyOnItsWay


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
