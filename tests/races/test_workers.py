"""Two workers, a worker against people: an operation is carried and its answer written once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError

from settlement import handlers, manual, operations, worker
from settlement.gateway.messages import Answer, Outcome
from settlement.models import ManualDecision, Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import Refused
from tests.builders import ops
from tests.gateway import scripted
from tests.orders import (
    HOUR,
    NOW,
    a_sent_task,
    an_order,
    delivered_at,
    merchant_of,
    pockets,
    settle,
    start_payment,
)
from tests.races.racing import overlapped, together, without_locks
from tests.verbs import fresh, operation_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("N20")]

MINUTE = timedelta(minutes=1)
PAYOUT_AT = delivered_at(Order(start_at=NOW + timedelta(days=2))) + HOUR


BEFORE_COMMIT = "settlement.crash.here"
LOCK = " for update skip locked"


def a_payout() -> Order:
    """A confirmed order whose payout is ready to be sent."""
    order = an_order("DELIVERED")
    engine.run_one(workflow.CONFIRM, order.pk, at=PAYOUT_AT, by=merchant_of(order))
    return order


def claimed() -> int | None:
    claim = operations.claim(at=PAYOUT_AT)
    return claim.operation.pk if claim else None


def test_two_workers_never_claim_the_same_operation() -> None:
    operation = operation_of(a_payout())
    assert sorted(together(claimed, claimed), key=str) == [operation.pk, None]


def test_while_one_worker_is_claiming_the_other_passes_on() -> None:
    operation = operation_of(a_payout())
    results = overlapped(claimed, claimed, at=BEFORE_COMMIT)
    assert results == [operation.pk, None]


def test_control_without_the_lock_both_claim_it() -> None:
    operation = operation_of(a_payout())
    with patch("settlement.operations.CLAIM", operations.CLAIM.replace(LOCK, "")):
        results = overlapped(claimed, claimed, at=BEFORE_COMMIT)
    assert results == [operation.pk, operation.pk]


def two_workers() -> list[Any]:
    """The first is still talking to the gateway when its lease runs out and the second comes."""

    def pump(at: Any) -> Callable[[], int]:
        return lambda: worker.pump(lambda: at)

    send = "settlement.gateway.adapter.send"
    return overlapped(pump(PAYOUT_AT), pump(PAYOUT_AT + MINUTE), at=send)


def test_a_worker_whose_lease_ran_out_finds_the_operation_closed() -> None:
    order = a_payout()
    number = operation_of(order).out_no
    with scripted() as gateway:
        assert two_workers() == [1, 1]
    assert pockets(order) == {"paid": order.price_fen}
    assert list(gateway.done) == [number]
    assert Operation.objects.get(out_no=number).attempts.count() == 2


def test_control_if_it_did_not_look_the_answer_would_be_written_twice() -> None:
    order = a_payout()
    operation = operation_of(order)
    yes = Answer(Outcome.SUCCESS, gateway_no="1")

    def record() -> None:
        attempt = worker.attempt_of(operation, yes, "QUERY", PAYOUT_AT)
        handlers.handle(operation, yes, attempt, PAYOUT_AT)

    really, looking = operations.close, iter((True, False))

    def close(end: operations.End, *, at: datetime) -> bool:
        return really(end, at=at) if next(looking) else True  # the late one just goes on

    with without_locks(), patch("settlement.operations.close", close):
        late, early = overlapped(record, record)
    assert early is None
    assert isinstance(late, DatabaseError)
    assert pockets(order) == {"paid": order.price_fen}


def test_the_same_answer_recorded_twice_at_once_is_written_once() -> None:
    order = a_payout()
    operation = operation_of(order)
    yes = Answer(Outcome.SUCCESS, gateway_no="1")

    def record() -> None:
        worker.record(operation, yes, "QUERY", PAYOUT_AT)

    assert overlapped(record, record) == [None, None]
    assert pockets(order) == {"paid": order.price_fen}
    assert operation.attempts.count() == 2


# Worker against merchant: a payment is given up while it is answered


def a_waiting_payment() -> tuple[Order, Operation, Answer]:
    task = a_sent_task()
    start_payment(task)
    with scripted() as gateway:
        settle(NOW)
    order = task.orders.get()
    freeze = operation_of(order)
    return order, freeze, gateway._answer(worker.ask_of(freeze))


def test_a_payment_that_is_being_cancelled_is_not_recorded_as_paid() -> None:
    order, freeze, yes = a_waiting_payment()

    def cancel() -> str:
        by = merchant_of(order)
        return engine.run_one(workflow.CANCEL_PAYMENT, order.pk, at=NOW, by=by).result

    def paid() -> None:
        worker.record(freeze, yes, "QUERY", NOW)

    assert overlapped(cancel, paid) == ["DONE", None]
    assert (fresh(order).state, pockets(order)) == ("UNPAID", {})
    assert operation_of(order).kind == "CANCEL_FREEZE"


def test_a_payment_that_is_being_recorded_is_not_cancelled() -> None:
    order, freeze, yes = a_waiting_payment()

    def cancel() -> str:
        by = merchant_of(order)
        try:
            return engine.run_one(workflow.CANCEL_PAYMENT, order.pk, at=NOW, by=by).result
        except Refused as refusal:
            return refusal.code

    def paid() -> None:
        worker.record(freeze, yes, "QUERY", NOW)

    assert overlapped(paid, cancel) == [None, "WRONG_STATE"]
    assert (fresh(order).state, pockets(order)) == ("PAID", {"frozen": order.price_fen})


# Worker against two people


def a_proposal(order: Order, verdict: str) -> ManualDecision:
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.MANUAL
        settle(PAYOUT_AT)
    return manual.propose(operation_of(order).pk, verdict, "Beleg", at=PAYOUT_AT, by=ops().pk)


def test_what_the_gateway_answers_while_ops_decide_otherwise_stands() -> None:
    order = a_payout()
    decision = a_proposal(order, "FAILED")
    operation, approver = operation_of(order), ops().pk
    at = PAYOUT_AT + HOUR

    def answered() -> None:
        worker.record(operation, Answer(Outcome.SUCCESS, gateway_no="1"), "QUERY", at - MINUTE)

    def approve() -> object:
        return manual.approve(decision.pk, at=at, by=approver)

    _, refused = overlapped(answered, approve)
    assert isinstance(refused, manual.UnableToDecide)
    assert pockets(order) == {"paid": order.price_fen}
    decision.refresh_from_db()
    assert decision.approved_by is None


def test_two_people_who_approve_at_once_decide_once() -> None:
    order = a_payout()
    decision = a_proposal(order, "SUCCEEDED")
    one, two = ops().pk, ops().pk
    first, second = overlapped(
        lambda: manual.approve(decision.pk, at=PAYOUT_AT + HOUR, by=one),
        lambda: manual.approve(decision.pk, at=PAYOUT_AT + HOUR, by=two),
    )
    assert first.approved_by_id == one
    assert isinstance(second, manual.UnableToDecide)
    assert pockets(order) == {"paid": order.price_fen}
