"""What was spent and earned, and the merchant's statement line by line."""

from datetime import UTC, date, datetime, timedelta

import pytest

from policy.numbers import Policy
from tasks import statement, workflow
from tasks.models import Order
from tasks.workflow.decision import Actor
from tasks.workflow.rule import Judgement
from tests.builders import a_creator, a_domain, a_merchant, ops
from tests.orders import DAY, NOW, an_order, delivered_at, do

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)
IN_MARCH = datetime(2026, 3, 20, tzinfo=UTC)


def a_split(order: Order, *, refund_fen: int) -> None:
    by = Actor.ops(ops())
    given = Judgement(refund_fen, "一半达标")
    do(workflow.RULE, order, at=delivered_at(order) + 2 * DAY, by=by, given=given)


@pytest.mark.rule("N7")
def test_a_creators_months_hold_his_net_by_the_day_of_confirmation() -> None:
    creator = a_creator(price_fen=80_000)
    an_order("CONFIRMED", creator=creator, policy=FEE)
    an_order("REVIEWED", creator=creator, policy=FEE)
    an_order("DELIVERED", creator=creator, policy=FEE)
    assert statement.earned_per_month(creator.pk, until=IN_MARCH, months=3) == [
        (date(2026, 1, 1), 0),
        (date(2026, 2, 1), 0),
        (date(2026, 3, 1), 128_000),
    ]


def test_a_merchants_months_hold_all_that_left_him() -> None:
    merchant = a_merchant()
    an_order("CONFIRMED", merchant=merchant, policy=FEE)
    an_order("LAPSED", merchant=merchant)
    an_order("CONFIRMED")
    assert statement.spent_per_month(merchant.pk, until=IN_MARCH, months=2) == [
        (date(2026, 2, 1), 0),
        (date(2026, 3, 1), 80_000),
    ]


def test_a_split_ruling_counts_with_what_it_gave() -> None:
    order = an_order("DISPUTED", policy=FEE)
    a_split(order, refund_fen=30_000)
    months = {"until": IN_MARCH, "months": 1}
    assert statement.spent_per_month(order.merchant_id, **months)[0][1] == 50_000
    assert statement.earned_per_month(order.creator_id, **months)[0][1] == 40_000


def test_a_month_begins_in_the_time_zone_of_the_reader() -> None:
    order = an_order("CONFIRMED")
    eve = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    Order.objects.filter(pk=order.pk).update(confirmed_at=eve)
    found = statement.earned_per_month(order.creator_id, until=eve + DAY, months=2)
    assert found == [(date(2026, 3, 1), 0), (date(2026, 4, 1), 80_000)]


def test_what_comes_after_the_end_is_not_counted() -> None:
    order = an_order("CONFIRMED")
    early = delivered_at(order)
    assert statement.spent_per_month(order.merchant_id, until=early, months=1)[0][1] == 0


def test_twelve_months_are_shown_with_their_year() -> None:
    found = statement.earned_per_month(1, until=NOW)
    assert [month for month, _fen in found][:2] == [date(2025, 4, 1), date(2025, 5, 1)]
    assert len(found) == 12


def test_spending_stands_by_domain_the_largest_first() -> None:
    merchant = a_merchant()
    for domain, price_fen in (("FOOD", 30_000), ("BEAUTY", 50_000), ("FOOD", 40_000)):
        creator = a_creator(domains=(domain,), price_fen=price_fen)
        an_order("CONFIRMED", merchant=merchant, creator=creator)
    found = statement.spent_by_domain(merchant.pk, since=NOW)
    assert found == [(a_domain("FOOD"), 70_000), (a_domain("BEAUTY"), 50_000)]
    assert statement.spent_by_domain(merchant.pk, since=NOW + timedelta(days=90)) == []
