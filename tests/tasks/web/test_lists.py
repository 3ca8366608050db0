from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tasks.models import Order, Task
from tests.admin.pages import order_with_blocked_payout
from tests.builders import a_browser, a_creator, a_merchant, a_user, ops
from tests.orders import DAY, NOW, a_draft, a_sent_task, an_order, held
from tests.tasks.web.pages import as_creator, as_merchant, at, words

pytestmark = pytest.mark.django_db


def test_each_side_has_its_own_home_and_visitors_log_in_first() -> None:
    assert "Needs you now" in words(as_merchant(a_merchant()).get("/home/"))
    assert "New orders" in words(as_creator(a_creator()).get("/home/"))
    assert a_browser().get("/home/")["Location"].startswith("/accounts/login/")


def test_staff_and_people_without_a_profile_find_no_home_here() -> None:
    assert a_browser(ops()).get("/home/").status_code == 404
    assert a_browser(a_user()).get("/home/").status_code == 404


@pytest.mark.rule("V54", "V55")
def test_the_merchant_reads_frozen_escrow_and_published() -> None:
    merchant = a_merchant()
    for state in ("PAID", "ACCEPTED", "REVIEWED", "UNPAID"):
        an_order(state, merchant=merchant, price_fen=30_000)
    shown = words(as_merchant(merchant).get("/home/"))
    assert "Frozen in your account ¥ 300.00" in shown
    assert "In escrow ¥ 300.00" in shown
    assert "Tasks published 3 with 3 orders" in shown


def test_the_merchants_home_lists_what_needs_him() -> None:
    merchant = a_merchant()
    for state, theme in (("UNPAID", "付款"), ("DELIVERED", "验收"), ("CONFIRMED", "评价")):
        an_order(state, merchant=merchant, theme=theme)
    shown = words(as_merchant(merchant).get("/home/"))
    assert [word in shown for word in ("Pay", "Verify", "Review")] == [True] * 3
    assert [theme in shown for theme in ("付款", "验收", "评价")] == [True] * 3
    assert "confirms by itself in" in shown


def the_needs(page: Any) -> list[tuple[str, str]]:
    """What needs the merchant, in the order of the page: the theme and the one thing to press."""
    needs = [*page.context["needs"], *page.context["more_needs"]]
    return [(need.title, need.now.first.label if need.now.first else "") for need in needs]


def test_what_needs_the_merchant_stands_in_the_order_of_urgency() -> None:
    merchant = a_merchant()
    an_order("CONFIRMED", merchant=merchant, theme="评价")
    an_order("DISPUTED", merchant=merchant, theme="申诉")
    an_order("DELIVERED", merchant=merchant, theme="验收")
    an_order("UNPAID", merchant=merchant, theme="付款")
    later: dict[str, Any] = {"start_at": NOW + 30 * DAY, "due_at": NOW + 40 * DAY}
    an_order("UNPAID", merchant=merchant, theme="以后付款", **later)
    assert the_needs(as_merchant(merchant).get("/home/")) == [
        ("付款", "Pay"),
        ("验收", "Verify"),
        ("以后付款", "Pay"),
        ("申诉", ""),
        ("评价", "Review"),
    ]


@pytest.mark.rule("V19")
def test_a_price_that_is_open_is_answered_before_anything_is_paid() -> None:
    asked, offered = an_order("UNPAID", theme="达人改价"), an_order("UNPAID", theme="商家改价")
    as_creator(asked.creator).post(f"/orders/{asked.pk}/offer/", {"price_fen": "950"})
    as_merchant(offered.merchant).post(f"/orders/{offered.pk}/offer/", {"price_fen": "700"})
    assert the_needs(as_merchant(asked.merchant).get("/home/")) == [
        ("达人改价", "Answer the offer")
    ]
    page = as_merchant(offered.merchant).get("/home/")
    assert the_needs(page) == [("商家改价", "")]
    assert "A creator has yet to answer your price offer." in words(page)
    assert "Answer the offer" in words(as_creator(offered.creator).get("/home/"))


def test_of_many_needs_the_first_are_shown_and_the_rest_is_one_press_away() -> None:
    merchant, creator = a_merchant(), a_creator()
    for number in range(9):
        a_sent_task(creator, merchant=merchant, theme=f"任务{number}")
    page = as_merchant(merchant).get("/home/")
    assert (len(page.context["needs"]), len(page.context["more_needs"])) == (8, 1)
    assert "Show 1 more" in words(page)


def test_a_payout_that_failed_stands_first_on_the_creators_home() -> None:
    order = order_with_blocked_payout()
    an_order("PAID", creator=order.creator)
    page = as_creator(order.creator).get("/home/")
    assert [need.now.first.label for need in page.context["others"]] == ["Try the payout again"]
    assert "The payout to your account failed; the money is safe." in words(page)


def test_a_new_merchant_reads_three_steps_and_an_old_one_none() -> None:
    new = as_merchant(a_merchant(account=None)).get("/home/")
    assert [step.is_done for step in new.context["steps"]] == [True, False, False]
    assert "Three steps to your first order" in words(new)
    order = an_order("PAID")
    assert as_merchant(order.merchant).get("/home/").context["steps"] == []


def test_a_new_creator_reads_what_is_missing_and_how_to_be_found() -> None:
    creator = a_creator(is_accepting=False, introduction="")
    shown = words(as_creator(creator).get("/home/"))
    for sentence in ("Introduce yourself.", "You are paused", "No reviews yet", "No new orders"):
        assert sentence in shown


@pytest.mark.rule("V62")
def test_the_creators_home_shows_rating_and_earnings() -> None:
    order = an_order("REVIEWED")
    with at(NOW + 10 * DAY):
        page = as_creator(order.creator).get("/home/")
    assert "Rating 4.7 from 1 review" in words(page)
    assert page.context["earnings"].series[0].values[-1] == 80_000


def test_tasks_are_searched_by_theme_and_the_tabs_count_what_is_found() -> None:
    merchant = a_merchant()
    for theme in ("露营清单", "露营灯", "口红"):
        a_draft(merchant, theme=theme)
    browser = as_merchant(merchant)
    shown = words(browser.get("/tasks/?q=露营"))
    assert "Drafts 2" in shown
    assert "口红" not in shown
    assert "Nothing found" in words(browser.get("/tasks/?tab=draft&q=没有"))
    assert browser.get("/tasks/?tab=draft&q=%00&sort=nothing").status_code == 200


def test_orders_are_searched_by_theme_or_merchant() -> None:
    creator = a_creator()
    an_order("PAID", creator=creator, theme="露营")
    an_order("PAID", creator=creator, theme="口红", merchant=a_merchant(company_name="云杉商贸"))
    browser = as_creator(creator)
    found = [words(browser.get(f"/orders/?tab=open&q={q}")) for q in ("露营", "云杉", "100%")]
    assert ["露营" in page for page in found] == [True, False, False]
    assert ["口红" in page for page in found] == [False, True, False]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("", ["丙", "乙", "甲"]), ("start", ["乙", "甲", "丙"]), ("amount", ["甲", "丙", "乙"])],
)
def test_lists_are_sorted(sort: str, expected: list[str]) -> None:
    merchant = a_merchant()
    for theme, days, price_fen in (("甲", 3, 90_000), ("乙", 2, 10_000), ("丙", 4, 50_000)):
        an_order(
            merchant=merchant,
            theme=theme,
            price_fen=price_fen,
            start_at=NOW + days * DAY,
            due_at=NOW + 9 * DAY,
        )
    page = as_merchant(merchant).get(f"/tasks/?tab=unpaid&sort={sort}").context["page"]
    assert [task.theme for task in page] == expected


def test_what_keeps_a_merchant_from_paying_stands_on_top() -> None:
    shown = words(as_merchant(a_merchant(account=None)).get("/home/"))
    assert "Bind the Alipay account that you pay from." in shown


def test_the_creators_home_lists_new_orders_work_and_earnings() -> None:
    creator = a_creator()
    for state, theme in (("PAID", "新单"), ("ACCEPTED", "待交"), ("DELIVERED", "验收中")):
        an_order(state, creator=creator, theme=theme)
    an_order("REVIEWED", creator=creator)
    shown = words(as_creator(creator).get("/home/"))
    assert [theme in shown for theme in ("新单", "待交", "验收中")] == [True] * 3
    assert "Earned ¥ 800.00" in shown
    assert "Secured for you ¥ 1,600.00" in shown


@pytest.mark.rule(
    "V30", "V31", "V32", "V33", "V34", "V35", "V36", "V37", "V38", "V39", "V40", "V41"
)
@pytest.mark.parametrize(
    ("state", "tab", "label"),
    [
        ("UNPAID", "unpaid", "Awaiting payment"),
        ("PAID", "open", "Not yet accepted"),
        ("ACCEPTED", "open", "Accepted"),
        ("DELIVERED", "open", "Delivered"),
        ("DISPUTED", "open", "In dispute"),
        ("CONFIRMED", "open", "Awaiting review"),
        ("REVIEWED", "completed", "Completed"),
        ("VOID", "closed", "Not in effect"),
        ("LAPSED", "closed", "Lapsed"),
        ("DECLINED", "closed", "Declined"),
        ("OVERDUE", "closed", "Overdue"),
        ("REFUNDED", "closed", "Refunded"),
    ],
)
def test_an_order_stands_in_the_tab_of_its_state_under_its_label(
    state: str, tab: str, label: str
) -> None:
    order = an_order(state, theme="独一无二")
    browser = as_creator(order.creator)
    page = browser.get(f"/orders/?tab={tab}")
    assert f'data-state="{state}">{label}</span>' in page.content.decode()
    others = {"unpaid", "open", "completed", "closed"} - {tab}
    assert ["独一无二" in words(browser.get(f"/orders/?tab={t}")) for t in others] == [False] * 3


def test_tasks_stand_in_tabs_with_counts() -> None:
    merchant = a_merchant()
    a_draft(merchant, theme="草稿一")
    for state in ("UNPAID", "PAID", "REVIEWED", "LAPSED"):
        an_order(state, merchant=merchant)
    shown = words(as_merchant(merchant).get("/tasks/?tab=draft"))
    tabs = "Drafts 1 Awaiting payment 1 In progress 1 Completed 1 Closed 1"
    assert tabs in shown
    assert "草稿一" in shown


def test_a_task_tells_its_orders_by_state_their_sum_and_what_runs_out_first() -> None:
    merchant = a_merchant()
    first, *others = (
        an_order(state, merchant=merchant)
        for state in ("CONFIRMED", "ACCEPTED", "PAID", "ACCEPTED", "VOID")
    )
    for order in others:
        Order.objects.filter(pk=order.pk).update(task_id=first.task_id)
    with at(NOW):
        shown = words(as_merchant(merchant).get("/tasks/?tab=open"))
    assert "starts in 2 d ¥ 3,200.00 4 orders Awaiting review Accepted × 2 Not yet" in shown


def test_a_clock_that_is_held_is_none_for_its_task() -> None:
    order = an_order("DELIVERED")
    browser = as_merchant(order.merchant)
    assert "confirms by itself in" in words(browser.get("/tasks/?tab=open"))
    held(order)
    assert "confirms by itself in" not in words(browser.get("/tasks/?tab=open"))


def test_each_sees_his_own_only() -> None:
    an_order("PAID", theme="别人的")
    assert "别人的" not in words(as_merchant(a_merchant()).get("/tasks/?tab=open"))
    assert "别人的" not in words(as_creator(a_creator()).get("/orders/?tab=open"))


@pytest.mark.parametrize("page", ["", "-1", "x", "0", "1" * 40, "\u0661"])
def test_an_empty_list_has_one_page_whatever_is_asked_for(page: str) -> None:
    answer = as_merchant(a_merchant()).get("/tasks/", {"tab": "closed", "page": page})
    assert "No tasks here" in words(answer)


def test_lists_have_pages() -> None:
    merchant = a_merchant()
    for number in range(21):
        a_draft(merchant, theme=f"草稿{number:02}")
    browser = as_merchant(merchant)
    assert "Page 1 of 2" in words(browser.get("/tasks/?tab=draft"))
    second = words(browser.get("/tasks/?tab=draft&page=2"))
    assert "草稿00" in second
    assert "草稿01" not in second


def test_a_long_tab_is_counted_to_a_thousand_and_every_page_of_it_is_there() -> None:
    merchant = a_merchant()
    one = a_draft(merchant)
    facts = {field.attname: getattr(one, field.attname) for field in Task._meta.concrete_fields}
    del facts["id"]
    Task.objects.bulk_create(Task(**facts) for _ in range(1_004))
    browser = as_merchant(merchant)
    shown = words(browser.get("/tasks/?tab=draft"))
    assert "Drafts 1,000+" in shown
    assert "Page 1 of 50+" in shown
    for asked, told, rows in (("50", "50 of 51", 20), ("51", "51 of 51", 5), ("99", "51 of 51", 5)):
        page = browser.get(f"/tasks/?tab=draft&page={asked}")
        assert f"Page {told}" in words(page)
        assert len(page.context["page"].object_list) == rows


def queries(browser: Client, page: str) -> int:
    browser.get(page)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert browser.get(page).status_code == 200
    return len(seen)


def one_more_task(merchant: Any, creator: Any) -> None:
    a_sent_task(creator, a_creator(), merchant=merchant)
    an_order("DELIVERED", merchant=merchant, creator=creator)
    an_order("CONFIRMED", merchant=merchant, creator=creator)
    an_order("ACCEPTED", merchant=merchant, creator=creator)


PAGES: list[tuple[str, Callable[[Any, Any], Client]]] = [
    ("/home/", lambda merchant, _creator: as_merchant(merchant)),
    ("/tasks/?tab=open", lambda merchant, _creator: as_merchant(merchant)),
    ("/tasks/?tab=unpaid", lambda merchant, _creator: as_merchant(merchant)),
    ("/home/", lambda _merchant, creator: as_creator(creator)),
    ("/orders/?tab=open", lambda _merchant, creator: as_creator(creator)),
]


@pytest.mark.parametrize(("page", "who"), PAGES)
def test_no_list_makes_more_queries_when_it_grows(
    page: str, who: Callable[[Any, Any], Client]
) -> None:
    merchant, creator = a_merchant(), a_creator()
    one_more_task(merchant, creator)
    browser = who(merchant, creator)
    before = queries(browser, page)
    one_more_task(merchant, creator)
    one_more_task(merchant, creator)
    assert queries(browser, page) == before


@pytest.mark.parametrize("page", ["", "pay/", "check/", "creators/"])
def test_nor_does_a_task_with_more_creators(page: str) -> None:
    def of(size: int) -> int:
        chosen = [a_creator() for _ in range(size)]
        merchant = a_merchant()
        if page in ("check/", "creators/"):
            task = a_draft(merchant)
            browser = as_merchant(merchant)
            ids = [creator.pk for creator in chosen]
            browser.post(f"/tasks/{task.pk}/creators/", {"shown": ids, "creator": ids})
        else:
            task = a_sent_task(*chosen, merchant=merchant)
            browser = as_merchant(merchant)
        return queries(browser, f"/tasks/{task.pk}/{page}")

    assert of(5) == of(1)
    assert Order.objects.count() in {0, 6}
