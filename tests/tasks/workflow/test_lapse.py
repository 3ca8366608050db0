"""The start time passes with neither yes nor no (V37); the reward goes back (V53)."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests.orders import NOW, PRICE_FEN, START, an_order, creator_of, merchant_of, pockets
from tests.orders import do as do_and_settle
from tests.verbs import (
    TICK,
    a_case,
    an_operation,
    asked,
    do,
    do_again,
    operation_of,
    refusal,
    refused,
    told,
)

LAPSE = workflow.LAPSE


@pytest.mark.django_db
@pytest.mark.rule("V37")
def test_at_the_start_a_paid_order_that_nobody_answered_lapses() -> None:
    order = do(LAPSE, an_order("PAID"), at=START, by=CLOCK)
    assert (order.state, order.closed_at, order.accepted_at) == ("LAPSED", START, None)
    assert set(told(order)) == {("MERCHANT", "lapsed"), ("CREATOR", "lapsed")}


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_a_lapse_gives_the_whole_reward_back() -> None:
    order = an_order("PAID")
    do(LAPSE, order, at=START, by=CLOCK)
    assert (operation_of(order).kind, operation_of(order).amount_fen) == (Kind.UNFREEZE, PRICE_FEN)
    assert pockets(order) == {"frozen": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_when_the_gateway_has_released_the_freeze_the_merchant_has_his_money() -> None:
    order = an_order("PAID")
    do_and_settle(LAPSE, order, at=START, by=CLOCK)
    assert pockets(order) == {"returned": PRICE_FEN}


@pytest.mark.rule("V37")
def test_one_microsecond_before_the_start_nothing_lapses() -> None:
    assert refused(a_case("PAID"), LAPSE, at=START - TICK, by=CLOCK) == "NOT_DUE"
    assert asked(a_case("PAID"), LAPSE, at=START, by=CLOCK).ask is not None


@pytest.mark.django_db
@pytest.mark.rule("V37")
def test_the_sweep_finds_it_at_the_start_and_not_a_microsecond_before() -> None:
    order = an_order("PAID")
    assert engine.sweep(LAPSE, at=START - TICK, by=CLOCK) == []
    assert [o.order_id for o in engine.sweep(LAPSE, at=START, by=CLOCK)] == [order.pk]


@pytest.mark.django_db
def test_the_sweep_passes_over_an_order_whose_money_moves() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW, by=creator_of(order))
    assert engine.sweep(workflow.OVERDUE, at=order.due_at, by=CLOCK) == []


def test_while_the_gateway_is_working_on_the_order_it_does_not_lapse() -> None:
    case = a_case("PAID", operation=an_operation(Kind.UNFREEZE))
    assert refused(case, LAPSE, at=START, by=CLOCK) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["UNPAID", "ACCEPTED", "DECLINED", "VOID"])
def test_only_a_paid_order_lapses(state: str) -> None:
    assert refusal(LAPSE, an_order(state), at=START, by=CLOCK) == "WRONG_STATE"


@pytest.mark.django_db
def test_nobody_but_the_clock_lets_an_order_lapse() -> None:
    order = an_order("PAID")
    assert refusal(LAPSE, order, at=START, by=merchant_of(order)) == "WRONG_STATE"
    assert refusal(LAPSE, order, at=START, by=creator_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_a_second_sweep_finds_nothing_to_do() -> None:
    order = an_order("PAID")
    do(LAPSE, order, at=START, by=CLOCK)
    assert do_again(LAPSE, order, at=START, by=CLOCK) == "ALREADY"
    assert engine.sweep(LAPSE, at=START, by=CLOCK) == []
