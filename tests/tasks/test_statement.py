"""What was spent and earned, and the merchant's statement line by line."""

from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any

import pytest
from django.db.models import Q

from merchants.models import Merchant
from policy.numbers import Policy
from settlement import check, statements
from settlement.models import Transfer
from tasks import statement, workflow
from tasks.models import Order
from tasks.standing import standing
from tasks.workflow import engine
from tasks.workflow.decision import Actor
from tasks.workflow.rule import Judgement
from tests.builders import a_creator, a_domain, a_merchant, ops
from tests.orders import DAY, HOUR, NOW, an_order, creator_of, delivered_at, do

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)
LATER = NOW + 365 * DAY
IN_MARCH = datetime(2026, 3, 20, tzinfo=UTC)


def a_split(order: Order, *, refund_fen: int) -> None:
    by = Actor.ops(ops())
    given = Judgement(refund_fen, "一半达标")
    do(workflow.RULE, order, at=delivered_at(order) + 2 * DAY, by=by, given=given)


def test_a_merchants_months_hold_all_that_left_him() -> None:
    merchant = a_merchant()
    an_order("CONFIRMED", merchant=merchant, policy=FEE)
    an_order("LAPSED", merchant=merchant)
    an_order("CONFIRMED")
    assert statement.spent(merchant.pk, until=IN_MARCH, months=2).per_month == [
        (date(2026, 2, 1), 0),
        (date(2026, 3, 1), 80_000),
    ]


def test_a_split_ruling_counts_with_what_it_gave() -> None:
    order = an_order("DISPUTED", policy=FEE)
    a_split(order, refund_fen=30_000)
    spent = statement.spent(order.merchant_id, until=IN_MARCH, months=1).per_month
    earned = standing(order.creator_id).earned_per_month(until=IN_MARCH, months=1)
    assert (spent[0][1], earned[0][1]) == (50_000, 40_000)


def test_a_month_begins_in_the_time_zone_of_the_reader() -> None:
    order = an_order("CONFIRMED")
    eve = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # half past midnight in Shanghai
    Order.objects.filter(pk=order.pk).update(confirmed_at=eve)
    found = statement.spent(order.merchant_id, until=eve + DAY, months=2).per_month
    assert found == [(date(2026, 3, 1), 0), (date(2026, 4, 1), 80_000)]


def test_what_comes_after_the_end_is_not_counted() -> None:
    order = an_order("CONFIRMED")
    early = delivered_at(order)
    found = statement.spent(order.merchant_id, until=early, months=1)
    assert ([fen for _month, fen in found.per_month], found.by_domain) == ([0], [])


def test_twelve_months_are_shown_with_their_year() -> None:
    found = statement.spent(1, until=NOW).per_month
    assert [month for month, _fen in found][:2] == [date(2025, 4, 1), date(2025, 5, 1)]
    assert len(found) == 12


def test_spending_stands_by_domain_the_largest_first() -> None:
    merchant = a_merchant()
    for domain, price_fen in (("FOOD", 30_000), ("BEAUTY", 50_000), ("FOOD", 40_000)):
        creator = a_creator(domains=(domain,), price_fen=price_fen)
        an_order("CONFIRMED", merchant=merchant, creator=creator)
    found = statement.spent(merchant.pk, until=IN_MARCH, months=1)
    assert found.by_domain == [(a_domain("FOOD"), 70_000), (a_domain("BEAUTY"), 50_000)]
    assert found.per_month == [(date(2026, 3, 1), 120_000)]
    assert statement.spent(merchant.pk, until=LATER, months=1).by_domain == []


# The merchant's statement


def lines_of(merchant: Merchant, *, at: datetime = LATER, **asked: Any) -> list[statement.Row]:
    """All pages, one after the other, as somebody walks them."""
    wanted = statement.wanted(merchant.pk, **asked)
    rows, edge = [], None
    while True:
        found = statement.page(wanted, at=at, edge=edge)
        rows += found.rows
        if found.older is None:
            return rows
        edge = found.older


def told(rows: list[statement.Row]) -> list[tuple[Any, ...]]:
    return [(r.line.code, r.in_fen, r.out_fen, r.held_fen) for r in rows]


@pytest.mark.rule("V50", "V51", "V52", "V53", "V59")
def test_each_movement_is_a_line_with_the_balance_after_it() -> None:
    merchant = a_merchant()
    an_order("CONFIRMED", merchant=merchant, policy=FEE)
    an_order("DECLINED", merchant=merchant, price_fen=30_000)
    assert told(lines_of(merchant)) == [
        ("return", None, 30_000, 0),
        ("freeze", 30_000, None, 30_000),
        ("fee", None, 16_000, 0),
        ("confirm", None, 64_000, 16_000),
        ("capture", None, None, 80_000),
        ("freeze", 80_000, None, 80_000),
    ]


def test_a_refund_on_its_way_is_still_held() -> None:
    order = an_order("OVERDUE")
    assert told(lines_of(order.merchant))[:2] == [
        ("return", None, 80_000, 0),
        ("refund", None, None, 80_000),
    ]


def a_busy_merchant(orders: int) -> Merchant:
    """With orders of all kinds, one after the other."""
    merchant = a_merchant()
    states = ("CONFIRMED", "DECLINED", "ACCEPTED", "OVERDUE", "PAID", "REFUNDED")
    for number in range(orders):
        an_order(states[number % len(states)], merchant=merchant, price_fen=10_000 + number)
    return merchant


@pytest.fixture
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 4)
    monkeypatch.setattr(statement, "WINDOW", 7)


@pytest.mark.usefixtures("_small_pages")
@pytest.mark.parametrize("has_totals", [False, True])
@pytest.mark.parametrize("at", [NOW, LATER], ids=["fresh", "carried"])
def test_walking_all_pages_gives_each_line_once_with_the_sum_of_all_before(
    at: datetime, has_totals: bool
) -> None:
    merchant = a_busy_merchant(4)
    if has_totals:
        check.take_totals(at=NOW)
    for state in ("CONFIRMED", "OVERDUE", "PAID"):
        an_order(state, merchant=merchant)
    rows = lines_of(merchant, at=at)
    party = f"merchant:{merchant.pk}"
    ours = Transfer.objects.filter(Q(credit_party=party) | Q(debit_party=party)).order_by("id")
    assert [row.line.id for row in rows[::-1]] == [line.pk for line in ours]
    sums = accumulate(statements.change_fen(line) for line in ours)
    assert [row.held_fen for row in rows[::-1]] == list(sums)


@pytest.mark.usefixtures("_small_pages")
@pytest.mark.parametrize("at", [NOW, LATER], ids=["fresh", "carried"])
def test_the_pages_are_the_same_on_the_way_back(at: datetime) -> None:
    wanted = statement.wanted(a_busy_merchant(6).pk)
    down, edge = [], None
    while True:
        down.append(statement.page(wanted, at=at, edge=edge))
        if (edge := down[-1].older) is None:
            break
    up, edge = [], down[-1].newer
    while edge is not None:
        up.append(statement.page(wanted, at=at, edge=edge))
        edge = up[-1].newer
    assert [told(page.rows) for page in up] == [told(page.rows) for page in down[-2::-1]]
    assert down[0].newer is None


def test_the_balance_of_the_newest_line_is_what_the_escrows_hold() -> None:
    merchant = a_busy_merchant(6)
    held = statement.holdings(merchant.pk)
    assert lines_of(merchant)[0].held_fen == sum(place.fen for place in held.values())
    assert statements.held_now(f"merchant:{merchant.pk}") == 10_002 + 10_004


@pytest.mark.rule("V54")
def test_frozen_escrow_and_returns_are_kept_apart() -> None:
    merchant = a_merchant()
    for state in ("PAID", "PAID", "ACCEPTED", "DELIVERED", "DISPUTED", "CONFIRMED", "LAPSED"):
        an_order(state, merchant=merchant)
    refused = an_order("PAID", merchant=merchant)
    engine.run_one(
        workflow.DECLINE, refused.pk, at=NOW + HOUR, by=creator_of(refused), given="没空"
    )
    assert {
        place.value: (h.fen, h.orders) for place, h in statement.holdings(merchant.pk).items()
    } == {
        "frozen": (160_000, 2),
        "escrow": (240_000, 3),
        "back": (80_000, 1),
    }
    (back,) = statement.orders_held(merchant.pk, statement.Place.BACK)
    assert (back.pk, back.held_fen) == (refused.pk, 80_000)  # type: ignore[attr-defined]
    frozen = statement.orders_held(merchant.pk, statement.Place.FROZEN)
    assert {order.state for order in frozen} == {"PAID"}


@pytest.mark.parametrize("has_totals", [False, True])
def test_a_period_has_its_lines_with_the_balances_of_its_time(has_totals: bool) -> None:
    merchant = a_merchant()
    order = an_order("CONFIRMED", merchant=merchant)
    an_order(
        "PAID", merchant=merchant, at=NOW + 20 * DAY, start_at=NOW + 25 * DAY, due_at=NOW + 30 * DAY
    )
    if has_totals:
        check.take_totals(at=NOW + 30 * DAY)
    release = delivered_at(order) + DAY
    assert told(lines_of(merchant, since=release)) == [
        ("freeze", 80_000, None, 80_000),
        ("confirm", None, 80_000, 0),
    ]
    assert told(lines_of(merchant, until=release)) == [
        ("capture", None, None, 80_000),
        ("freeze", 80_000, None, 80_000),
    ]
    assert told(lines_of(merchant, since=NOW + 90 * DAY)) == []


def test_two_periods_that_meet_share_no_line_and_lose_none() -> None:
    merchant = a_busy_merchant(6)
    border = NOW + 3 * DAY
    parts = lines_of(merchant, since=border) + lines_of(merchant, until=border)
    assert told(parts) == told(lines_of(merchant))


@pytest.mark.usefixtures("_small_pages")
def test_a_kind_is_looked_for_window_by_window_and_has_no_balance() -> None:
    merchant = a_busy_merchant(6)
    rows = lines_of(merchant, kinds=["return"])
    assert told(rows) == [
        ("return", None, 10_005, None),
        ("return", None, 10_003, None),
        ("return", None, 10_001, None),
    ]
    first = statement.page(statement.wanted(merchant.pk, kinds=["return"]), at=LATER)
    assert first.stopped_early is True


def test_a_number_finds_an_order_or_all_of_a_task_and_a_name_its_creator() -> None:
    merchant = a_merchant()
    wanted = an_order("PAID", merchant=merchant, creator=a_creator(nickname="林一"))
    an_order("PAID", merchant=merchant, creator=a_creator(nickname="莫二"))
    for search in (str(wanted.pk), "林"):
        assert [r.order.id for r in lines_of(merchant, search=search)] == [wanted.pk]
    assert wanted.pk in {r.order.id for r in lines_of(merchant, search=str(wanted.task_id))}
    assert lines_of(merchant, search="谁") == []


def test_another_merchants_order_is_not_found() -> None:
    foreign = an_order("PAID")
    assert lines_of(a_merchant(), search=str(foreign.pk)) == []


def test_the_sums_are_those_of_what_is_shown() -> None:
    merchant = a_merchant()
    an_order("DECLINED", merchant=merchant, price_fen=30_000)
    order = an_order("CONFIRMED", merchant=merchant, policy=FEE)
    for asked, expected in (
        ({}, (110_000, 110_000, 6)),
        ({"kinds": ["fee"]}, (0, 16_000, 1)),
        ({"since": delivered_at(order)}, (0, 80_000, 2)),
        ({"search": str(order.pk), "kinds": ["freeze"]}, (80_000, 0, 1)),
    ):
        found = statement.sums(statement.wanted(merchant.pk, **asked))
        assert found is not None
        assert (found.in_fen, found.out_fen, found.lines) == expected


def test_too_many_lines_are_not_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "MOST_SUMMED", 3)
    merchant = a_merchant()
    order = an_order("CONFIRMED", merchant=merchant, policy=FEE)
    assert statement.sums(statement.wanted(merchant.pk)) is None
    assert statement.sums(statement.wanted(merchant.pk, search=str(order.pk))) is None
