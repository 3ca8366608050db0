"""An order from the acceptance to the review, as its two sides do it in a browser."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override
from playwright.sync_api import Page, expect

from core import clock
from tasks.models import Order
from tasks.states import State
from tests import gateway as gateways
from tests.browser.conftest import PHONE, Site, picture
from tests.builders import a_creator, a_merchant, a_user
from tests.orders import a_sent_task, paid, pockets, settle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINK = "https://we.example/post/1"
DAYS = timedelta(days=1)


def a_paid_order(language: str = "") -> Order:
    """Paid just now, starting in two days; the two sides read that language."""
    people = {side: a_user(side, language=language) for side in ("MERCHANT", "CREATOR")}
    now = clock.now()
    task = a_sent_task(
        a_creator(user=people["CREATOR"]),
        merchant=a_merchant(user=people["MERCHANT"]),
        at=now,
        start_at=now + 2 * DAYS,
        due_at=now + 7 * DAYS,
    )
    return paid(task, at=now)[0]


def carry() -> None:
    """The gateway says yes to what was asked."""
    with gateways.scripted():
        settle(clock.now())


def go(page: Page, order: Order, verb: str) -> None:
    """From the order's page to that of a verb."""
    page.goto(f"/orders/{order.pk}/")
    page.locator(f"main a[href='/orders/{order.pk}/{verb}/']").first.click()
    page.wait_for_url(f"**/{verb}/")


def press(page: Page, order: Order) -> None:
    """The one button of a verb's page; it leads back to the order."""
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(f"**/orders/{order.pk}/")


def accept_and_deliver(page: Page, order: Order) -> None:
    page.goto("/home/")
    page.locator(f"main a[href='/orders/{order.pk}/accept/']").click()
    expect(page.locator("main")).to_contain_text("800.00")
    press(page, order)
    carry()
    go(page, order, "deliver")
    page.locator("input[name=url]").fill(LINK)
    page.locator("textarea[name=note]").fill("已发布")
    press(page, order)
    expect(page.locator("main")).to_contain_text(LINK)


def verify_and_confirm(page: Page, order: Order) -> None:
    """From "needs you now" to the delivered content, its brief and the money, then one press."""
    page.goto("/home/")
    page.locator(f"main a[href='/orders/{order.pk}/confirm/']").click()
    for text in (LINK, "已发布", order.requirements, "800.00"):
        expect(page.locator("main")).to_contain_text(text)
    press(page, order)
    carry()


def review(page: Page, order: Order) -> None:
    """The stars are given with the keyboard alone."""
    go(page, order, "review")
    for name, stars in (("quality", 5), ("punctuality", 4), ("communication", 5)):
        page.locator(f"input[name={name}][value='1']").press("Space")
        for _star in range(stars - 1):
            page.keyboard.press("ArrowRight")
        expect(page.locator(f"input[name={name}][value='{stars}']")).to_be_checked()
    page.locator("textarea[name=text]").fill("内容很好，配图清晰。")
    press(page, order)
    expect(page.locator("main")).to_contain_text("内容很好，配图清晰。")


def fits(page: Page) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def is_complete(order: Order) -> bool:
    return Order.objects.get(pk=order.pk).state == "REVIEWED" and pockets(order) == {"paid": 80_000}


def test_a_whole_order_on_phones_in_chinese(site: Site) -> None:
    order = a_paid_order("zh-hans")
    phone: dict[str, Any] = {"viewport": {**PHONE, "width": 360}}
    creator, merchant = (site.person(who.user, **phone) for who in (order.creator, order.merchant))
    accept_and_deliver(creator, order)
    verify_and_confirm(merchant, order)
    review(merchant, order)
    with override("zh-hans"):
        expect(merchant.locator("main")).to_contain_text(str(State.REVIEWED.label))
    assert merchant.locator("html").get_attribute("lang") == "zh-hans"
    assert [fits(creator), fits(merchant)] == [True, True]
    assert is_complete(order)


def test_a_whole_order_without_javascript(site: Site) -> None:
    order = a_paid_order()
    creator = site.person(order.creator.user, java_script_enabled=False)
    merchant = site.person(order.merchant.user, java_script_enabled=False)
    accept_and_deliver(creator, order)
    verify_and_confirm(merchant, order)
    review(merchant, order)
    assert is_complete(order)


def test_a_dispute_is_opened_from_the_verification_with_evidence(
    site: Site, tmp_path: Path
) -> None:
    order = a_paid_order()
    accept_and_deliver(site.person(order.creator.user), order)
    page = site.person(order.merchant.user)
    go(page, order, "confirm")
    page.get_by_role("link", name="Something is wrong").click()
    expect(page.locator("main")).to_contain_text("the reward stays in escrow")
    page.get_by_label("Which requirements were not met?").fill("Only one picture.")
    page.locator("input[type=file]").set_input_files(picture(tmp_path))
    page.get_by_role("button", name="Ask our staff to rule").click()
    expect(page.locator("main")).to_contain_text("Our staff decides")
    expect(page.get_by_role("img", name="Evidence 1")).to_be_visible()
    order = Order.objects.get(pk=order.pk)
    assert (order.state, pockets(order)) == ("DISPUTED", {"held": 80_000})
