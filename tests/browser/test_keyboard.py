"""The main job with the keys alone (N18): nobody touches a mouse from the login to the payout."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from core import clock
from tasks.models import Order
from tests import gateway as gateways
from tests.browser.conftest import Site
from tests.builders import PASSWORD, a_creator, a_merchant
from tests.orders import pockets, settle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("N18"),
]

# Further than that nobody would look for a button.
MOST_TABS = 120
NAME = """() => {
  const element = document.activeElement;
  const label = element.labels && element.labels[0];
  return [element.tagName, element.getAttribute("name") || "", element.getAttribute("href") || "",
    element.getAttribute("aria-label") || (label || element).innerText.trim()].join(" | ");
}"""


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what has the keyboard looks like this: TAG | name | href | text."""
    passed = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(NAME))
        if re.search(wanted, passed[-1], re.DOTALL):
            return
    raise AssertionError(f"{wanted!r} is not among {passed}")


def enter(page: Page, wanted: str, leads_to: str) -> None:
    tab_to(page, wanted)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(leads_to))


def logged_in(site: Site, user: User) -> Page:
    page = site.person()
    page.goto("/accounts/login/")
    tab_to(page, "INPUT \\| login")
    page.keyboard.type(user.email)
    tab_to(page, "INPUT \\| password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/home/")
    return page


def write_a_brief(page: Page) -> None:
    enter(page, "A \\|.*/tasks/new/", "/tasks/new/")
    tab_to(page, "INPUT \\| theme")
    page.keyboard.type("Spring trial")
    tab_to(page, "TEXTAREA \\| requirements")
    page.keyboard.type("Use it for a week, then show texture and feel.")
    enter(page, "BUTTON.*choose creators", "/creators/")


def choose_and_send(page: Page, nickname: str) -> None:
    tab_to(page, f"INPUT \\| creator.*{nickname}")
    page.keyboard.press("Space")
    expect(page.locator("#basket")).to_contain_text(nickname)
    enter(page, "(BUTTON|A).*Continue", "/check/")
    enter(page, "BUTTON.*Send", "/pay/")


def pay(page: Page) -> None:
    enter(page, "BUTTON.*Pay\\s*¥", "/payment/")
    with gateways.scripted():
        settle(clock.now())
        settle(clock.now() + timedelta(seconds=10))


def test_from_the_login_to_the_payout_nobody_needs_a_mouse(site: Site) -> None:
    merchant, creator = a_merchant(), a_creator()
    page = logged_in(site, merchant.user)
    write_a_brief(page)
    choose_and_send(page, creator.nickname)
    pay(page)
    order = Order.objects.get()
    assert order.state == "PAID"

    theirs = logged_in(site, creator.user)
    enter(theirs, f"A \\|.*/orders/{order.pk}/accept/", "/accept/")
    enter(theirs, "BUTTON.*Accept$", f"/orders/{order.pk}/$")
    with gateways.scripted():
        settle(clock.now())
    theirs.goto(f"/orders/{order.pk}/")
    enter(theirs, f"A \\|.*/orders/{order.pk}/deliver/", "/deliver/")
    tab_to(theirs, "INPUT \\| url")
    theirs.keyboard.type("https://we.example/post/1")
    enter(theirs, "BUTTON.*Deliver$", f"/orders/{order.pk}/$")

    page.goto("/home/")
    enter(page, f"A \\|.*/orders/{order.pk}/confirm/", "/confirm/")
    enter(page, "BUTTON.*Confirm and pay$", f"/orders/{order.pk}/$")
    with gateways.scripted():
        settle(clock.now())
    order = Order.objects.get()
    assert (order.state, pockets(order)) == ("CONFIRMED", {"paid": order.price_fen})
