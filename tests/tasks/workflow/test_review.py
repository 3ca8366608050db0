"""The merchant reviews the creator's work; the order is complete (V35, V62)."""

from dataclasses import replace

import pytest

from tasks import workflow
from tasks.models import Review
from tasks.workflow.review import Verdict
from tests.orders import DAY, an_order, creator_of, delivered_at, merchant_of
from tests.verbs import another_merchant, do, do_again, do_twice, refusal, told, transfers

REVIEW = workflow.REVIEW
VERDICT = Verdict(5, 4, 3, " 内容很好，配图清晰。 ")


@pytest.mark.django_db
@pytest.mark.rule("V35", "V62")
def test_a_review_has_three_ratings_and_a_text_and_completes_the_order() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 2 * DAY
    order = do(REVIEW, order, at=at, by=merchant_of(order), given=VERDICT)
    review = Review.objects.get(order=order)
    assert (review.quality, review.punctuality, review.communication) == (5, 4, 3)
    assert review.text == "内容很好，配图清晰。"
    assert (order.state, order.reviewed_at, order.closed_at) == ("REVIEWED", at, at)
    assert told(order) == [("CREATOR", "reviewed")]


@pytest.mark.django_db
@pytest.mark.rule("V62")
def test_a_review_moves_no_money() -> None:
    order = an_order("CONFIRMED")
    before = transfers(order)
    at = delivered_at(order) + 2 * DAY
    do(REVIEW, order, at=at, by=merchant_of(order), given=VERDICT)
    assert transfers(order) == before


@pytest.mark.django_db
@pytest.mark.rule("V62")
@pytest.mark.parametrize("rating", [0, 6, -1])
@pytest.mark.parametrize("name", ["quality", "punctuality", "communication"])
def test_a_rating_lies_between_1_and_5(name: str, rating: int) -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + 2 * DAY, merchant_of(order)
    verdict = replace(VERDICT, **{name: rating})  # type: ignore[arg-type]
    assert refusal(REVIEW, order, at=at, by=by, given=verdict) == "RATING"


@pytest.mark.django_db
@pytest.mark.rule("V62")
def test_a_review_says_something() -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + 2 * DAY, merchant_of(order)
    assert refusal(REVIEW, order, at=at, by=by, given=Verdict(5, 5, 5, "  ")) == "NO_TEXT"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["UNPAID", "PAID", "ACCEPTED", "DELIVERED", "DISPUTED", "LAPSED"])
def test_only_a_confirmed_order_can_be_reviewed(state: str) -> None:
    order = an_order(state)
    at, by = delivered_at(order) + 3 * DAY, merchant_of(order)
    assert refusal(REVIEW, order, at=at, by=by, given=VERDICT) == "WRONG_STATE"


@pytest.mark.django_db
def test_another_merchant_does_not_find_the_order() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 2 * DAY
    assert refusal(REVIEW, order, at=at, by=another_merchant(), given=VERDICT) == "NOT_FOUND"


@pytest.mark.django_db
def test_a_creator_cannot_review_himself() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 2 * DAY
    assert refusal(REVIEW, order, at=at, by=creator_of(order), given=VERDICT) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_reviewing_a_second_time_keeps_the_first_review() -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + 2 * DAY, merchant_of(order)
    do(REVIEW, order, at=at, by=by, given=VERDICT)
    assert do_again(REVIEW, order, at=at, by=by, given=Verdict(1, 1, 1, "anders")) == "ALREADY"
    assert Review.objects.get(order=order).quality == 5


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_is_one_review() -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + 2 * DAY, merchant_of(order)
    assert do_twice(REVIEW, order, at=at, by=by, given=VERDICT) == "ALREADY"
