"""The only code that locks orders, loads them, asks a verb, and writes what it decided.

    lock and load the set → ask the verb for each → write all in one statement → say what happened

A click is a set of one, a sweep a set of hundreds, an answer of the gateway the set of the orders
it concerns: it is the same code. State, money, event and messages commit together or not at all,
and no network is touched here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from settlement import crash, doorbell, operations
from settlement.ledger import Overdrawn
from tasks.models import OrderEvent
from tasks.workflow import batch, load
from tasks.workflow.decision import Actor, Case, Decision, NotYours, Refused, Verb, WrongState

DONE, ALREADY, REFUSED = "DONE", "ALREADY", "REFUSED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one order: DONE, ALREADY (it had happened before, nothing was written), or
    REFUSED and why.
    """

    order_id: int
    result: str
    refusal: Refused | None = None


def run(
    verb: Verb,
    order_ids: Iterable[int],
    *,
    at: datetime,
    by: Actor,
    given: Any = None,
    token: str = "",
) -> list[Outcome]:
    """Do `verb` for each order, in one transaction; orders that cannot do it are refused one by one
    (N20).

    `token` names the form that the click came from: the same form again is ALREADY. Raises the
    first refusal, with nothing written, for a verb that takes its set as a whole.
    """
    order_ids = sorted(set(order_ids))
    with transaction.atomic():
        cases = load.lock(order_ids, with_operation=verb.looks_at_operation)
        return _decide_and_write(verb, order_ids, cases, at=at, by=by, given=given, token=token)


def run_one(
    verb: Verb, order_id: int, *, at: datetime, by: Actor, given: Any = None, token: str = ""
) -> Outcome:
    """Do `verb` for one order. Raises `Refused`, with nothing changed, when it does not apply."""
    outcome = run(verb, [order_id], at=at, by=by, given=given, token=token)[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome


def answer(
    verb: Verb, ends: operations.End, *, at: datetime, by: Actor, given: Any = None
) -> list[Outcome]:
    """Do `verb` for all orders of the gateway operation `ends`, whose answer this is; it is closed
    in the same transaction. ALREADY, with nothing changed, when it had been closed before. Raises
    the first refusal, with nothing written.
    """
    with transaction.atomic():
        cases = load.lock_asked(ends.operation_id, with_operation=verb.looks_at_operation)
        ids = [case.order.pk for case in cases]
        if not operations.close(ends, at=at):
            return [Outcome(order_id, ALREADY) for order_id in ids]
        return _decide_and_write(verb, ids, cases, at=at, by=by, given=given, ends=ends)


def sweep(verb: Verb, *, at: datetime, by: Actor, size: int = 500) -> list[Outcome]:
    """Do `verb` for up to `size` orders that are due at `at`, passing over those that others hold
    (`SKIP LOCKED`).
    """
    with transaction.atomic():
        cases = load.lock_due(verb, at=at, size=size)
        ids = [case.order.pk for case in cases]
        return _decide_and_write(verb, ids, cases, at=at, by=by)


def due(verb: Verb, *, at: datetime, size: int) -> list[int]:
    """The orders that a sweep would take, by number."""
    with transaction.atomic():
        return [case.order.pk for case in load.lock_due(verb, at=at, size=size)]


def preview(
    verb: Verb, order_ids: Sequence[int], *, at: datetime, by: Actor, given: Any = None
) -> list[tuple[Case, Decision]]:
    """What `verb` would do, from the very function that does it, without writing anything (N1).
    Raises `Refused`.
    """
    cases = load.look(order_ids, with_operation=verb.looks_at_operation)
    _refuse_missing(order_ids, cases)
    return [(case, _ask(verb, case, at=at, by=by, given=given)) for case in cases]


def _decide_and_write(
    verb: Verb,
    order_ids: Sequence[int],
    cases: Sequence[Case],
    *,
    at: datetime,
    by: Actor,
    given: Any = None,
    token: str = "",
    ends: operations.End | None = None,
) -> list[Outcome]:
    seen = _tokens_seen(token, order_ids)
    writing = batch.Batch(verb, at=at, by=by, token=token, ends=ends)
    outcomes = {order_id: Outcome(order_id, REFUSED, NotYours()) for order_id in order_ids}
    for case in cases:
        order_id = case.order.pk
        outcomes[order_id] = (
            Outcome(order_id, ALREADY)
            if f"{token}:{order_id}" in seen
            else _one(verb, case, writing, at=at, by=by, given=given)
        )
    if verb.whole_set or ends is not None:
        _refuse_the_set(outcomes.values())
    writing.write()
    crash.here("before-T0-commit" if ends is None else "before-T2-commit")
    if writing.asks_the_gateway:
        transaction.on_commit(doorbell.ring, robust=True)
    return list(outcomes.values())


def _one(
    verb: Verb, case: Case, writing: batch.Batch, *, at: datetime, by: Actor, given: Any
) -> Outcome:
    order = case.order
    source = order.state
    try:
        if by.may_see(order) and _is_done(verb, source) and by.role in verb.roles:
            return Outcome(order.pk, ALREADY)
        writing.add(case, _ask(verb, case, at=at, by=by, given=given), source)
    except Refused as refusal:
        return Outcome(order.pk, REFUSED, refusal)
    except Overdrawn as problem:
        raise RuntimeError(f"{verb.name} of order {order.pk}: {problem}") from problem
    return Outcome(order.pk, DONE)


def _ask(verb: Verb, case: Case, *, at: datetime, by: Actor, given: Any) -> Decision:
    if not by.may_see(case.order):
        raise NotYours
    if by.role not in verb.roles or case.order.state not in verb.sources:
        raise WrongState
    return verb.decide(case, at=at, by=by, given=given)


def _is_done(verb: Verb, state: str) -> bool:
    """A click that comes twice finds the order where it wanted to bring it: that is no error."""
    return verb.is_repeatable and state in verb.targets and state not in verb.sources


def _tokens_seen(token: str, order_ids: Sequence[int]) -> set[str]:
    if not token:
        return set()
    tokens = [f"{token}:{order_id}" for order_id in order_ids]
    return set(
        OrderEvent.objects.filter(token__in=tokens).values_list("token", flat=True)  # type: ignore[arg-type]
    )


def _refuse_missing(order_ids: Sequence[int], cases: Sequence[Case]) -> None:
    if len(set(order_ids)) != len(cases):
        raise NotYours


def _refuse_the_set(outcomes: Iterable[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.refusal is not None:
            raise outcome.refusal
