"""Two who act on one order at once: one wins, the other is told, and the money moves once.

Each race has a control: without the lock it really happens, and only the database's own rules
keep the books right.
"""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError

from settlement import handlers, worker
from settlement.gateway.messages import Answer
from settlement.models import Operation, Transfer
from tasks import workflow
from tasks.models import Delivery, Order
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, Actor, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.rule import Judgement
from tests.builders import ops
from tests.gateway import scripted
from tests.orders import (
    DAY,
    LINK,
    START,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
    reminded,
    settle,
    start_payment,
)
from tests.races.racing import LONGEST_S, overlapped, right_after, together, without_locks
from tests.verbs import TICK, fresh, operation_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("N20")]

Run = Callable[[], Any]


def does(verb: Verb, order: Order, by: Actor, at: Any, given: Any = None, token: str = "") -> Run:
    def run() -> str:
        [outcome] = engine.run(verb, [order.pk], at=at, by=by, given=given, token=token)
        return outcome.refusal.code if outcome.refusal else outcome.result

    return run


# Accept against lapse


def accept_and_lapse(order: Order) -> tuple[Run, Run]:
    accept = does(workflow.ACCEPT, order, creator_of(order), START - TICK)
    return accept, does(workflow.LAPSE, order, CLOCK, START)


@pytest.mark.rule("V32", "V37")
def test_an_order_that_is_being_accepted_does_not_lapse() -> None:
    order = an_order("PAID")
    accept, lapse = accept_and_lapse(order)
    assert overlapped(accept, lapse) == ["DONE", "WRONG_STATE"]
    assert fresh(order).state == "ACCEPTED"
    assert operation_of(order).kind == "CAPTURE"


@pytest.mark.rule("V32", "V37")
def test_an_order_that_is_lapsing_is_not_accepted() -> None:
    order = an_order("PAID")
    accept, lapse = accept_and_lapse(order)
    assert overlapped(lapse, accept) == ["DONE", "WRONG_STATE"]
    assert fresh(order).state == "LAPSED"
    assert operation_of(order).kind == "UNFREEZE"


@pytest.mark.rule("V37")
def test_a_sweep_passes_over_an_order_that_is_being_accepted() -> None:
    order = an_order("PAID")
    accept, _ = accept_and_lapse(order)
    results = overlapped(accept, lambda: engine.sweep(workflow.LAPSE, at=START, by=CLOCK))
    assert results == ["DONE", []]


def test_control_without_the_lock_accept_and_lapse_both_decide() -> None:
    order = an_order("PAID")
    accept, lapse = accept_and_lapse(order)
    with without_locks():
        late, early = overlapped(accept, lapse)
    assert early == "DONE"
    assert isinstance(late, DatabaseError)
    assert "Invalid transition" in str(late)
    assert fresh(order).state == "LAPSED"


# Pay against void


def payment_and_void() -> tuple[Order, Run, Run]:
    task = a_sent_task()
    start_payment(task, at=START - DAY / 24 / 60)
    order = task.orders.get()
    with scripted() as gateway:
        settle(START - DAY / 24 / 60)
    freeze = operation_of(order)
    yes: Answer = gateway._answer(worker.ask_of(freeze))

    def paid() -> None:
        attempt = worker.attempt_of(freeze, yes, "QUERY", START - TICK)
        handlers.handle(freeze, yes, attempt, START - TICK)

    return order, paid, does(workflow.VOID, order, CLOCK, START)


@pytest.mark.rule("V31", "V36")
def test_an_order_that_is_being_paid_does_not_become_void() -> None:
    order, paid, void = payment_and_void()
    assert overlapped(paid, void) == [None, "WRONG_STATE"]
    assert (fresh(order).state, pockets(order)) == ("PAID", {"frozen": order.price_fen})


@pytest.mark.rule("V36", "V53")
def test_a_payment_of_an_order_that_becomes_void_goes_back() -> None:
    order, paid, void = payment_and_void()
    assert overlapped(void, paid) == ["DONE", None]
    assert (fresh(order).state, pockets(order)) == ("VOID", {"frozen": order.price_fen})
    assert operation_of(order).kind == "UNFREEZE"
    with scripted():
        settle(START)
    assert pockets(order) == {"returned": order.price_fen}


def test_control_without_the_lock_the_payment_overwrites_the_end() -> None:
    order, paid, void = payment_and_void()
    with without_locks():
        late, early = overlapped(paid, void)
    assert early == "DONE"
    assert isinstance(late, DatabaseError)
    assert "Invalid transition" in str(late)
    assert (fresh(order).state, pockets(order)) == ("VOID", {})


# Confirm against dispute


def confirm_and_dispute(order: Order) -> tuple[Run, Run]:
    at, by = delivered_at(order) + DAY, merchant_of(order)
    confirm = does(workflow.CONFIRM, order, by, at)
    return confirm, does(workflow.DISPUTE, order, by, at, Complaint("少了图"))


@pytest.mark.rule("V34", "V40")
def test_what_is_being_confirmed_cannot_be_disputed() -> None:
    order = an_order("DELIVERED")
    confirm, dispute = confirm_and_dispute(order)
    assert overlapped(confirm, dispute) == ["DONE", "WRONG_STATE"]
    assert pockets(order) == {"in_transit": order.price_fen}


@pytest.mark.rule("V34", "V40")
def test_what_is_being_disputed_cannot_be_confirmed() -> None:
    order = an_order("DELIVERED")
    confirm, dispute = confirm_and_dispute(order)
    assert overlapped(dispute, confirm) == ["DONE", "WRONG_STATE"]
    assert pockets(order) == {"held": order.price_fen}


@pytest.mark.rule("V52")
def test_the_clock_does_not_confirm_what_is_being_disputed() -> None:
    order = reminded(an_order("DELIVERED"))
    _, dispute = confirm_and_dispute(order)
    due = delivered_at(order) + 10 * DAY
    results = overlapped(dispute, lambda: engine.sweep(workflow.CONFIRM, at=due, by=CLOCK))
    assert results == ["DONE", []]
    assert fresh(order).state == "DISPUTED"


def test_control_without_the_lock_a_disputed_reward_is_released() -> None:
    order = an_order("DELIVERED")
    confirm, dispute = confirm_and_dispute(order)
    with without_locks():
        late, early = overlapped(confirm, dispute)
    assert (late, early) == ("DONE", "DONE")
    assert order.dispute.order_id == order.pk
    assert fresh(order).state == "CONFIRMED"
    assert pockets(order) == {"in_transit": order.price_fen}


# Fifty at once

FIFTY = 50


def test_of_fifty_parallel_confirms_one_releases_and_49_find_it_done() -> None:
    order = an_order("DELIVERED")
    confirm, _ = confirm_and_dispute(order)
    results = together(*[confirm] * FIFTY)
    assert sorted(results) == ["ALREADY"] * (FIFTY - 1) + ["DONE"]
    assert Transfer.objects.filter(order_id=order.pk, code="confirm").count() == 1
    assert Operation.objects.filter(kind="TRANSFER").count() == 1


def test_control_without_the_lock_all_fifty_try_to_release_and_the_keys_stop_49() -> None:
    order = an_order("DELIVERED")
    confirm, _ = confirm_and_dispute(order)
    loaded = Barrier(FIFTY)
    with without_locks(), right_after("tasks.workflow.load.lock", lambda: wait_for_all(loaded)):
        results = together(*[confirm] * FIFTY)
    assert results.count("DONE") == 1
    assert sum(isinstance(result, DatabaseError) for result in results) == FIFTY - 1
    assert Transfer.objects.filter(order_id=order.pk, code="confirm").count() == 1


def wait_for_all(barrier: Barrier) -> None:
    barrier.wait(LONGEST_S)


# Two sweeps


def test_two_sweeps_at_once_share_the_work_and_wait_for_nobody() -> None:
    orders = [an_order("PAID") for _ in range(6)]

    def sweep() -> list[int]:
        return [
            outcome.order_id for outcome in engine.sweep(workflow.LAPSE, at=START, by=CLOCK, size=3)
        ]

    first, second = overlapped(sweep, sweep, at="tasks.workflow.load.lock_due")
    assert sorted(first + second) == [order.pk for order in orders]
    assert Operation.objects.filter(kind="UNFREEZE").count() == 6


def test_control_without_the_lock_two_sweeps_take_the_same_orders() -> None:
    order = an_order("PAID")

    def sweep() -> list[int]:
        return [o.order_id for o in engine.sweep(workflow.LAPSE, at=START, by=CLOCK)]

    with without_locks():
        late, early = overlapped(sweep, sweep, at="tasks.workflow.load.lock_due")
    assert early == [order.pk]
    assert isinstance(late, DatabaseError)
    assert Operation.objects.filter(kind="UNFREEZE").count() == 1


# One form, sent twice


def the_same_form(order: Order) -> Run:
    at, by = START + DAY, creator_of(order)
    return does(workflow.DELIVER, order, by, at, Content(LINK), token="form-1")


def test_a_form_that_is_sent_twice_at_once_counts_once() -> None:
    order = an_order("ACCEPTED")
    deliver = the_same_form(order)
    assert overlapped(deliver, deliver) == ["DONE", "ALREADY"]
    assert Delivery.objects.filter(order=order).count() == 1


def test_control_without_the_lock_only_the_forms_key_stops_the_second() -> None:
    order = an_order("ACCEPTED")
    deliver = the_same_form(order)
    with without_locks():
        late, early = overlapped(deliver, deliver, at="tasks.workflow.engine._tokens_seen")
    assert early == "DONE"
    assert isinstance(late, DatabaseError)
    assert Delivery.objects.filter(order=order).count() == 1


# Two who rule


@pytest.mark.rule("V40", "V41")
def test_of_two_rulings_at_once_the_first_stands() -> None:
    order = an_order("DISPUTED")
    at, one, two = delivered_at(order) + 2 * DAY, Actor.ops(ops()), Actor.ops(ops())
    pay = does(workflow.RULE, order, one, at, Judgement(0, "erfüllt"))
    refund = does(workflow.RULE, order, two, at, Judgement(order.price_fen, "nicht erfüllt"))
    assert overlapped(pay, refund) == ["DONE", "WRONG_STATE"]
    assert pockets(order) == {"in_transit": order.price_fen}
