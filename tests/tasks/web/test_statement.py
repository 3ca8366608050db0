"""The pages of the money: the merchant's statement and the creator's earnings."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from policy.numbers import Policy
from tasks import statement
from tasks.models import Order
from tasks.web.statement import SALT
from tests.builders import a_creator, a_merchant, queries_of
from tests.orders import DAY, NOW, an_order, delivered_at
from tests.tasks.test_earnings import confirmed_and_not_paid_out
from tests.tasks.test_statement import a_busy_merchant
from tests.tasks.web.pages import as_creator, as_merchant, at, words

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)


def link(response: Any, rel: str) -> str:
    """Where the link to the newer (`prev`) or earlier (`next`) page leads; "" without one."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def orders_shown(response: Any) -> list[int]:
    return [
        int(n)
        for n in re.findall(r'class="title" href="/orders/(\d+)/"', response.content.decode())
    ]


@pytest.mark.rule("V50", "V51", "V52", "V54", "V59")
def test_the_statement_tells_each_movement_with_the_balance() -> None:
    order = an_order("CONFIRMED", policy=FEE)
    an_order("PAID", merchant=order.merchant, price_fen=30_000)
    shown = words(as_merchant(order.merchant).get("/statement/"))
    assert "Held for you ¥ 300.00" in shown
    assert "Frozen ¥ 300.00" in shown
    for line in (
        "Frozen in your account",
        "Moved into escrow ¥ 800.00 moved, still held for you",
        "Paid to the creator",
        "Platform fee",
    ):
        assert line in shown
    assert "In ¥ 1,100.00 Out ¥ 800.00 Lines 5" in shown


def test_an_empty_statement_says_what_will_be_there() -> None:
    assert "No movements yet" in words(as_merchant(a_merchant()).get("/statement/"))


@pytest.mark.rule("V54")
def test_the_tabs_list_the_orders_that_make_up_the_sums() -> None:
    merchant = a_merchant()
    orders = {s: an_order(s, merchant=merchant) for s in ("PAID", "ACCEPTED", "DISPUTED", "LAPSED")}
    browser = as_merchant(merchant)
    frozen, escrow = (browser.get(f"/statement/?tab={tab}") for tab in ("frozen", "escrow"))
    assert orders_shown(frozen) == [orders["PAID"].pk]
    assert orders_shown(escrow) == [orders["DISPUTED"].pk, orders["ACCEPTED"].pk]
    assert "No order holds money in this place" in words(browser.get("/statement/?tab=back"))


def test_a_kind_has_no_balance_and_says_why() -> None:
    order = an_order("CONFIRMED", policy=FEE)
    shown = words(as_merchant(order.merchant).get("/statement/?kind=fee"))
    assert "it is left out while only some are shown" in shown
    assert "In ¥ 0.00 Out ¥ 160.00 Lines 1" in shown


def test_days_are_those_of_the_reader_and_both_count() -> None:
    order = an_order("CONFIRMED")
    release = delivered_at(order) + DAY
    day = f"{release:%Y-%m-%d}"
    browser = as_merchant(order.merchant)
    inside = words(browser.get(f"/statement/?since={day}&until={day}"))
    assert "Paid to the creator" in inside
    assert "Moved into escrow ¥" not in inside
    before = f"{release - DAY:%Y-%m-%d}"
    assert "Lines 2" in words(browser.get(f"/statement/?until={before}"))


def test_last_month_is_one_press_away() -> None:
    with at(NOW + 30 * DAY):
        page = as_merchant(a_merchant()).get("/statement/?kind=fee")
    assert "?kind=fee&amp;since=2026-03-01&amp;until=2026-03-31" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=nonsense", "Enter a valid date."),
        ("since=2026-05-02&until=2026-05-01", "The last day comes before the first."),
        ("until=9999-12-31", "Choose a day of this century."),
        ("since=0001-01-01", "Choose a day of this century."),
        ("kind=nonsense", "Select a valid choice."),
        (f"search={'1' * 61}", "at most 60 characters"),
    ],
)
def test_a_filter_that_cannot_be_used_is_told_at_its_field(query: str, told: str) -> None:
    order = an_order("PAID")
    for browser, page in (
        (as_merchant(order.merchant), "/statement/"),
        (as_creator(order.creator), "/earnings/"),
    ):
        shown = words(browser.get(f"{page}?{query}"))
        assert told in shown
        assert "Some filters cannot be used." in shown
        assert order.task.theme not in shown


@pytest.mark.parametrize("search", ["9" * 18, "9" * 60, "%", "' or 1=1", "²", "\x00"])
def test_odd_words_find_nothing_and_break_nothing(search: str) -> None:
    order = an_order("CONFIRMED")
    for browser, page in (
        (as_merchant(order.merchant), "/statement/"),
        (as_creator(order.creator), "/earnings/"),
    ):
        answer = browser.get(page, {"search": search})
        assert answer.status_code == 200
        assert orders_shown(answer) == []


def walk(browser: Client, page: str, rel: str = "next") -> list[Any]:
    found = []
    while page:
        found.append(browser.get(page))
        page = link(found[-1], rel)
    return found


def test_the_pages_lead_on_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 4)
    merchant = a_busy_merchant(5)
    browser = as_merchant(merchant)
    for moment in (NOW + timedelta(hours=1), NOW + 100 * DAY):
        with at(moment):
            down = walk(browser, "/statement/")
            up = walk(browser, link(down[-1], "prev"), "prev")
        assert len(down) == 3
        assert [orders_shown(page) for page in up] == [orders_shown(page) for page in down[-2::-1]]


def test_filters_stay_on_the_way_through_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 2)
    merchant = a_busy_merchant(5)
    pages = walk(as_merchant(merchant), "/statement/?kind=freeze")
    assert [len(orders_shown(page)) for page in pages] == [2, 2, 1]


@pytest.mark.parametrize("change", ["x", "", "é"])
def test_an_altered_edge_shows_the_newest_and_says_so(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 2)
    browser = as_merchant(a_busy_merchant(2))
    first = browser.get("/statement/")
    edge = link(first, "next")
    answer = browser.get(f"{edge[:-1]}{change}" if change != "é" else "/statement/?at=é")
    assert "This link to a page is not valid any more." in words(answer)
    assert orders_shown(answer) == orders_shown(first)


def test_an_edge_of_another_merchant_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 2)
    foreign = link(as_merchant(a_busy_merchant(2)).get("/statement/"), "next")
    answer = as_merchant(a_merchant()).get(foreign)
    assert "not valid any more" in words(answer)
    assert orders_shown(answer) == []


def test_a_balance_cannot_be_written_by_hand() -> None:
    merchant = a_busy_merchant(1)
    forged = signing.dumps([merchant.pk, 10**9, 0, 99_999_999], salt="another")
    answer = words(as_merchant(merchant).get(f"/statement/?at={forged}"))
    assert "999,999.99" not in answer
    assert SALT != "another"


def test_the_statement_makes_as_many_queries_for_one_line_as_for_a_page() -> None:
    one, many = an_order("PAID").merchant, a_busy_merchant(6)
    counts = [queries_of(as_merchant(m), "/statement/") for m in (one, many)]
    assert counts[0] == counts[1]


def test_the_earnings_make_as_many_queries_for_one_order_as_for_a_page() -> None:
    one, many = an_order("CONFIRMED").creator, a_creator()
    for _ in range(5):
        an_order("CONFIRMED", creator=many)
    counts = [queries_of(as_creator(c), "/earnings/") for c in (one, many)]
    assert counts[0] == counts[1]


@pytest.mark.rule("N7")
def test_the_earnings_show_the_shares_of_each_order_and_their_sums() -> None:
    creator = a_creator(price_fen=80_000)
    an_order("CONFIRMED", creator=creator, policy=FEE)
    an_order("ACCEPTED", creator=creator, policy=FEE)
    with at(NOW + 20 * DAY):
        shown = words(as_creator(creator).get("/earnings/"))
    assert "Paid out ¥ 640.00" in shown
    assert "Expected ¥ 640.00" in shown
    assert "Last 12 months ¥ 640.00" in shown
    assert "Orders 2 Reward ¥ 1,600.00 Platform fee ¥ 320.00 You receive ¥ 1,280.00" in shown
    assert "Mar 2026 ¥640.00" in shown


def test_a_blocked_payout_says_what_to_do() -> None:
    order = confirmed_and_not_paid_out(a_creator())
    Order.objects.filter(pk=order.pk).update(trouble="PAYOUT_BLOCKED")
    shown = words(as_creator(order.creator).get("/earnings/"))
    assert "Payout blocked" in shown
    assert "the creator has to correct the payout account" in shown


@pytest.mark.rule("N3")
def test_every_line_leads_to_its_receipt_and_to_the_checking_script() -> None:
    order = an_order("CONFIRMED")
    for browser, page in (
        (as_merchant(order.merchant), "/statement/"),
        (as_creator(order.creator), "/earnings/"),
    ):
        html = browser.get(page).content.decode()
        assert f'href="/orders/{order.pk}/receipt/" download' in html
        assert 'href="/receipts/check_receipt.py"' in html


def test_both_pages_read_in_chinese() -> None:
    order = an_order("CONFIRMED")
    merchant, creator = as_merchant(order.merchant), as_creator(order.creator)
    for browser, page in ((merchant, "/statement/"), (creator, "/earnings/")):
        answer = browser.get(page, headers={"accept-language": "zh-hans"})
        assert answer.status_code == 200
