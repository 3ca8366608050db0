"""The merchant asks ops to rule on a delivery (V40); the clock stands still."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tasks.models import Dispute
from tasks.workflow.dispute import Complaint
from tests.orders import DAY, HOUR, NOW, PRICE_FEN, an_order, creator_of, delivered_at, merchant_of
from tests.orders import pockets as pockets_of
from tests.verbs import (
    MERCHANT,
    TICK,
    a_case,
    an_operation,
    another_merchant,
    asked,
    do,
    do_again,
    do_twice,
    refusal,
    refused,
    told,
)

DISPUTE = workflow.DISPUTE
COMPLAINT = Complaint("少了两张实拍图", ("disputes/1.jpg",))
CONFIRM_BY = NOW + 13 * DAY


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_the_merchant_disputes_with_a_reason_and_pictures() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + DAY
    order = do(DISPUTE, order, at=at, by=merchant_of(order), given=COMPLAINT)
    dispute = Dispute.objects.get(order=order)
    assert (dispute.reason, dispute.pictures) == ("少了两张实拍图", ["disputes/1.jpg"])
    assert (order.state, order.disputed_at) == ("DISPUTED", at)
    assert told(order) == [("CREATOR", "disputed")]


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_the_clock_stands_still_and_the_money_stays_in_escrow() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + DAY
    order = do(DISPUTE, order, at=at, by=merchant_of(order), given=COMPLAINT)
    assert order.confirm_by is None
    assert pockets_of(order) == {"held": PRICE_FEN}


@pytest.mark.rule("V40", "V52")
def test_it_can_be_disputed_until_one_microsecond_before_the_clock_confirms() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, reminded_at=NOW)
    assert asked(case, DISPUTE, at=CONFIRM_BY - TICK, by=MERCHANT, given=COMPLAINT).records


@pytest.mark.rule("V40", "V52")
def test_exactly_when_the_clock_confirms_it_is_too_late_to_dispute() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, reminded_at=NOW)
    assert refused(case, DISPUTE, at=CONFIRM_BY, by=MERCHANT, given=COMPLAINT) == "TOO_LATE"


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_dispute_needs_a_reason(reason: str) -> None:
    order = an_order("DELIVERED")
    at, by = delivered_at(order) + HOUR, merchant_of(order)
    assert refusal(DISPUTE, order, at=at, by=by, given=Complaint(reason)) == "NO_REASON"


def test_while_the_gateway_is_working_on_the_order_nobody_can_dispute() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, operation=an_operation(Kind.CAPTURE))
    assert refused(case, DISPUTE, at=NOW, by=MERCHANT, given=COMPLAINT) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["UNPAID", "PAID", "ACCEPTED", "CONFIRMED", "REFUNDED"])
def test_only_a_delivery_can_be_disputed(state: str) -> None:
    order = an_order(state)
    at, by = delivered_at(order) + 3 * DAY, merchant_of(order)
    assert refusal(DISPUTE, order, at=at, by=by, given=COMPLAINT) == "WRONG_STATE"


@pytest.mark.django_db
def test_another_merchant_does_not_find_the_order() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    assert refusal(DISPUTE, order, at=at, by=another_merchant(), given=COMPLAINT) == "NOT_FOUND"


@pytest.mark.django_db
def test_a_creator_cannot_dispute_his_own_work() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    assert refusal(DISPUTE, order, at=at, by=creator_of(order), given=COMPLAINT) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_disputing_a_second_time_is_no_error_and_does_nothing() -> None:
    order = an_order("DELIVERED")
    at, by = delivered_at(order) + HOUR, merchant_of(order)
    do(DISPUTE, order, at=at, by=by, given=COMPLAINT)
    assert do_again(DISPUTE, order, at=at + HOUR, by=by, given=Complaint("anders")) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_is_one_dispute() -> None:
    order = an_order("DELIVERED")
    at, by = delivered_at(order) + HOUR, merchant_of(order)
    assert do_twice(DISPUTE, order, at=at, by=by, given=COMPLAINT) == "ALREADY"
