"""What orders say of a creator and of the platform: own fault only, and enough data or none."""

from datetime import timedelta

import pytest

from tasks import board, reputation
from tests.builders import a_creator, a_merchant
from tests.orders import an_order

pytestmark = pytest.mark.django_db


@pytest.mark.rule("N11")
def test_only_what_the_creator_accepted_and_let_slip_is_late() -> None:
    creator = a_creator()
    for state in ("CONFIRMED", "REVIEWED", "REFUNDED", "OVERDUE", "DECLINED", "LAPSED", "VOID"):
        an_order(state, creator=creator)
    found = reputation.record(creator.pk)
    assert (found.finished, found.on_time, found.late) == (2, 3, 1)
    assert found.on_time_percent == 75


def test_a_share_of_too_few_orders_is_not_told() -> None:
    creator = a_creator()
    for _ in range(2):
        an_order("CONFIRMED", creator=creator)
    assert reputation.record(creator.pk).on_time_percent is None
    an_order("CONFIRMED", creator=creator)
    assert reputation.record(creator.pk).on_time_percent == 100


@pytest.mark.rule("V62")
def test_ratings_are_means_and_nothing_without_reviews() -> None:
    creator = a_creator()
    assert reputation.record(creator.pk).rating is None
    an_order("REVIEWED", creator=creator)
    an_order("REVIEWED")
    found = reputation.record(creator.pk)
    assert (found.reviews, found.quality, found.punctuality) == (1, 5.0, 4.0)
    assert found.rating == pytest.approx(14 / 3)


def test_reviews_are_the_newest_first_and_shops_are_shortened() -> None:
    creator = a_creator()
    for name in ("晨光旗舰店", "Lumi Skincare"):
        merchant = a_merchant(shop_name=name)
        an_order("REVIEWED", creator=creator, merchant=merchant)
    opinions = reputation.latest_reviews(creator.pk)
    assert [opinion.shop for opinion in opinions] == ["L***", "晨***"]
    assert opinions[0].text == "内容很好，配图清晰。"
    assert opinions[0].rating == pytest.approx(14 / 3)


def test_only_the_latest_reviews_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reputation, "LATEST_REVIEWS", 1)
    creator = a_creator()
    an_order("REVIEWED", creator=creator)
    an_order("REVIEWED", creator=creator)
    assert len(reputation.latest_reviews(creator.pk)) == 1


# The platform


def test_without_orders_the_board_is_empty() -> None:
    found = board.figures()
    assert found.is_empty
    assert (found.orders, found.completed, found.paid_out_fen) == (0, 0, 0)
    assert (found.accepted_within, found.on_time_percent, found.paid_percent) == (None, None, None)


def test_the_board_counts_from_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "ENOUGH", 3)
    for state in ("UNPAID", "CONFIRMED", "REVIEWED", "REVIEWED", "OVERDUE", "DECLINED"):
        an_order(state)
    found = board.figures()
    assert (found.orders, found.is_all, found.completed) == (6, True, 3)
    assert found.paid_out_fen == 3 * 80_000
    assert found.accepted_within is not None
    assert timedelta(minutes=50) < found.accepted_within <= timedelta(hours=1)
    assert (found.on_time_percent, found.paid_percent) == (75, 75)


def test_shares_and_medians_of_too_few_orders_are_not_told() -> None:
    an_order("REVIEWED")
    found = board.figures()
    assert not found.is_empty
    assert (found.accepted_within, found.on_time_percent, found.paid_percent) == (None, None, None)


def test_only_the_newest_orders_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    an_order("REVIEWED")
    an_order("CONFIRMED")
    an_order("UNPAID")
    monkeypatch.setattr(board, "NEWEST", 2)
    found = board.figures()
    assert (found.orders, found.is_all, found.completed) == (2, False, 1)
    assert found.paid_out_fen == 80_000
