"""A creator's public page: who may open it, what it shows, and what it never shows."""

import pytest
from django.test import Client

from creators.audience import Kind
from creators.models import Creator, Quote
from creators.workflow.profile import report_audience
from tasks.models import Pick
from tests.builders import (
    LONG_AGO,
    a_browser,
    a_channel,
    a_creator,
    a_creator_channel,
    a_merchant,
    a_work,
    ops,
    queries_of,
)
from tests.orders import a_draft, a_sent_task, an_order

pytestmark = pytest.mark.django_db
PRIVATE = ("李鹿", "13900001111", "文一西路", "payee@example.com")


def page_of(creator: Creator, browser: Client | None = None) -> str:
    return (browser or a_browser()).get(f"/creators/{creator.pk}/").content.decode()


@pytest.mark.rule("V6")
@pytest.mark.parametrize(
    ("facts", "visitor", "merchant", "other_creator", "himself", "staff"),
    [
        ({}, 200, 200, 200, 200, 200),
        ({"is_accepting": False}, 404, 200, 200, 200, 200),
        ({"price_fen": None}, 404, 200, 200, 200, 200),
        ({"status": "SUSPENDED"}, 404, 200, 200, 200, 200),
        ({"status": "PENDING", "activated_at": None}, 404, 404, 404, 200, 200),
    ],
    ids=["listed", "paused", "without a price", "suspended", "pending"],
)
def test_who_may_open_a_page(
    facts: dict[str, object],
    visitor: int,
    merchant: int,
    other_creator: int,
    himself: int,
    staff: int,
) -> None:
    creator = a_creator(**facts)
    people = (None, a_merchant().user, a_creator().user, creator.user, ops())
    found = [a_browser(who).get(f"/creators/{creator.pk}/").status_code for who in people]
    assert found == [visitor, merchant, other_creator, himself, staff]


@pytest.mark.rule("V14")
def test_a_visitor_sees_profile_works_prices_channels_record_and_reviews() -> None:
    creator = a_creator(nickname="小鹿护肤", introduction="真实试用。")
    a_work(creator, title="春季清单")
    Quote.objects.create(creator=creator, content_format="VIDEO", price_fen=120_050)
    for _ in range(3):
        an_order("REVIEWED", creator=creator)
    page = page_of(creator)
    shown = ("小鹿护肤", "真实试用。", "春季清单", "800.00", "1,200.50", "12k", "Beauty", "Weitao")
    assert [text for text in shown if text not in page] == []
    for text in ("100 %", "3 reviews", "内容很好，配图清晰。", "晨***", "4.7"):
        assert text in page
    assert "晨光" not in page


@pytest.mark.rule("V64")
def test_nothing_private_is_on_it_whoever_looks() -> None:
    creator = a_creator(payout="payee@example.com")
    merchant = a_merchant()
    an_order("REVIEWED", creator=creator, merchant=merchant)
    for person in (None, merchant.user, ops(), creator.user):
        page = page_of(creator, a_browser(person))
        assert [text for text in PRIVATE if text in page] == []
        is_own = person == creator.user
        assert (creator.user.email in page) is is_own  # in his own menu only


def test_it_tells_search_engines_and_friends_what_it_is() -> None:
    creator = a_creator(nickname='Lin "& Co"', introduction="Honest trials.")
    page = page_of(creator)
    assert '<meta property="og:title" content="Lin &quot;&amp; Co&quot;">' in page
    assert '<meta property="og:description" content="Honest trials.">' in page
    assert f'<link rel="canonical" href="http://testserver/creators/{creator.pk}/">' in page
    paused = a_creator(is_accepting=False)
    assert '<meta name="robots" content="noindex">' in page_of(paused, a_browser(a_merchant().user))


def test_links_to_the_outside_give_nothing_away() -> None:
    creator = a_creator()
    a_work(creator)
    assert page_of(creator).count('rel="noopener noreferrer nofollow"') == 2


def test_without_orders_it_says_so_kindly() -> None:
    page = page_of(a_creator())
    for text in ("Too few orders to say", "No reviews yet", "No works yet"):
        assert text in page


def test_the_audience_is_marked_as_reported_with_its_day() -> None:
    creator = a_creator()
    assert "Reported by the creator" not in page_of(creator)
    report_audience(creator, {Kind.GENDER: {"FEMALE": 83, "MALE": 17}}, at=LONG_AGO)
    page = page_of(creator)
    assert "Reported by the creator, 5 Jan 2026" in page
    assert '<th scope="row">Women</th><td class="num">83' in page


@pytest.mark.rule("V6")
def test_who_takes_no_orders_is_shown_so_and_cannot_be_chosen() -> None:
    page = page_of(a_creator(is_accepting=False), a_browser(a_merchant().user))
    assert "Takes no orders at present" in page
    assert "Choose for a task" not in page


def test_a_suspension_is_told_to_nobody_but_staff_and_himself() -> None:
    creator = a_creator(status="SUSPENDED")
    people = (a_merchant().user, ops(), creator.user)
    assert ["Suspended" in page_of(creator, a_browser(who)) for who in people] == [
        False,
        True,
        True,
    ]


# Choose for a task


@pytest.mark.rule("V13")
def test_a_merchant_chooses_a_creator_for_one_of_his_drafts() -> None:
    merchant, creator = a_merchant(), a_creator()
    draft = a_draft(merchant, theme="Spring trial")
    a_sent_task(a_creator(), merchant=merchant, theme="Sent already")
    browser = a_browser(merchant.user)
    page = page_of(creator, browser)
    assert "Spring trial" in page
    assert "Sent already" not in page
    answer = browser.post(f"/creators/{creator.pk}/choose/", {"task": draft.pk})
    assert answer["Location"] == f"/tasks/{draft.pk}/creators/"
    assert list(draft.picks.all()) == [creator]


def test_visitors_and_creators_are_not_asked_to_choose() -> None:
    creator = a_creator()
    assert "Choose for a task" not in page_of(creator)
    assert "Sign up and send a brief" in page_of(creator)
    assert "Choose for a task" not in page_of(creator, a_browser(a_creator().user))


@pytest.mark.parametrize("task", ["", "abc", "-1", "٣", "9" * 30])
def test_what_is_no_task_is_answered_kindly_and_chooses_nobody(task: str) -> None:
    creator = a_creator()
    browser = a_browser(a_merchant().user)
    answer = browser.post(f"/creators/{creator.pk}/choose/", {"task": task}, follow=True)
    assert "Choose the task first." in answer.content.decode()
    assert not Pick.objects.exists()


def test_anothers_draft_is_not_there() -> None:
    creator, draft = a_creator(), a_draft()
    answer = a_browser(a_merchant().user).post(
        f"/creators/{creator.pk}/choose/", {"task": draft.pk}
    )
    assert answer.status_code == 404
    assert not Pick.objects.exists()


@pytest.mark.rule("V6")
def test_who_has_paused_cannot_be_chosen_by_sending_the_form_anyway() -> None:
    merchant, creator = a_merchant(), a_creator(is_accepting=False)
    draft = a_draft(merchant)
    answer = a_browser(merchant.user).post(
        f"/creators/{creator.pk}/choose/", {"task": draft.pk}, follow=True
    )
    assert "does not accept orders" in answer.content.decode()
    assert not Pick.objects.exists()


def test_a_page_asks_no_more_when_it_grows() -> None:
    merchant, creator = a_merchant(), a_creator()
    browser = a_browser(merchant.user)
    url = f"/creators/{creator.pk}/"
    a_work(creator)
    a_draft(merchant)
    an_order("REVIEWED", creator=creator, merchant=merchant)
    report_audience(creator, {Kind.INTEREST: {"BEAUTY": 5}}, at=LONG_AGO)
    few = queries_of(browser, url)
    for number in range(3):
        a_work(creator)
        a_draft(merchant)
        an_order("REVIEWED", creator=creator, merchant=merchant)
        a_creator_channel(creator, f"C{number}", approved_at=LONG_AGO)
        Quote.objects.create(creator=creator, channel=a_channel(f"C{number}"), price_fen=5_000)
    assert queries_of(browser, url) == few
    assert queries_of(a_browser(), url) <= 13
