"""Level 1: operations that were closed lately are asked about once more a day, and compared.

Open ones are queried by the worker anyway. A transfer that came back (退票) and a freeze that ended
by itself go to their owner's verbs; everything else that differs becomes an item.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from settlement import freezes, handlers, worker
from settlement.gateway import adapter
from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Attempt, Escrow, Operation
from settlement.recon import items, watch
from settlement.recon.items import Difference

AGAIN = timedelta(days=1)
RECENT = 3 * AGAIN + AGAIN / 2  # three questions, a day apart, also when a run is late
AFTER_NO_ANSWER = timedelta(hours=1)
MOST_SILENCE = 3  # so many questions without an answer end a run
LONGEST = timedelta(minutes=3)  # a slow gateway ends it too, well before the next run

State = Operation.State
CLOSED = (State.SUCCEEDED, State.FAILED, State.EXPIRED)
NO_ANSWER = (Outcome.UNKNOWN, Outcome.HOLD, Outcome.CONFIG)
CAME_TO_NOTHING = (Outcome.NOT_FOUND, Outcome.FAILED, Outcome.EXPIRED)


def run(now: Callable[[], datetime], *, limit: int = 1_000) -> int:
    """Ask about what is due, oldest first; how many were asked about."""
    silent = done = 0
    ends = now() + LONGEST
    for operation in due(at=now())[:limit]:
        if now() >= ends:
            break
        answer = one(operation, at=now())
        done += 1
        silent = silent + 1 if says_nothing(answer) else 0
        if silent == MOST_SILENCE:
            break
    return done


def due(*, at: datetime) -> QuerySet[Operation]:
    """Operations closed one to three days ago that nobody has asked about for a day."""
    asked = Attempt.objects.filter(operation=OuterRef("pk"))
    lately = asked.filter(at__gt=at - AGAIN).exclude(outcome__in=NO_ANSWER)
    just_now = asked.filter(at__gt=at - AFTER_NO_ANSWER)
    return (
        Operation.objects.filter(
            resolved_at__gt=at - RECENT, resolved_at__lte=at - AGAIN, state__in=CLOSED
        )
        .filter(~Exists(lately), ~Exists(just_now))
        .select_related("payout_account")
        .order_by("resolved_at", "id")
    )


def one(operation: Operation, *, at: datetime) -> Answer:
    """Ask about one closed operation, keep the answer, and compare; outside any transaction."""
    answer = adapter.query(worker.ask_of(operation))
    worker.attempt_of(operation, answer, Attempt.What.QUERY, at).save(force_insert=True)
    if not says_nothing(answer):
        found = compare(operation, answer, at=at)
        items.settle(Q(key=key_of(operation)), [found] if found else [], at=at)
    return answer


def compare(operation: Operation, answer: Answer, *, at: datetime) -> Difference | None:
    """How the gateway's answer differs from what we have, after its owner took in what he can."""
    if operation.state != State.SUCCEEDED:
        return None if _came_to_nothing(operation, answer) else difference(operation, answer)
    if operation.kind == Kind.FREEZE and answer.outcome == Outcome.SUCCESS:
        return watch.compare(operation, answer, at=at)
    if came_back(operation, answer) and handlers.payout_returned(operation, at):
        return None
    return None if _happened(operation, answer) else difference(operation, answer)


def came_back(operation: Operation, answer: Answer) -> bool:
    """A transfer that had succeeded and was returned to us."""
    return operation.kind == Kind.TRANSFER and answer.facts.get("status") == "REFUND"


def difference(operation: Operation, answer: Answer) -> Difference:
    """That the gateway tells another end, or another content, of an operation."""
    is_other_content = answer.outcome == Outcome.MANUAL and not _undone(answer)
    told = (answer.outcome, answer.sub_code, _undone(answer))
    return Difference(
        key_of(operation),
        items.Level.OPERATION,
        items.Kind.AMOUNT if is_other_content else items.Kind.STATE,
        out_no=operation.out_no,
        order_id=freezes.orders_of(operation)[0],
        ours_fen=operation.amount_fen,
        detail=f"{operation.kind}: {operation.state} here, {' '.join(filter(None, told))} there",
    )


def key_of(operation: Operation) -> str:
    return f"operation:{operation.out_no}"


def says_nothing(answer: Answer) -> bool:
    """No answer; but of a refund "no state" is one: it is not there."""
    return answer.outcome in NO_ANSWER and not answer.facts.get("may_resend")


def _undone(answer: Answer) -> str:
    """The state of a trade that was given back in full, or of a transfer that came back."""
    states = (answer.facts.get(name) for name in ("trade_status", "status"))
    return next((str(state) for state in states if state in ("TRADE_CLOSED", "REFUND")), "")


def _happened(operation: Operation, answer: Answer) -> bool:
    if answer.outcome == Outcome.SUCCESS:
        return True
    if operation.kind == Kind.CANCEL_FREEZE:  # nobody had opened the freeze
        return answer.outcome == Outcome.NOT_FOUND and answer.code != "10000"
    if operation.kind == Kind.CAPTURE:
        return bool(_undone(answer)) and _is_given_back(operation)
    if operation.kind == Kind.UNFREEZE and answer.outcome == Outcome.NOT_FOUND:
        return _closed_by_gateway(operation)
    return False


def _is_given_back(capture: Operation) -> bool:
    """A trade that was refunded in full is closed there."""
    escrow = Escrow.objects.get(pk=freezes.orders_of(capture)[0])
    return escrow.returned + escrow.refund_in_transit == capture.amount_fen


def _closed_by_gateway(unfreeze: Operation) -> bool:
    """The gateway had closed the freeze before our release came."""
    freeze = Operation.objects.get(out_no=unfreeze.request["freeze_out_no"])
    return freezes.gave_all_back(freeze, adapter.query(worker.ask_of(freeze)))


def _came_to_nothing(operation: Operation, answer: Answer) -> bool:
    if answer.outcome in CAME_TO_NOTHING or answer.facts.get("may_resend") or _undone(answer):
        return True
    if operation.kind != Kind.FREEZE:
        return False
    is_released = answer.facts.get("rest_amount_fen") == 0
    return (answer.outcome == Outcome.SUCCESS and is_released) or watch.is_moving(operation)
