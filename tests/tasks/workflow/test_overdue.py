"""The due time passes without a delivery (V39); the reward goes back out of escrow (V53)."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests.orders import DAY, DUE, PRICE_FEN, an_order, merchant_of, pockets
from tests.orders import do as do_and_settle
from tests.verbs import (
    TICK,
    a_case,
    an_operation,
    do,
    do_again,
    operation_of,
    refusal,
    refused,
    told,
)

OVERDUE = workflow.OVERDUE


@pytest.mark.django_db
@pytest.mark.rule("V39")
def test_at_the_due_time_an_undelivered_order_is_overdue() -> None:
    order = do(OVERDUE, an_order("ACCEPTED"), at=DUE, by=CLOCK)
    assert (order.state, order.closed_at) == ("OVERDUE", DUE)
    assert set(told(order)) == {("MERCHANT", "overdue"), ("CREATOR", "overdue")}


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_the_whole_reward_goes_back_out_of_escrow() -> None:
    order = an_order("ACCEPTED")
    do(OVERDUE, order, at=DUE, by=CLOCK)
    assert (operation_of(order).kind, operation_of(order).amount_fen) == (Kind.REFUND, PRICE_FEN)
    assert pockets(order) == {"refund_in_transit": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_when_the_gateway_has_refunded_the_merchant_has_his_money() -> None:
    order = an_order("ACCEPTED")
    do_and_settle(OVERDUE, order, at=DUE, by=CLOCK)
    assert pockets(order) == {"returned": PRICE_FEN}


@pytest.mark.rule("V39")
def test_one_microsecond_before_the_due_time_nothing_is_overdue() -> None:
    case = a_case("ACCEPTED", pockets={"held": PRICE_FEN})
    assert refused(case, OVERDUE, at=DUE - TICK, by=CLOCK) == "NOT_DUE"


@pytest.mark.django_db
@pytest.mark.rule("V39")
def test_the_sweep_finds_it_at_the_due_time_and_not_a_microsecond_before() -> None:
    order = an_order("ACCEPTED")
    assert engine.sweep(OVERDUE, at=DUE - TICK, by=CLOCK) == []
    assert [o.order_id for o in engine.sweep(OVERDUE, at=DUE, by=CLOCK)] == [order.pk]


def test_while_the_reward_is_being_secured_an_order_is_not_overdue() -> None:
    case = a_case("ACCEPTED", operation=an_operation(Kind.CAPTURE))
    assert refused(case, OVERDUE, at=DUE + DAY, by=CLOCK) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["UNPAID", "PAID", "DELIVERED", "DISPUTED", "CONFIRMED"])
def test_only_an_accepted_order_becomes_overdue(state: str) -> None:
    assert refusal(OVERDUE, an_order(state), at=DUE + DAY, by=CLOCK) == "WRONG_STATE"


@pytest.mark.django_db
def test_nobody_but_the_clock_makes_an_order_overdue() -> None:
    order = an_order("ACCEPTED")
    assert refusal(OVERDUE, order, at=DUE, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_a_second_sweep_finds_nothing_to_do() -> None:
    order = an_order("ACCEPTED")
    do(OVERDUE, order, at=DUE, by=CLOCK)
    assert do_again(OVERDUE, order, at=DUE + DAY, by=CLOCK) == "ALREADY"
    assert engine.sweep(OVERDUE, at=DUE + DAY, by=CLOCK) == []
