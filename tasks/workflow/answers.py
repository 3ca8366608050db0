"""From a definite answer of the gateway to the verb that records it. Registered with settlement in
`vtask`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from settlement import freezes, operations
from settlement.gateway.messages import Answer, Outcome
from settlement.handlers import NotYetError
from settlement.kinds import Kind
from settlement.models import Attempt, Operation
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.answer import Answered
from tasks.workflow.decision import GATEWAY, Verb

State = Operation.State

# What a success and a failure for good mean to the orders. A kind without a failure here needs a
# person.
SUCCESS = {
    Kind.FREEZE: workflow.MARK_PAID,
    Kind.CANCEL_FREEZE: workflow.MARK_PAYMENT_CLOSED,
    Kind.CAPTURE: workflow.MARK_SECURED,
    Kind.UNFREEZE: workflow.MARK_RETURNED,
    Kind.REFUND: workflow.MARK_RETURNED,
    Kind.TRANSFER: workflow.MARK_PAID_OUT,
}
FAILURE = {
    Kind.FREEZE: workflow.MARK_UNPAID,
    Kind.CAPTURE: workflow.MARK_UNSECURED,
    Kind.TRANSFER: workflow.MARK_PAYOUT_BLOCKED,
}
DECIDED_BY_OPS = {
    **FAILURE,
    Kind.CANCEL_FREEZE: workflow.MARK_PAYMENT_CLOSED,
    Kind.UNFREEZE: workflow.MARK_RETURN_BLOCKED,
    Kind.REFUND: workflow.MARK_RETURN_BLOCKED,
}


class NeedsAPerson(Exception):
    """The answer is definite, but no rule says what follows from it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The verb that an answer calls for, and the state in which the operation ends."""

    verb: Verb
    state: str
    trouble: str = ""
    cancel: bool = False


def handle(operation: Operation, answer: Answer, attempt: Attempt, at: datetime) -> None:
    """Record a definite answer: the operation ends and its orders move on, in one transaction."""
    record(operation, reading(operation, answer, at), answer, attempt, at)


def record(
    operation: Operation, read: Reading, answer: Answer, attempt: Attempt | None, at: datetime
) -> None:
    gateway_no = answer.gateway_no or operation.gateway_no
    given = Answered(
        operation.kind, operation.out_no, gateway_no, trouble=read.trouble, cancel=read.cancel
    )
    end = operations.End(
        operation.pk,
        operation.out_no,
        read.state,
        gateway_no=gateway_no,
        payer=str(answer.facts.get("payer_user_id") or ""),
        trouble=read.trouble,
        attempt=attempt,
    )
    engine.answer(read.verb, end, at=at, by=GATEWAY, given=given)
    if attempt is not None and attempt.pk is None:  # another worker had closed it before
        attempt.save(force_insert=True)


def reading(operation: Operation, answer: Answer, at: datetime) -> Reading:
    """What a definite answer means. Raises `NeedsAPerson` where no rule says it."""
    kind = Kind(operation.kind)
    if answer.outcome == Outcome.SUCCESS:
        if kind == Kind.FREEZE and not _holds_the_money(operation, answer):
            return Reading(workflow.MARK_UNPAID, State.FAILED, "FREEZE_HOLDS_NO_MONEY", cancel=True)
        return Reading(SUCCESS[kind], State.SUCCEEDED)
    if answer.outcome == Outcome.EXPIRED and kind == Kind.FREEZE:
        timed_out = answer.message == "TIMED_OUT"
        return Reading(workflow.MARK_UNPAID, State.EXPIRED, "PAYMENT_EXPIRED", cancel=timed_out)
    if kind == Kind.CANCEL_FREEZE and answer.sub_code.endswith("NOT_EXIST"):
        return _nothing_to_cancel(operation, at)
    trouble = answer.sub_code or answer.code or "FAILED"
    if answer.outcome == Outcome.FAILED and kind in FAILURE:
        return Reading(FAILURE[kind], State.FAILED, trouble[:40])
    raise NeedsAPerson(trouble)


def _nothing_to_cancel(operation: Operation, at: datetime) -> Reading:
    """The gateway never met the freeze, since nobody opened its code. Once the code has run out
    nobody can; before that, the cancellation has to wait.
    """
    freeze = Operation.objects.get(out_no=operation.request["freeze_out_no"])
    ends_at = _code_ends_at(freeze)
    if ends_at is not None and at < ends_at:
        raise NotYetError(ends_at)
    return Reading(workflow.MARK_PAYMENT_CLOSED, State.SUCCEEDED)


def _code_ends_at(freeze: Operation) -> datetime | None:
    """Until when somebody who has the code can confirm it. The gateway counts from when it got our
    request, which may be long after the merchant asked to pay.
    """
    sends = freeze.attempts.filter(what=Attempt.What.SEND).order_by("-at")
    last = sends.values_list("at", flat=True).first()
    if last is None or freeze.expires_at is None:
        return freeze.expires_at
    window = timedelta(minutes=int(freeze.request["timeout_minutes"]))
    return max(freeze.expires_at, last + window)


def _holds_the_money(operation: Operation, answer: Answer) -> bool:
    """A freeze on credit holds nothing of the payer's, and one that ended meanwhile nothing more:
    it must be all money, to the fen, and still be there.
    """
    fund, credit = answer.facts.get("fund_amount_fen"), answer.facts.get("credit_amount_fen")
    rest = answer.facts.get("rest_amount_fen", operation.amount_fen)
    return fund == rest == operation.amount_fen and credit == 0


def by_person(operation: Operation, *, happened: bool) -> Reading:
    """What follows when ops decided, with four eyes, what became of an operation."""
    kind = Kind(operation.kind)
    if happened:
        return Reading(SUCCESS[kind], State.SUCCEEDED)
    return Reading(DECIDED_BY_OPS[kind], State.FAILED, "DECIDED_BY_OPS")


def decide(operation: Operation, happened: bool, at: datetime) -> None:
    """Record what ops decided; there is no answer of the gateway to it."""
    outcome = Outcome.SUCCESS if happened else Outcome.FAILED
    read = by_person(operation, happened=happened)
    record(operation, read, Answer(outcome=outcome), None, at)


def payout_returned(operation: Operation, at: datetime) -> bool:
    """A transfer that had succeeded came back: record it, once per transfer. False when the order
    could not take it in.
    """
    given = Answered(operation.kind, operation.out_no, operation.gateway_no)
    outcomes = engine.run(
        workflow.MARK_PAYOUT_RETURNED,
        freezes.orders_of(operation),
        at=at,
        by=GATEWAY,
        given=given,
        token=f"returned:{operation.out_no}",
    )
    return all(outcome.result != engine.REFUSED for outcome in outcomes)


def freeze_closed(freeze: Operation, order_ids: Iterable[int], at: datetime) -> list[int]:
    """The gateway ended a freeze by itself: its orders that wait to be accepted end too. Returns
    those that could not.
    """
    given = Answered(freeze.kind, freeze.out_no, freeze.gateway_no)
    outcomes = engine.run(workflow.MARK_FREEZE_CLOSED, order_ids, at=at, by=GATEWAY, given=given)
    return [outcome.order_id for outcome in outcomes if outcome.result == engine.REFUSED]
