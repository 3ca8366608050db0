"""Before payment one side offers another price and the other side accepts it (V19)."""

import pytest

from policy.numbers import Policy
from settlement.kinds import Kind
from tasks import workflow
from tasks.models import Order
from tasks.workflow.change_price import Offer
from tasks.workflow.decision import Actor
from tests.orders import (
    HOUR,
    NOW,
    PRICE_FEN,
    START,
    a_sent_task,
    an_order,
    creator_of,
    merchant_of,
    paid,
    start_payment,
)
from tests.verbs import (
    CREATOR,
    MERCHANT,
    TICK,
    a_case,
    an_operation,
    another_creator,
    another_merchant,
    asked,
    do,
    refusal,
    refused,
    told,
)

OFFER, ACCEPT, REJECT = workflow.OFFER_PRICE, workflow.ACCEPT_PRICE, workflow.REJECT_PRICE
LESS = Offer(70_000, Policy())


def an_offer(by: str = "MERCHANT", fen: int = 70_000) -> Order:
    order = an_order("UNPAID")
    side = merchant_of(order) if by == "MERCHANT" else creator_of(order)
    return do(OFFER, order, at=NOW + HOUR, by=side, given=Offer(fen, Policy()))


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_an_offer_changes_no_price_and_is_told_to_the_other_side() -> None:
    order = an_offer("MERCHANT")
    assert (order.price_fen, order.offer_fen, order.offer_by) == (PRICE_FEN, 70_000, "MERCHANT")
    assert told(order) == [("CREATOR", "price_offered")]


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_the_creator_may_offer_too() -> None:
    order = an_offer("CREATOR", 90_000)
    assert (order.offer_fen, order.offer_by) == (90_000, "CREATOR")
    assert told(order) == [("MERCHANT", "price_offered")]


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_the_other_side_accepts_and_the_price_is_the_offered_one() -> None:
    order = an_offer("MERCHANT")
    order = do(ACCEPT, order, at=NOW + 2 * HOUR, by=creator_of(order), given=70_000)
    assert (order.price_fen, order.offer_fen, order.offer_by) == (70_000, None, "")
    assert told(order) == [("MERCHANT", "price_accepted")]


@pytest.mark.django_db
@pytest.mark.rule("V17", "V19", "N2")
def test_after_a_payment_that_came_to_nothing_another_price_brings_its_own_terms() -> None:
    order = an_order("UNPAID")
    start_payment(order.task, policy=Policy(fee_bps=2_000))
    do(workflow.CANCEL_PAYMENT, order, at=NOW, by=merchant_of(order))
    do(OFFER, order, at=NOW + HOUR, by=merchant_of(order), given=LESS)
    order = do(ACCEPT, order, at=NOW + HOUR, by=creator_of(order), given=70_000)
    assert (order.price_fen, order.net_fen) == (70_000, None)
    [order] = paid(order.task, at=NOW + 2 * HOUR, policy=Policy(fee_bps=1_000))
    assert (order.state, order.fee_fen, order.net_fen) == ("PAID", 7_000, 63_000)


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_a_newer_offer_takes_the_place_of_the_older() -> None:
    order = an_offer("MERCHANT")
    by = creator_of(order)
    order = do(OFFER, order, at=NOW + 2 * HOUR, by=by, given=Offer(75_000, Policy()))
    assert (order.offer_fen, order.offer_by) == (75_000, "CREATOR")


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_an_offer_that_changed_since_it_was_seen_is_not_accepted() -> None:
    order = an_offer("MERCHANT", 60_000)
    at, by = NOW + 2 * HOUR, creator_of(order)
    assert refusal(ACCEPT, order, at=at, by=by, given=70_000) == "OFFER_CHANGED"


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_nobody_accepts_his_own_offer() -> None:
    order = an_offer("MERCHANT")
    at, by = NOW + 2 * HOUR, merchant_of(order)
    assert refusal(ACCEPT, order, at=at, by=by, given=70_000) == "OWN_OFFER"


@pytest.mark.django_db
@pytest.mark.parametrize("side", [merchant_of, creator_of])
def test_the_other_side_says_no_or_the_one_who_offered_takes_it_back(side: object) -> None:
    order = an_offer("MERCHANT")
    by: Actor = side(order)  # type: ignore[operator]
    order = do(REJECT, order, at=NOW + 2 * HOUR, by=by)
    assert (order.price_fen, order.offer_fen, order.offer_by) == (PRICE_FEN, None, "")


@pytest.mark.django_db
def test_without_an_offer_there_is_nothing_to_accept_or_reject() -> None:
    order = an_order("UNPAID")
    by = creator_of(order)
    assert refusal(ACCEPT, order, at=NOW + HOUR, by=by, given=70_000) == "NO_OFFER"
    assert refusal(REJECT, order, at=NOW + HOUR, by=by) == "NO_OFFER"


@pytest.mark.django_db
def test_the_present_price_is_no_offer() -> None:
    order = an_order("UNPAID")
    at, by = NOW + HOUR, merchant_of(order)
    offer = Offer(PRICE_FEN, Policy())
    assert refusal(OFFER, order, at=at, by=by, given=offer) == "SAME_PRICE"


@pytest.mark.rule("V18")
@pytest.mark.parametrize(("fen", "fee_bps"), [(9, 0), (0, 0), (-5, 0), (11, 2000), (11, 1500)])
def test_less_than_ten_fen_net_cannot_be_offered(fen: int, fee_bps: int) -> None:
    offer = Offer(fen, Policy(fee_bps=fee_bps))
    assert refused(a_case("UNPAID"), OFFER, at=NOW, by=MERCHANT, given=offer) == "PRICE"


@pytest.mark.rule("V18")
@pytest.mark.parametrize(("fen", "fee_bps"), [(10, 0), (12, 2000), (12, 1500)])
def test_ten_fen_net_is_the_smallest_offer(fen: int, fee_bps: int) -> None:
    offer = Offer(fen, Policy(fee_bps=fee_bps))
    case = a_case("UNPAID")
    asked(case, OFFER, at=NOW, by=MERCHANT, given=offer)
    assert (case.order.offer_fen, case.order.offer_by) == (fen, "MERCHANT")


def test_more_than_the_highest_price_cannot_be_offered() -> None:
    offer = Offer(Policy().largest_price_fen + 1, Policy())
    assert refused(a_case("UNPAID"), OFFER, at=NOW, by=MERCHANT, given=offer) == "PRICE"


@pytest.mark.rule("V19", "V36")
def test_prices_change_until_one_microsecond_before_the_start() -> None:
    assert asked(a_case("UNPAID"), OFFER, at=START - TICK, by=MERCHANT, given=LESS).tell
    case = a_case("UNPAID", offer_fen=70_000, offer_by="MERCHANT")
    assert refused(case, OFFER, at=START, by=MERCHANT, given=LESS) == "TOO_LATE"
    assert refused(case, ACCEPT, at=START, by=CREATOR, given=70_000) == "TOO_LATE"
    assert refused(case, REJECT, at=START, by=CREATOR) == "TOO_LATE"


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_while_the_order_is_being_paid_its_price_stands() -> None:
    task = a_sent_task()
    start_payment(task, at=NOW)
    order = task.orders.get()
    at, by = NOW + HOUR, merchant_of(order)
    assert refusal(OFFER, order, at=at, by=by, given=LESS) == "MONEY_ON_ITS_WAY"


def test_while_the_order_is_being_paid_no_offer_is_accepted() -> None:
    operation = an_operation(Kind.FREEZE)
    case = a_case("UNPAID", offer_fen=70_000, offer_by="MERCHANT", operation=operation)
    assert refused(case, ACCEPT, at=NOW, by=CREATOR, given=70_000) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.rule("V15", "V18")
@pytest.mark.parametrize("state", ["PAID", "ACCEPTED", "CONFIRMED", "VOID"])
def test_once_paid_the_price_is_fixed(state: str) -> None:
    order = an_order(state)
    at, by = NOW + HOUR, merchant_of(order)
    assert refusal(OFFER, order, at=at, by=by, given=LESS) == "WRONG_STATE"


@pytest.mark.django_db
def test_strangers_do_not_find_the_order() -> None:
    order = an_offer("MERCHANT")
    at = NOW + 2 * HOUR
    assert refusal(OFFER, order, at=at, by=another_merchant(), given=LESS) == "NOT_FOUND"
    assert refusal(ACCEPT, order, at=at, by=another_creator(), given=70_000) == "NOT_FOUND"
    assert refusal(REJECT, order, at=at, by=another_creator()) == "NOT_FOUND"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_an_offer_accepted_twice_is_accepted_once() -> None:
    order = an_offer("MERCHANT")
    at, by = NOW + 2 * HOUR, creator_of(order)
    do(ACCEPT, order, at=at, by=by, given=70_000)
    assert refusal(ACCEPT, order, at=at, by=by, given=70_000) == "NO_OFFER"
