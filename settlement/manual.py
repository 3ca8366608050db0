"""What staff may do about money that is stuck: ask the gateway at once, decide with four eyes what
became of an operation, and clear a halt.

A decision never moves money by itself. It says what happened at the gateway, and the verb that
records such an answer of the gateway does the rest.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from settlement import doorbell, handlers
from settlement.kinds import Kind
from settlement.models import Halt, ManualDecision, Operation

Verdict = ManualDecision.Verdict


class UnableToDecide(Exception):
    """The decision cannot be made so; nothing was changed. The text is for the one who asked."""


def propose(
    operation_id: int, verdict: str, evidence: str, *, at: datetime, by: int
) -> ManualDecision:
    """The first pair of eyes: what became of an operation that needs a person, and the evidence.

    A newer proposal takes the place of an older one. Raises `UnableToDecide`.
    """
    with transaction.atomic():
        operation = Operation.objects.select_for_update().get(pk=operation_id)
        _refuse_unless_manual(operation)
        if not evidence.strip():
            raise UnableToDecide(_("Say what proves it."))
        if operation.kind == Kind.FREEZE and verdict == Verdict.SUCCEEDED:
            raise UnableToDecide(
                _(
                    "A freeze that happened can only be recorded from the gateway's own answer, "
                    "which names it and its payer. Ask the gateway."
                )
            )
        return ManualDecision.objects.create(
            operation=operation,
            verdict=verdict,
            evidence=evidence.strip(),
            proposed_by_id=by,
            proposed_at=at,
        )


def approve(decision_id: int, *, at: datetime, by: int) -> ManualDecision:
    """The second pair of eyes, of another person: the operation ends and its orders move on, in one
    transaction.

    Raises `UnableToDecide`. Locks: the decision, then orders, escrows and the operation, as an
    answer of the gateway does.
    """
    with transaction.atomic():
        decision = ManualDecision.objects.select_for_update().get(pk=decision_id)
        if decision != open_proposal(decision.operation_id):
            raise UnableToDecide(_("This proposal was approved or replaced before."))
        if decision.proposed_by_id == by:
            raise UnableToDecide(_("Another person than the one who proposed it has to approve."))
        operation = Operation.objects.get(pk=decision.operation_id)
        _refuse_unless_manual(operation)
        handlers.decide(operation, decision.verdict == Verdict.SUCCEEDED, at)
        _refuse_if_closed_meanwhile(operation.pk, at)
        decision.approved_by_id, decision.approved_at = by, at
        decision.save(update_fields=["approved_by", "approved_at"])
        return decision


def open_proposal(operation_id: int) -> ManualDecision | None:
    """The newest proposal for an operation, unless it has been approved."""
    newest = ManualDecision.objects.filter(operation_id=operation_id).order_by("-id").first()
    return newest if newest is not None and newest.approved_by_id is None else None


def ask_now(operation_id: int, *, at: datetime) -> bool:
    """Let the worker ask the gateway about an open operation at once; False when it has ended."""
    with transaction.atomic():
        found = Operation.objects.filter(pk=operation_id, resolved_at=None).update(next_at=at)
        if found:
            transaction.on_commit(doorbell.ring, robust=True)
    return bool(found)


def clear_halt(halt_id: int, *, at: datetime, by: int) -> bool:
    """Sending goes on; False when the halt had been cleared before."""
    open_halt = Halt.objects.filter(pk=halt_id, cleared_at=None)
    return bool(open_halt.update(cleared_at=at, cleared_by_id=by))


def _refuse_unless_manual(operation: Operation) -> None:
    if operation.state != Operation.State.MANUAL:
        raise UnableToDecide(_("This operation does not need a person (any more)."))


def _refuse_if_closed_meanwhile(operation_id: int, at: datetime) -> None:
    """A worker may have got the gateway's answer between our look and the lock: then it stands."""
    operation = Operation.objects.get(pk=operation_id)
    if operation.resolved_at != at:
        raise UnableToDecide(_("The gateway has answered meanwhile. Look at its answer."))
