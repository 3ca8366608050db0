"""The bell, the page of messages and the choice of e-mails, as people use them."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from tasks import notices
from tasks.models import NotificationChoice, Outbox
from tasks.wording import TEXTS, kinds_of
from tests.builders import a_browser, a_creator, a_merchant, a_user, ops, queries_of
from tests.orders import DAY, NOW, an_order

pytestmark = pytest.mark.django_db

PAGE = "/notices/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def at(instant: datetime) -> Any:
    """The page is opened at this instant."""
    return patch.object(clock, "now", return_value=instant)


# The bell


def test_every_page_shows_how_many_messages_are_unseen() -> None:
    order = an_order("DELIVERED")
    page = text_of(a_browser(order.creator.user).get("/account/preferences/"))
    assert "3 unseen" in page
    assert 'hx-get="/notices/count/?known=3"' in page


def test_without_a_new_message_the_answer_is_empty() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    same = browser.get("/notices/count/?known=3")
    assert (same.status_code, same.content) == (204, b"")
    changed = browser.get("/notices/count/?known=2")
    assert changed.status_code == 200
    assert "3 unseen" in text_of(changed)
    assert len(changed.content) < 600
    assert "no-store" in changed["Cache-Control"]


def test_the_count_is_one_small_query_beside_the_login() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    browser.get("/notices/count/?known=3")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/notices/count/")
    assert len(asked) == 2  # the person with his profile, the count
    assert "LIMIT 100" in asked[-1]["sql"]


def test_a_hundred_and_more_are_99_plus() -> None:
    order = an_order("PAID")
    row = Outbox.objects.filter(to="CREATOR").latest("id")
    for _ in range(110):
        row.pk = None
        row.save(force_insert=True)
    answer = text_of(a_browser(order.creator.user).get("/notices/count/"))
    assert "99+" in answer
    assert "known=99%2B" in answer
    assert a_browser(order.creator.user).get("/notices/count/?known=99%2B").status_code == 204


def test_who_has_seen_everything_reads_no_number() -> None:
    order = an_order("PAID")
    Outbox.objects.update(seen_at=NOW)
    page = text_of(a_browser(order.creator.user).get("/account/preferences/"))
    assert "bell-number" not in page
    assert "?known=0" in page


def test_staff_and_visitors_have_no_bell() -> None:
    for browser in (a_browser(), a_browser(ops())):
        assert "data-bell" not in text_of(browser.get("/", follow=True))
    assert a_browser(ops()).get(PAGE).status_code == 404


def test_a_page_that_shows_no_count_asks_for_none() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    with patch.object(notices, "unseen_count", side_effect=AssertionError("asked")):
        missing = browser.get("/no/such/page/")
        assert missing.status_code == 404
        assert "data-bell" in text_of(missing)
        assert browser.post("/creators/accepting/", {"is_accepting": "on"}).status_code in {
            302,
            404,
        }
        assert a_browser(ops()).get("/account/preferences/").status_code == 200


def test_the_bell_opens_to_the_ten_latest() -> None:
    order = an_order("PAID")
    row = Outbox.objects.filter(to="CREATOR").latest("id")
    for _ in range(12):
        row.pk = None
        row.save(force_insert=True)
    answer = text_of(a_browser(order.creator.user).get("/notices/latest/"))
    assert answer.count('class="notice is-new"') == 10
    assert f"New order from {order.merchant.company_name}: you receive ¥800.00" in answer


# The page


def test_a_row_says_who_did_what_to_which_order_and_when() -> None:
    order = an_order("DELIVERED")
    with at(NOW + 3 * DAY):
        page = text_of(a_browser(order.merchant.user).get(PAGE))
    assert f"{order.creator.nickname} has delivered" in page
    assert order.task.theme in page
    assert "5 Mar 2026, 12:00" in page
    assert "Asia/Shanghai" in page or "UTC+0800" in page
    assert re.findall(r'<h2 class="h3">([^<]+)<', page) == ["Today", "2 Mar 2026"]


def test_days_begin_at_the_viewer_s_midnight() -> None:
    order = an_order(
        "PAID", creator=a_creator(user=a_user("CREATOR", time_zone="Pacific/Auckland"))
    )
    Outbox.objects.update(at=NOW.replace(hour=11, minute=30))  # half past midnight in Auckland
    with at(NOW.replace(hour=10) + DAY):
        page = text_of(a_browser(order.creator.user).get(PAGE))
    assert re.findall(r'<h2 class="h3">([^<]+)<', page) == ["Today"]


def test_the_link_marks_a_message_as_seen_and_leads_to_its_order() -> None:
    order = an_order("DELIVERED")
    row = Outbox.objects.get(kind="delivered")
    answer = a_browser(order.merchant.user).get(f"/notices/{row.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/{order.pk}/")
    row.refresh_from_db()
    assert row.seen_at is not None


def test_whoever_opens_the_page_of_an_order_has_seen_what_he_was_told_of_it() -> None:
    order = an_order("DELIVERED")
    other = an_order("PAID", creator=order.creator)
    browser = a_browser(order.creator.user)
    page = text_of(browser.get(f"/orders/{order.pk}/"))
    assert "2 unseen" in page  # the bell of this very page knows; the other order's are left
    unseen = notices.unseen("CREATOR", order.creator_id)
    assert set(unseen.values_list("order", flat=True)) == {other.pk}
    assert notices.unseen_count("MERCHANT", order.merchant_id) == 2


def test_a_browser_that_fetches_ahead_and_staff_who_look_leave_no_mark() -> None:
    order = an_order("DELIVERED")
    page = f"/orders/{order.pk}/"
    a_browser(order.creator.user).get(page, headers={"Sec-Purpose": "prefetch;prerender"})
    a_browser(order.creator.user).head(page)
    a_browser(ops()).get(page)
    assert a_browser(a_merchant().user).get(page).status_code == 404
    assert not Outbox.objects.exclude(seen_at=None).exists()


def test_the_mark_costs_one_update_and_only_while_there_is_something_to_mark() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    browser.get("/account/preferences/")
    marked = []
    for _look in range(2):
        with CaptureQueriesContext(connection) as asked:
            browser.get(f"/orders/{order.pk}/")
        marked.append(sum('UPDATE "tasks_outbox"' in query["sql"] for query in asked))
    assert marked == [1, 0]


def test_a_message_of_another_is_not_there() -> None:
    order = an_order("DELIVERED")
    row = Outbox.objects.get(kind="delivered")
    for stranger in (a_merchant().user, order.creator.user, ops()):
        assert a_browser(stranger).get(f"/notices/{row.pk}/").status_code == 404
    assert not Outbox.objects.exclude(seen_at=None).exists()


def test_mark_all_as_seen_marks_what_was_on_the_page() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    page = text_of(browser.get(PAGE))
    shown = re.search(r'name="up_to" value="(\d+)"', page)
    assert shown
    answer = browser.post("/notices/seen/", {"up_to": shown[1], "next": PAGE})
    assert answer["Location"] == PAGE
    assert notices.unseen_count("CREATOR", order.creator_id) == 0
    assert notices.unseen_count("MERCHANT", order.merchant_id) == 2
    assert "Mark all as seen" not in text_of(browser.get(PAGE))


@pytest.mark.parametrize("given", ["", "abc", "-1", "9" * 40, "１２"])
def test_nonsense_marks_nothing_and_breaks_nothing(given: str) -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.creator.user)
    assert browser.post("/notices/seen/", {"up_to": given}).status_code == 302
    assert notices.unseen_count("CREATOR", order.creator_id) == 3
    assert browser.get(PAGE, {"before": given, "show": given}).status_code == 200


def test_the_next_address_stays_on_this_site() -> None:
    order = an_order("PAID")
    answer = a_browser(order.creator.user).post(
        "/notices/seen/", {"up_to": "1", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == PAGE


def test_the_filters_show_what_is_unseen_and_what_needs_the_reader() -> None:
    order = an_order("ACCEPTED")
    Outbox.objects.filter(kind="sent").update(seen_at=NOW)
    browser = a_browser(order.creator.user)
    counted = {
        show: text_of(browser.get(PAGE, {"show": show})).count('<a class="notice')
        for show in ("all", "unseen", "needs-you")
    }
    assert counted == {"all": 3, "unseen": 2, "needs-you": 1}


def test_what_still_needs_the_reader_says_what_and_how_long_he_has() -> None:
    order = an_order("DELIVERED")
    browser = a_browser(order.merchant.user)
    assert text_of(browser.get(PAGE)).count("Needs you</span>") == 1
    assert 'class="left' in text_of(browser.get(PAGE))
    confirmed = an_order("CONFIRMED")
    assert "Please review" in text_of(a_browser(confirmed.merchant.user).get(PAGE))


def test_a_filter_that_finds_nothing_says_so() -> None:
    browser = a_browser(a_creator().user)
    assert "No messages yet" in text_of(browser.get(PAGE))
    assert "You have seen everything" in text_of(browser.get(PAGE, {"show": "unseen"}))
    assert "Nothing waits for you" in text_of(browser.get(PAGE, {"show": "needs-you"}))


def test_pages_go_on_and_keep_the_filter() -> None:
    order = an_order("PAID")
    row = Outbox.objects.filter(to="CREATOR").latest("id")
    for _ in range(notices.PAGE_SIZE):
        row.pk = None
        row.save(force_insert=True)
    browser = a_browser(order.creator.user)
    first = text_of(browser.get(PAGE, {"show": "unseen"}))
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = text_of(browser.get(PAGE + older[1].replace("&amp;", "&")))
    assert first.count('<a class="notice') == notices.PAGE_SIZE
    assert second.count('<a class="notice') == 2
    assert 'rel="next"' not in second
    assert 'href="?show=unseen"' in second


def test_a_page_costs_the_same_for_one_and_for_many() -> None:
    order = an_order("REVIEWED")
    browser = a_browser(order.creator.user)
    few = queries_of(browser, PAGE)
    for _ in range(3):
        an_order("REVIEWED", creator=order.creator)
    assert queries_of(browser, PAGE) == few


# The choice of e-mails


def test_everything_is_on_at_first_and_what_is_always_sent_is_locked() -> None:
    page = text_of(a_browser(a_merchant().user).get(reverse("tasks:notice_choices")))
    assert (
        page.count('role="switch"') == page.count(" checked") == len(notices.choosable("MERCHANT"))
    )
    assert "A creator has delivered, and you can verify" in page
    assert "The clock may confirm a delivery only if its reminders reached you." in page
    assert 'value="reminder_72"' not in page
    assert "A paid order waits for your answer" not in page


def test_what_was_switched_off_stays_off() -> None:
    user = a_creator().user
    browser = a_browser(user)
    wanted = [kind for kind in notices.choosable("CREATOR") if kind != "reviewed"]
    answer = browser.post("/notices/choices/", {"kind": wanted}, follow=True)
    assert "Saved." in text_of(answer)
    assert notices.switched_off(user.pk) == {"reviewed"}
    assert re.search(r'value="reviewed">', text_of(answer))


def test_nobody_switches_off_or_on_what_is_not_his_to_choose() -> None:
    user = a_creator().user
    a_browser(user).post("/notices/choices/", {"kind": ["paid_out", "delivered", "nonsense"]})
    chosen = NotificationChoice.objects.filter(user=user)
    assert set(chosen.values_list("kind", flat=True)) == set(notices.choosable("CREATOR"))
    assert not chosen.filter(by_email=True).exists()


def test_the_settings_lead_to_the_choice_of_e_mails() -> None:
    assert 'href="/notices/choices/"' in text_of(
        a_browser(a_merchant().user).get("/account/preferences/")
    )
    assert "/notices/choices/" not in text_of(a_browser(ops()).get("/account/preferences/"))


@pytest.mark.parametrize("side", ["MERCHANT", "CREATOR"])
def test_every_kind_stands_on_the_page_in_one_place(side: str) -> None:
    person = a_merchant() if side == "MERCHANT" else a_creator()
    page = unescape(text_of(a_browser(person.user).get("/notices/choices/")))
    for kind in kinds_of(side):
        assert page.count(str(TEXTS[kind])) == 1, kind
