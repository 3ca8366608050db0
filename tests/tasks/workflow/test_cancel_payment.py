"""The merchant gives up a payment that he has not confirmed (V17)."""

from datetime import timedelta

import pytest

from settlement import worker
from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Escrow, Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tests.builders import a_creator
from tests.gateway import scripted
from tests.orders import (
    HOUR,
    NOW,
    a_sent_task,
    an_order,
    creator_of,
    merchant_of,
    pockets,
    settle,
    start_payment,
)
from tests.verbs import (
    MERCHANT,
    a_case,
    an_operation,
    another_merchant,
    asked,
    do,
    fresh,
    operation_of,
    refusal,
    refused,
)

CANCEL = workflow.CANCEL_PAYMENT
MINUTE = timedelta(minutes=1)


def an_order_waiting_for_the_payer() -> Order:
    task = a_sent_task()
    start_payment(task)
    with scripted():
        settle(NOW)
    return task.orders.get()


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_a_payment_that_was_never_sent_is_just_cancelled() -> None:
    task = a_sent_task()
    start_payment(task)
    order = task.orders.get()
    operation = operation_of(order)
    do(CANCEL, order, at=NOW, by=merchant_of(order))
    operation.refresh_from_db()
    assert (operation.state, operation.resolved_at) == ("CANCELLED", NOW)
    assert Operation.objects.filter(resolved_at=None).count() == 0


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_orders_that_are_paid_together_are_cancelled_together() -> None:
    task = a_sent_task(a_creator(), a_creator())
    start_payment(task)
    first, second = task.orders.order_by("pk")
    operation = operation_of(first)
    assert refusal(CANCEL, first, at=NOW, by=merchant_of(first)) == "ONLY_TOGETHER"
    assert [operation_of(order) for order in (first, second)] == [operation, operation]
    assert [found.state for found in Operation.objects.all()] == ["READY"]

    engine.run(CANCEL, [first.pk, second.pk], at=NOW, by=merchant_of(first))
    assert Escrow.objects.exclude(open_operation=None).count() == 0


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_a_freeze_that_waits_for_the_payer_is_closed_at_the_gateway_too() -> None:
    order = an_order_waiting_for_the_payer()
    freeze = operation_of(order)
    do(CANCEL, order, at=NOW + HOUR / 60, by=merchant_of(order))
    freeze.refresh_from_db()
    cancel = operation_of(order)
    assert freeze.state == "EXPIRED"
    assert (cancel.kind, cancel.request["freeze_out_no"]) == (Kind.CANCEL_FREEZE, freeze.out_no)


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_afterwards_the_merchant_can_pay_again() -> None:
    order = an_order_waiting_for_the_payer()
    do(CANCEL, order, at=NOW + HOUR / 60, by=merchant_of(order))
    with scripted():
        settle(NOW + HOUR / 60)
    assert pockets(order) == {}
    start_payment(order.task, at=NOW + HOUR)
    assert operation_of(order).kind == Kind.FREEZE


@pytest.mark.django_db
def test_one_freeze_over_several_orders_is_cancelled_as_one() -> None:
    task = a_sent_task(a_creator(), a_creator())
    ids = start_payment(task)
    with scripted():
        settle(NOW)
    engine.run(CANCEL, ids, at=NOW, by=merchant_of(task.orders.all()[0]))
    [cancel] = Operation.objects.filter(resolved_at=None)
    assert (cancel.kind, cancel.shares.count()) == (Kind.CANCEL_FREEZE, 2)


@pytest.mark.parametrize("state", ["SENT", "UNKNOWN", "MANUAL"])
def test_while_nobody_knows_what_became_of_it_nothing_is_cancelled(state: str) -> None:
    case = a_case("UNPAID", operation=an_operation(Kind.FREEZE, state))
    assert refused(case, CANCEL, at=NOW, by=MERCHANT) == "IN_FLIGHT"


def test_what_a_worker_has_already_taken_up_is_in_flight() -> None:
    case = a_case("UNPAID", operation=an_operation(Kind.FREEZE, "READY", asks=1))
    assert refused(case, CANCEL, at=NOW, by=MERCHANT) == "IN_FLIGHT"
    fresh = a_case("UNPAID", operation=an_operation(Kind.FREEZE, "READY"))
    assert asked(fresh, CANCEL, at=NOW, by=MERCHANT).ends_operation == "CANCELLED"


@pytest.mark.django_db
def test_without_a_payment_there_is_nothing_to_cancel() -> None:
    order = an_order("UNPAID")
    assert refusal(CANCEL, order, at=NOW, by=merchant_of(order)) == "NO_PAYMENT"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_cancelling_twice_cancels_once() -> None:
    order = an_order_waiting_for_the_payer()
    do(CANCEL, order, at=NOW, by=merchant_of(order))
    assert refusal(CANCEL, order, at=NOW, by=merchant_of(order)) == "NO_PAYMENT"


@pytest.mark.django_db
def test_strangers_and_the_creator_cannot_cancel() -> None:
    order = an_order_waiting_for_the_payer()
    assert refusal(CANCEL, order, at=NOW, by=another_merchant()) == "NOT_FOUND"
    assert refusal(CANCEL, order, at=NOW, by=creator_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_a_paid_order_has_no_payment_to_cancel() -> None:
    order = an_order("PAID")
    assert refusal(CANCEL, order, at=NOW, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
def test_a_late_answer_to_a_cancelled_freeze_is_kept_and_changes_nothing() -> None:
    order = an_order_waiting_for_the_payer()
    freeze = operation_of(order)
    do(CANCEL, order, at=NOW, by=merchant_of(order))
    facts = {"fund_amount_fen": freeze.amount_fen, "credit_amount_fen": 0}
    worker.record(freeze, Answer(Outcome.SUCCESS, facts=facts), "QUERY", NOW)
    assert Order.objects.get(pk=order.pk).state == "UNPAID"
    assert pockets(order) == {}
    assert freeze.attempts.count() == 2


@pytest.mark.django_db
@pytest.mark.rule("V17", "N20")
def test_as_long_as_somebody_can_still_confirm_the_code_its_payment_is_not_closed() -> None:
    """The gateway counts the time of a code from when it got our request, and that was late."""
    task = a_sent_task()
    start_payment(task)
    order = task.orders.get()
    unopened = Answer(Outcome.FAILED, sub_code="AUTH_ORDER_NOT_EXIST")
    with scripted() as gateway:
        settle(NOW + 14 * MINUTE)  # sent by a worker that came late; valid for 15 minutes
        gateway.says["FREEZE?"] = gateway.says["CANCEL_FREEZE?"] = Outcome.NOT_FOUND
        gateway.says["CANCEL_FREEZE"] = unopened
        settle(NOW + 15 * MINUTE)
        settle(NOW + 16 * MINUTE)
        cancel = operation_of(order)
        assert (cancel.kind, cancel.next_at) == (Kind.CANCEL_FREEZE, NOW + 29 * MINUTE)
        del gateway.says["CANCEL_FREEZE"]  # the payer confirms in the last minute: undone
        settle(NOW + 29 * MINUTE)
    cancel.refresh_from_db()
    assert cancel.state == "SUCCEEDED"
    assert (fresh(order).state, pockets(order)) == ("UNPAID", {})
