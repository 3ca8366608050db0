"""A creator's record, money and months, all of one query."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policy.numbers import Policy
from settlement.models import Escrow
from tasks import reputation
from tasks.models import Order
from tasks.standing import Money, Standing, standing
from tests.builders import a_creator
from tests.orders import DAY, HOUR, PRICE_FEN, an_order

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)
IN_MARCH = datetime(2026, 3, 20, tzinfo=UTC)


def test_who_has_no_orders_has_nothing_yet() -> None:
    found = standing(a_creator().pk)
    assert found == Standing(reputation.record_of({}), Money(0, 0, 0), {})
    assert [fen for _month, fen in found.earned_per_month(until=IN_MARCH)] == [0] * 12


def test_the_money_is_what_arrived_and_what_lies_in_escrow() -> None:
    creator = a_creator()
    an_order("REVIEWED", creator=creator)
    an_order("DELIVERED", creator=creator)
    an_order("REVIEWED")
    assert standing(creator.pk).money == Money(PRICE_FEN, 0, PRICE_FEN)


def test_what_was_confirmed_and_not_paid_out_yet_is_on_its_way() -> None:
    order = an_order("CONFIRMED")
    Escrow.objects.filter(pk=order.pk).update(paid=0, payable=1, in_transit=PRICE_FEN - 1)
    assert standing(order.creator_id).money == Money(0, PRICE_FEN, 0)


@pytest.mark.rule("N7")
def test_the_months_hold_the_net_by_the_day_of_confirmation() -> None:
    creator = a_creator(price_fen=80_000)
    an_order("CONFIRMED", creator=creator, policy=FEE)
    an_order("REVIEWED", creator=creator, policy=FEE)
    an_order("DELIVERED", creator=creator, policy=FEE)
    assert standing(creator.pk).earned_per_month(until=IN_MARCH, months=3) == [
        (date(2026, 1, 1), 0),
        (date(2026, 2, 1), 0),
        (date(2026, 3, 1), 128_000),
    ]


def test_a_month_begins_in_the_time_zone_of_the_reader() -> None:
    order = an_order("CONFIRMED")
    eve = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    Order.objects.filter(pk=order.pk).update(confirmed_at=eve)
    found = standing(order.creator_id).earned_per_month(until=eve + DAY, months=2)
    assert found == [(date(2026, 3, 1), 0), (date(2026, 4, 1), 80_000)]


def test_the_record_is_that_of_all_months_together() -> None:
    creator = a_creator()
    for state in ("REVIEWED", "REVIEWED", "CONFIRMED", "OVERDUE", "DECLINED"):
        order = an_order(state, creator=creator)
    earlier = order.sent_at - 300 * DAY - HOUR
    Order.objects.filter(pk=creator.orders.earliest("pk").pk).update(confirmed_at=earlier)
    with CaptureQueriesContext(connection) as asked:
        found = standing(creator.pk)
    assert len(asked) == 1
    assert len(found.earned) == 2
    assert found.record == reputation.record(creator.pk)
    assert (found.record.finished, found.record.late, found.record.reviews) == (3, 1, 2)
    assert found.record.rating == pytest.approx(14 / 3)
