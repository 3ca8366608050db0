"""The creator declines with a reason (V38), and the reward goes back to the merchant (V53)."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tests.orders import HOUR, NOW, PRICE_FEN, START, an_order, creator_of, merchant_of, pockets
from tests.orders import do as do_and_settle
from tests.verbs import (
    CREATOR,
    TICK,
    a_case,
    an_operation,
    another_creator,
    asked,
    do,
    do_again,
    do_twice,
    operation_of,
    refusal,
    refused,
    told,
)

DECLINE = workflow.DECLINE
REASON = "不符合我的风格"


@pytest.mark.django_db
@pytest.mark.rule("V38")
def test_the_creator_declines_and_the_merchant_reads_why() -> None:
    order = an_order("PAID")
    order = do(DECLINE, order, at=NOW + HOUR, by=creator_of(order), given=f"  {REASON} ")
    assert (order.state, order.reason, order.closed_at) == ("DECLINED", REASON, NOW + HOUR)
    assert told(order) == [("MERCHANT", "declined")]


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_declining_gives_the_whole_reward_back() -> None:
    order = an_order("PAID")
    do(DECLINE, order, at=NOW + HOUR, by=creator_of(order), given=REASON)
    operation = operation_of(order)
    assert (operation.kind, operation.amount_fen) == (Kind.UNFREEZE, PRICE_FEN)
    assert pockets(order) == {"frozen": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V53")
def test_when_the_gateway_has_released_the_freeze_the_merchant_has_his_money() -> None:
    order = an_order("PAID")
    do_and_settle(DECLINE, order, at=NOW + HOUR, by=creator_of(order), given=REASON)
    assert pockets(order) == {"returned": PRICE_FEN}


@pytest.mark.rule("V38")
def test_it_can_be_declined_until_one_microsecond_before_the_start() -> None:
    assert asked(a_case("PAID"), DECLINE, at=START - TICK, by=CREATOR, given=REASON).ask


@pytest.mark.rule("V37")
def test_exactly_at_the_start_it_is_too_late_to_decline() -> None:
    assert refused(a_case("PAID"), DECLINE, at=START, by=CREATOR, given=REASON) == "TOO_LATE"


@pytest.mark.django_db
@pytest.mark.rule("V38")
@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_declining_needs_a_reason(reason: str) -> None:
    order = an_order("PAID")
    code = refusal(DECLINE, order, at=NOW + HOUR, by=creator_of(order), given=reason)
    assert code == "NO_REASON"


def test_while_the_gateway_is_working_on_the_order_nobody_can_decline() -> None:
    case = a_case("PAID", operation=an_operation(Kind.CAPTURE))
    assert refused(case, DECLINE, at=NOW, by=CREATOR, given=REASON) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
def test_an_accepted_order_cannot_be_declined() -> None:
    order = an_order("ACCEPTED")
    code = refusal(DECLINE, order, at=NOW + 2 * HOUR, by=creator_of(order), given=REASON)
    assert code == "WRONG_STATE"


@pytest.mark.django_db
def test_another_creator_does_not_find_the_order() -> None:
    order = an_order("PAID")
    code = refusal(DECLINE, order, at=NOW + HOUR, by=another_creator(), given=REASON)
    assert code == "NOT_FOUND"


@pytest.mark.django_db
def test_a_merchant_cannot_decline_for_the_creator() -> None:
    order = an_order("PAID")
    code = refusal(DECLINE, order, at=NOW + HOUR, by=merchant_of(order), given=REASON)
    assert code == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_declining_a_second_time_is_no_error_and_does_nothing() -> None:
    order = an_order("PAID")
    do(DECLINE, order, at=NOW + HOUR, by=creator_of(order), given=REASON)
    again = do_again(DECLINE, order, at=NOW + 2 * HOUR, by=creator_of(order), given="anders")
    assert again == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_declines_once() -> None:
    order = an_order("PAID")
    by = creator_of(order)
    assert do_twice(DECLINE, order, at=NOW + HOUR, by=by, given=REASON) == "ALREADY"
