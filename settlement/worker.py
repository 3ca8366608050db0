"""Carrying operations to the gateway: claim, ask outside any transaction, record the answer.

Two workers on one operation (a lease that ran out) are harmless: they send the same id and the same
content, and the second one finds it closed. The first attempt sends; every later one queries first,
and only a clear "there is no such operation" leads to sending the same request again. "Does not
exist" never means "failed".
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F

from settlement import crash, freezes, handlers, operations
from settlement.gateway import adapter
from settlement.gateway.messages import Answer, Ask, Outcome, Payee
from settlement.kinds import Kind
from settlement.models import Attempt, Halt, Operation

log = structlog.get_logger()

State = Operation.State
DEFINITE = (Outcome.SUCCESS, Outcome.FAILED, Outcome.EXPIRED)
OTHER_CONTENT = ("PAYMENT_INFO_INCONSISTENCY", "BIZ_UNIQUE_EXCEPTION")
NOT_CONFIRMED = (Outcome.WAIT_USER, Outcome.IN_PROGRESS, Outcome.NOT_FOUND)


def pump(now: Callable[[], datetime], *, limit: int = 200) -> int:
    """Carry what is due to the gateway, one after another; how many were carried. `now` is the
    edge's clock.
    """
    for done in range(limit):
        claim = operations.claim(at=now())
        if claim is None:
            return done
        carry(claim, now)
    return limit


def carry(claim: operations.Claim, now: Callable[[], datetime]) -> None:
    """Ask the gateway about one claimed operation and record what it said."""
    operation = claim.operation
    crash.here("after-T1")
    if _never_sent_in_time(claim, now()):
        record(operation, Answer(outcome=Outcome.EXPIRED), Attempt.What.QUERY, now())
        return
    if claim.query_first:
        answer = adapter.query(ask_of(operation))
        if not _may_send_again(operation, answer) or not operations.note_send(operation):
            record(operation, _or_closed(operation, answer), Attempt.What.QUERY, now())
            return
        _log_attempt(operation, answer, Attempt.What.QUERY, now())
    answer = _or_closed(operation, adapter.send(ask_of(operation)))
    record(operation, answer, Attempt.What.SEND, now())


def ask_of(operation: Operation) -> Ask:
    """The request, with the personal data that it refers to: the payee's account, or the payer of
    the freeze.
    """
    request = dict(operation.request)
    payee = None
    if operation.payout_account is not None:
        account = operation.payout_account
        payee = Payee(logon_id=account.logon_id, name=account.real_name)
    if operation.kind == Kind.CAPTURE:
        freeze = Operation.objects.get(out_no=request["freeze_out_no"])
        request["payer_user_id"] = freeze.payer
    return Ask(operation.kind, operation.out_no, operation.amount_fen, request, payee)


def _or_closed(operation: Operation, answer: Answer) -> Answer:
    """A release that comes too late, because the gateway has closed the freeze by itself: when all
    that nobody captured went back to the payer, it is what was asked for (crash point 14).
    """
    if not freezes.comes_too_late(operation, answer):
        return answer
    freeze = Operation.objects.get(out_no=operation.request["freeze_out_no"])
    looked = adapter.query(ask_of(freeze))
    if not freezes.gave_all_back(freeze, looked):
        return answer
    return replace(
        looked, outcome=Outcome.SUCCESS, gateway_no="", message=freezes.CLOSED_BY_GATEWAY
    )


def record(operation: Operation, answer: Answer, what: str, at: datetime) -> None:
    """Close the operation through its owner's verb, or write down when to ask again."""
    crash.here("after-answer")
    attempt = attempt_of(operation, answer, what, at)
    if _only_a_person_knows(operation):
        _park(operation, attempt, at, trouble=operation.trouble)
    elif answer.outcome in DEFINITE:
        _close(operation, answer, attempt, at)
    elif _timed_out(operation, answer, at):
        _close(operation, Answer(outcome=Outcome.EXPIRED, message="TIMED_OUT"), attempt, at)
    else:
        _keep_open(operation, answer, attempt, at)
    crash.here("after-T2")


def attempt_of(operation: Operation, answer: Answer, what: str, at: datetime) -> Attempt:
    return Attempt(
        operation=operation,
        what=what,
        at=at,
        outcome=answer.outcome,
        method=answer.method,
        http_status=answer.http_status,
        code=answer.code[:20],
        sub_code=answer.sub_code[:80],
        message=answer.message[:200],
        raw=answer.raw.decode("utf-8", "replace"),
        elapsed_ms=answer.elapsed_ms,
    )


def _close(operation: Operation, answer: Answer, attempt: Attempt, at: datetime) -> None:
    try:
        handlers.handle(operation, answer, attempt, at)
    except handlers.NotYetError as wait:
        operations.keep_open(operation, State.UNKNOWN, attempt, at=at, next_at=wait.next_at)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out and the operation is queried again
    except Exception as problem:
        # An answer that no verb can record must be seen by a person, and must not be lost or
        # repeated for ever.
        log.exception("answer_not_recorded", operation=operation.out_no)
        attempt.pk = None
        _park(operation, attempt, at, trouble=f"{type(problem).__name__}: {problem}")


def _keep_open(operation: Operation, answer: Answer, attempt: Attempt, at: datetime) -> None:
    if answer.outcome == Outcome.CONFIG:
        operations.halt(Halt.Scope.ALL, Halt.Reason.GATEWAY_REFUSES, at=at)
    if operation.state == State.MANUAL:  # until a person or a definite answer ends it
        _park(operation, attempt, at, trouble=operation.trouble)
        return
    if answer.outcome == Outcome.MANUAL or _open_too_long(operation, at):
        _park(
            operation, attempt, at, trouble=answer.sub_code or answer.message or "open for too long"
        )
        return
    facts: dict[str, str] = {}
    state = State.UNKNOWN
    if answer.outcome == Outcome.WAIT_USER or (
        operation.state == State.WAIT_USER and answer.outcome in NOT_CONFIRMED
    ):
        state, next_at = State.WAIT_USER, operations.next_poll(operation, at=at)
        if url := str(answer.facts.get("code_url") or ""):
            facts["code_url"] = url
    elif answer.outcome == Outcome.HOLD:
        next_at, facts["trouble"] = at + operations.HOLD, answer.sub_code or answer.code
    else:
        next_at = operations.next_step(operation, doubts=_doubts(operation), at=at)
    operations.keep_open(operation, state, attempt, at=at, next_at=next_at, **facts)


def _doubts(operation: Operation) -> int:
    """How many answers left the operation open, without those that said: the payer has not yet."""
    return Attempt.objects.filter(operation=operation).exclude(outcome=Outcome.WAIT_USER).count()


def _park(operation: Operation, attempt: Attempt, at: datetime, *, trouble: str) -> None:
    """A person has to look. It blocks its order and is still queried, hourly."""
    operations.keep_open(
        operation,
        State.MANUAL,
        attempt,
        at=at,
        next_at=at + operations.MANUAL_QUERY,
        trouble=trouble[:200],
    )


def _log_attempt(operation: Operation, answer: Answer, what: str, at: datetime) -> None:
    attempt_of(operation, answer, what, at).save(force_insert=True)
    Operation.objects.filter(pk=operation.pk).update(asks=F("asks") + 1)


def _may_send_again(operation: Operation, answer: Answer) -> bool:
    """Only a clear "no such operation" leads to sending the same request again; for a refund the
    gateway has no such words, and the same id is harmless there.
    """
    if operation.state in (State.WAIT_USER, State.MANUAL):
        return False
    return answer.outcome == Outcome.NOT_FOUND or bool(answer.facts.get("may_resend"))


def _only_a_person_knows(operation: Operation) -> bool:
    """A transfer whose number the gateway knows with other content: its query shows no payee that
    we could compare, so its success proves nothing.
    """
    return (
        operation.kind == Kind.TRANSFER
        and operation.state == State.MANUAL
        and operation.trouble in OTHER_CONTENT
    )


def _never_sent_in_time(claim: operations.Claim, at: datetime) -> bool:
    """The claim of a first attempt counts its send, unless its time is up."""
    operation = claim.operation
    if operation.sends > 0 or operation.expires_at is None:
        return False
    return not claim.query_first or at >= operation.expires_at


def _timed_out(operation: Operation, answer: Answer, at: datetime) -> bool:
    """The payer did not confirm in time, and the gateway, asked after that time, says so too (crash
    point 13).
    """
    return (
        operation.kind == Kind.FREEZE
        and operation.expires_at is not None
        and at >= operation.expires_at
        and answer.outcome in NOT_CONFIRMED
    )


def _open_too_long(operation: Operation, at: datetime) -> bool:
    first = operation.first_sent_at or at
    return at - first >= operations.MANUAL_AFTER
