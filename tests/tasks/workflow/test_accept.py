"""The creator accepts (V32), and the reward goes into escrow (V51)."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import NotYours
from tests.gateway import scripted
from tests.orders import (
    HOUR,
    NOW,
    PRICE_FEN,
    START,
    an_order,
    creator_of,
    merchant_of,
    pockets,
    settle,
)
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
    last_event,
    operation_of,
    refusal,
    refused,
    told,
)

ACCEPT = workflow.ACCEPT


@pytest.mark.django_db
@pytest.mark.rule("V32")
def test_the_creator_accepts_and_the_merchant_is_told() -> None:
    order = an_order("PAID")
    order = do(ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    assert (order.state, order.accepted_at) == ("ACCEPTED", NOW + HOUR)
    assert told(order) == [("MERCHANT", "accepted")]
    event = last_event(order)
    assert (event.verb, event.source, event.target) == ("accept", "PAID", "ACCEPTED")
    assert (event.role, event.by_id) == ("CREATOR", order.creator.user_id)


@pytest.mark.django_db
@pytest.mark.rule("V51")
def test_accepting_asks_for_the_capture_and_moves_nothing_until_the_gateway_says_so() -> None:
    order = an_order("PAID")
    do(ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    operation = operation_of(order)
    assert (operation.kind, operation.amount_fen) == (Kind.CAPTURE, PRICE_FEN)
    assert operation.state == "READY"
    assert pockets(order) == {"frozen": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V51")
def test_when_the_gateway_has_captured_the_reward_lies_in_escrow() -> None:
    order = an_order("PAID")
    do_and_settle(ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    assert pockets(order) == {"held": PRICE_FEN}
    assert Order.objects.get(pk=order.pk).secured_at is not None


@pytest.mark.rule("V32")
def test_it_can_be_accepted_until_one_microsecond_before_the_start() -> None:
    decision = asked(a_case("PAID"), ACCEPT, at=START - TICK, by=CREATOR)
    assert decision.ask is not None


@pytest.mark.rule("V37")
def test_exactly_at_the_start_it_is_too_late_to_accept() -> None:
    assert refused(a_case("PAID"), ACCEPT, at=START, by=CREATOR) == "TOO_LATE"


@pytest.mark.django_db
def test_accepting_at_the_start_leaves_the_money_where_it_is() -> None:
    order = an_order("PAID")
    assert refusal(ACCEPT, order, at=START, by=creator_of(order)) == "TOO_LATE"


@pytest.mark.django_db
def test_without_a_payout_account_nobody_can_accept() -> None:
    order = an_order("PAID")
    type(order.creator).objects.filter(pk=order.creator_id).update(payout_account=None)
    assert refusal(ACCEPT, order, at=NOW + HOUR, by=creator_of(order)) == "NO_PAYOUT_ACCOUNT"


def test_while_the_gateway_is_working_on_the_order_nobody_can_accept() -> None:
    case = a_case("PAID", operation=an_operation(Kind.UNFREEZE))
    assert refused(case, ACCEPT, at=NOW, by=CREATOR) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
def test_another_creator_does_not_find_the_order() -> None:
    order = an_order("PAID")
    assert refusal(ACCEPT, order, at=NOW + HOUR, by=another_creator()) == "NOT_FOUND"


@pytest.mark.django_db
def test_a_merchant_cannot_accept_for_the_creator() -> None:
    order = an_order("PAID")
    assert refusal(ACCEPT, order, at=NOW + HOUR, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
def test_an_unpaid_order_cannot_be_accepted() -> None:
    order = an_order("UNPAID")
    assert refusal(ACCEPT, order, at=NOW + HOUR, by=creator_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
def test_an_order_that_does_not_exist_is_not_found() -> None:
    by = creator_of(an_order("PAID"))
    with pytest.raises(NotYours):
        engine.run_one(ACCEPT, 1_000_000, at=NOW + HOUR, by=by)


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_accepting_a_second_time_is_no_error_and_does_nothing() -> None:
    order = an_order("PAID")
    do(ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    assert do_again(ACCEPT, order, at=NOW + 2 * HOUR, by=creator_of(order)) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_accepts_once() -> None:
    order = an_order("PAID")
    assert do_twice(ACCEPT, order, at=NOW + HOUR, by=creator_of(order)) == "ALREADY"


@pytest.mark.django_db
def test_a_capture_that_is_asked_twice_is_one_capture() -> None:
    order = an_order("PAID")
    do(ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    with scripted() as gateway:
        settle(NOW + HOUR)
        settle(NOW + 2 * HOUR)
    assert [kind for _, kind, _ in gateway.asked] == [Kind.CAPTURE]
