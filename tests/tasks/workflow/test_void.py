"""The start time passes unpaid: the order never takes effect (V36)."""

import pytest

from settlement.models import Transfer
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests.orders import HOUR, START, a_sent_task, an_order, merchant_of, pockets, start_payment
from tests.verbs import TICK, a_case, do, do_again, operation_of, refusal, refused, told

VOID = workflow.VOID


@pytest.mark.django_db
@pytest.mark.rule("V36")
def test_at_the_start_an_unpaid_order_is_void() -> None:
    order = do(VOID, an_order("UNPAID"), at=START, by=CLOCK)
    assert (order.state, order.closed_at, order.paid_at) == ("VOID", START, None)
    assert order.reason == "UNPAID_AT_START"
    assert set(told(order)) == {("MERCHANT", "void"), ("CREATOR", "void")}


@pytest.mark.django_db
@pytest.mark.rule("V36")
def test_a_void_order_never_had_any_money() -> None:
    order = do(VOID, an_order("UNPAID"), at=START, by=CLOCK)
    assert pockets(order) == {}
    assert not Transfer.objects.exists()


@pytest.mark.rule("V30", "V36")
def test_one_microsecond_before_the_start_it_can_still_be_paid() -> None:
    assert refused(a_case("UNPAID"), VOID, at=START - TICK, by=CLOCK) == "NOT_DUE"


@pytest.mark.django_db
@pytest.mark.rule("V36")
def test_the_sweep_finds_it_at_the_start_and_not_a_microsecond_before() -> None:
    order = an_order("UNPAID")
    assert engine.sweep(VOID, at=START - TICK, by=CLOCK) == []
    assert [o.order_id for o in engine.sweep(VOID, at=START, by=CLOCK)] == [order.pk]


@pytest.mark.django_db
@pytest.mark.rule("V36")
def test_a_payment_under_way_does_not_keep_an_order_alive() -> None:
    task = a_sent_task()
    start_payment(task, at=START - HOUR)
    order = task.orders.get()
    operation = operation_of(order)
    order = do(VOID, order, at=START, by=CLOCK)
    assert order.state == "VOID"
    assert operation_of(order) == operation  # its answer will find the order void


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_an_open_price_offer_ends_with_the_order() -> None:
    order = an_order("UNPAID")
    type(order).objects.filter(pk=order.pk).update(offer_fen=70_000, offer_by="MERCHANT")
    order = do(VOID, order, at=START, by=CLOCK)
    assert (order.offer_fen, order.offer_by) == (None, "")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["PAID", "ACCEPTED", "DECLINED"])
def test_only_an_unpaid_order_becomes_void(state: str) -> None:
    assert refusal(VOID, an_order(state), at=START, by=CLOCK) == "WRONG_STATE"


@pytest.mark.django_db
def test_nobody_but_the_clock_makes_an_order_void() -> None:
    order = an_order("UNPAID")
    assert refusal(VOID, order, at=START, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_a_second_sweep_finds_nothing_to_do() -> None:
    order = an_order("UNPAID")
    do(VOID, order, at=START, by=CLOCK)
    assert do_again(VOID, order, at=START, by=CLOCK) == "ALREADY"
    assert engine.sweep(VOID, at=START, by=CLOCK) == []
