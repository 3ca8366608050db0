"""The main job through the real pages and the real cashier, as merchant, creators and ops."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import clock
from settlement import check
from settlement.models import Escrow
from tasks.models import Order
from tests.browser.conftest import Site, picture
from tests.builders import a_creator, a_merchant, ops

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINK = "https://we.example/post/1"


def write_brief(page: Page, folder: Path) -> None:
    start = clock.now() + timedelta(days=2)
    page.goto("/tasks/new/")
    page.get_by_label("Theme").fill("Spring trial")
    page.get_by_label("Requirements").fill("Use it for a week, then show texture and feel.")
    page.get_by_label("Start").fill(f"{start:%Y-%m-%dT%H:%M}")
    page.get_by_label("Due").fill(f"{start + timedelta(days=5):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Save and choose creators").click()


def choose(page: Page, *names: str) -> None:
    for name in names:
        page.locator("#picks").get_by_label(re.compile(name)).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the orders").click()


def pay(site: Site, page: Page) -> None:
    """Press pay, confirm at the cashier in the window that it opens, and see the page go on."""
    page.get_by_role("button", name=re.compile("^ ?Pay ¥")).click()
    site.settle()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the cashier").click()
    cashier = opened.value
    cashier.locator("button[name=action][value=freeze]").click()
    cashier.close()
    site.settle()
    expect(page.locator("main")).to_contain_text("Paid")


def press(page: Page, order: Order, link: str, button: str) -> None:
    """Open an order, follow the link to a verb's page, and press its button."""
    page.goto(f"/orders/{order.pk}/")
    page.get_by_role("link", name=link, exact=True).first.click()
    page.locator("main").get_by_role("button", name=button).click()


def test_a_task_goes_from_brief_to_review_and_every_ending_finds_its_money(
    site: Site, tmp_path: Path
) -> None:
    merchant = a_merchant()
    names = ("Lin", "Mo", "Nan", "Ou")
    creators = {n: a_creator(nickname=n, payout=f"{n.lower()}@example.com") for n in names}
    page = site.person(merchant.user)
    write_brief(page, tmp_path)
    choose(page, *names)
    pay(site, page)
    orders = {o.creator.nickname: o for o in Order.objects.select_related("creator")}
    assert {o.state for o in orders.values()} == {"PAID"}

    for name in ("Lin", "Mo", "Nan"):
        maker = site.person(creators[name].user)
        press(maker, orders[name], "Accept", "Accept the order")
        site.settle()
        maker.goto(f"/orders/{orders[name].pk}/")
        maker.screenshot(path=f"/tmp/shots/x_{name}.png", full_page=True)
