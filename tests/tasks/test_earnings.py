"""The creator's earnings: what each order gives him, and how far it is."""

from datetime import datetime
from typing import Any

import pytest

from creators.models import Creator
from policy.numbers import Policy
from settlement.models import Escrow
from tasks import earnings, workflow
from tasks.earnings import Earning, Stage
from tasks.models import Order
from tasks.workflow import engine
from tests.builders import a_creator, a_merchant
from tests.orders import DAY, an_order, delivered_at, merchant_of
from tests.tasks.test_statement import a_split

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)


def listed(creator: Creator, **asked: Any) -> list[Earning]:
    return earnings.earning_rows(earnings.earnings(creator.pk, **asked))


def shares(row: Earning) -> tuple[str, int, int, int, int]:
    return (row.stage.value, row.reward_fen, row.fee_fen, row.tax_fen, row.net_fen)


def confirmed_and_not_paid_out(creator: Creator) -> Order:
    order = an_order("DELIVERED", creator=creator, policy=FEE)
    at = delivered_at(order) + DAY
    engine.run_one(workflow.CONFIRM, order.pk, at=at, by=merchant_of(order))
    return Order.objects.get(pk=order.pk)


@pytest.mark.rule("N7")
def test_each_order_shows_its_shares_and_how_far_they_are() -> None:
    creator = a_creator(price_fen=80_000)
    an_order("ACCEPTED", creator=creator, policy=FEE)
    an_order("REVIEWED", creator=creator, policy=FEE)
    for state in ("PAID", "DECLINED", "OVERDUE", "REFUNDED", "UNPAID"):
        an_order(state, creator=creator)
    confirmed_and_not_paid_out(creator)
    assert [shares(row) for row in listed(creator)] == [
        ("on_its_way", 80_000, 16_000, 0, 64_000),
        ("paid", 80_000, 16_000, 0, 64_000),
        ("expected", 80_000, 16_000, 0, 64_000),
    ]


def test_the_times_of_release_and_of_arrival_are_told() -> None:
    order = an_order("CONFIRMED")
    (row,) = listed(order.creator)
    assert row.order.confirmed_at == delivered_at(order) + DAY
    assert isinstance(row.paid_out_at, datetime)
    waiting = confirmed_and_not_paid_out(a_creator())
    assert [row.paid_out_at for row in listed(waiting.creator)] == [None]


def test_a_split_ruling_gives_its_part_and_says_what_went_back() -> None:
    order = an_order("DISPUTED", policy=FEE)
    a_split(order, refund_fen=30_000)
    (row,) = listed(order.creator)
    assert shares(row) == ("paid", 50_000, 10_000, 0, 40_000)
    assert row.returned_fen == 30_000


def test_trouble_is_told_only_while_the_money_is_on_its_way() -> None:
    order = confirmed_and_not_paid_out(a_creator())
    Order.objects.filter(pk=order.pk).update(trouble="PAYOUT_BLOCKED")
    assert [row.trouble for row in listed(order.creator)] == ["PAYOUT_BLOCKED"]
    there = an_order("CONFIRMED")
    assert [row.trouble for row in listed(there.creator)] == [""]


def numbers(order: Order) -> tuple[int, int]:
    return order.pk, order.task_id


def test_the_list_is_filtered_by_stage_time_and_words() -> None:
    creator = a_creator()
    early = an_order("CONFIRMED", creator=creator, theme="春季", merchant=a_merchant())
    late = an_order("ACCEPTED", creator=creator, theme="夏季")
    merchant = a_merchant(company_name="宁波远航")
    third = an_order("REVIEWED", creator=creator, theme="秋季", merchant=merchant)
    release = delivered_at(early) + DAY
    Order.objects.filter(pk=third.pk).update(confirmed_at=release + 40 * DAY)
    for asked, expected in (
        ({"stage": Stage.EXPECTED}, [late]),
        ({"stage": Stage.PAID}, [third, early]),
        ({"stage": Stage.ON_ITS_WAY}, []),
        ({"since": release + DAY}, [third]),
        ({"until": release + DAY}, [early]),
        ({"search": "春"}, [early]),
        ({"search": "远航"}, [third]),
        # The number of an order may be that of another one's task.
        ({"search": f"{late.pk}"}, [o for o in (third, late, early) if late.pk in numbers(o)]),
    ):
        assert [row.order.pk for row in listed(creator, **asked)] == [o.pk for o in expected]


def test_the_sums_are_those_of_the_list() -> None:
    creator = a_creator(price_fen=80_000)
    split = an_order("DISPUTED", creator=creator, policy=FEE)
    a_split(split, refund_fen=30_000)
    an_order("ACCEPTED", creator=creator, policy=FEE)
    an_order("CONFIRMED", policy=FEE)
    found = earnings.earning_sums(earnings.earnings(creator.pk))
    assert found == earnings.EarningSums(2, 130_000, 26_000, 0, 104_000)
    rows = listed(creator)
    assert found.net_fen == sum(row.net_fen for row in rows)


def test_an_export_gets_the_same_rows_oldest_first() -> None:
    creator = a_creator()
    for _ in range(5):
        an_order("CONFIRMED", creator=creator)
    batches = list(earnings.earning_batches(earnings.earnings(creator.pk), size=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row for batch in batches for row in batch] == listed(creator)[::-1]
    assert Escrow.objects.count() == 5
