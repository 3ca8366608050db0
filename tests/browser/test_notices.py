"""The bell in real browsers: it counts up by itself, opens on a phone, and is a link without
JavaScript.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import Actor
from tasks.workflow.dispute import Complaint
from tests.browser.conftest import PHONE, Site
from tests.builders import a_creator, a_merchant, a_user
from tests.orders import HOUR, an_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = "/account/preferences/"


def a_delivered_order() -> Order:
    """Delivered as people do it now, so that the merchant has days left."""
    merchant = a_merchant(user=a_user("MERCHANT", time_zone="Asia/Shanghai"))
    return an_order("DELIVERED", merchant=merchant, creator=a_creator(nickname="Lin"))


def look_again(page: Page) -> None:
    """What the page does by itself every twenty seconds."""
    page.evaluate("document.getElementById('bell-count').dispatchEvent(new Event('look'))")


def dispute(order: Order) -> None:
    at = order.delivered_at + HOUR if order.delivered_at else clock.now()
    given = Complaint("The pictures are missing.")
    by = Actor.merchant(order.merchant)
    engine.run_one(workflow.DISPUTE, order.pk, at=at, by=by, given=given)


def test_the_bell_counts_up_by_itself_and_leads_to_the_order(site: Site) -> None:
    order = a_delivered_order()
    page = site.person(order.creator.user)
    page.goto(SETTINGS)
    number = page.locator(".bell-number")
    expect(number).to_have_text("3")
    page.locator("details.bell > summary").click()
    latest = page.locator("#bell-latest .notice")
    expect(latest).to_have_count(3)

    dispute(order)
    look_again(page)
    expect(number).to_have_text("4")
    expect(latest).to_have_count(4)  # the open sheet follows
    first = latest.first
    expect(first).to_contain_text("asks our staff to rule on your delivery")
    first.click()
    page.wait_for_url(f"**/orders/{order.pk}/")
    expect(page.locator(".bell-number")).to_have_count(0)


def test_the_bell_asks_nothing_while_nobody_looks(site: Site) -> None:
    page = site.person(a_delivered_order().creator.user)
    page.goto(SETTINGS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    look_again(page)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    with page.expect_response(re.compile("/notices/count/")) as answered:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert answered.value.status == 204
    assert [url for url in asked if "/notices/" in url] == [answered.value.url]


def test_a_chinese_phone_reads_filters_and_marks_all_as_seen(site: Site) -> None:
    order = a_delivered_order()
    page = site.person(order.merchant.user, viewport=PHONE, locale="zh-CN")
    page.goto(SETTINGS)
    page.locator("details.bell > summary").click()
    expect(page.locator("#bell-latest .notice")).to_have_count(2)
    page.locator(".bell-all").click()
    page.wait_for_url("**/notices/")
    page.locator(".tabline a").nth(2).click()
    expect(page.locator(".notices-page .notice")).to_have_count(1)
    expect(page.locator(".notices-page .notice")).to_contain_text("Lin")
    page.locator("form[action='/notices/seen/'] button").click()
    expect(page.locator(".bell-number")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_javascript_the_bell_leads_to_the_messages_and_the_choice_is_saved(
    site: Site,
) -> None:
    order = a_delivered_order()
    page = site.person(order.creator.user, java_script_enabled=False)
    page.goto(SETTINGS)
    page.locator("details.bell > summary").click()
    page.get_by_role("link", name="All messages").click()
    expect(page.locator(".notices-page .notice")).to_have_count(3)
    page.locator("main").get_by_role("link", name="Choose your e-mails").click()
    box = page.get_by_label("Your work was reviewed")
    box.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Your work was reviewed")).not_to_be_checked()
    expect(page.get_by_label("A paid order waits for your answer")).to_be_checked()
