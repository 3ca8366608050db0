"""The main job through the real pages and the real cashier, as merchant, creators and ops."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import clock
from settlement import check
from tasks.models import Order
from tests.browser.conftest import PHONE, Site, picture
from tests.builders import a_creator, a_merchant, ops
from tests.orders import pockets

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
    for name in names:
        a_creator(nickname=name, payout=f"{name.lower()}@example.com")
    page = site.person(merchant.user)
    write_brief(page, tmp_path)
    choose(page, *names)
    pay(site, page)
    orders = {o.creator.nickname: o for o in Order.objects.select_related("creator")}
    assert {o.state for o in orders.values()} == {"PAID"}

    for name in ("Lin", "Mo", "Nan"):
        accept_and_deliver(site, orders[name])
    maker = site.person(orders["Ou"].creator.user)
    maker.goto(f"/orders/{orders['Ou'].pk}/decline/")
    maker.get_by_label("Why do you decline?").fill("Not my style")
    maker.locator("main").get_by_role("button", name="Decline").click()
    confirm_and_review(page, orders["Lin"])
    dispute(page, orders["Mo"], picture(tmp_path))
    site.settle()

    staff = site.person(ops())
    rule_a_split(staff, orders["Mo"])
    site.settle()
    move_the_clock_by_ten_days(staff)
    site.tick()
    assert states(orders)["Nan"] == "DELIVERED", "the reminder comes first, however late"
    clock.move(hours=2)
    site.tick()

    assert states(orders) == {
        "Lin": "REVIEWED",
        "Mo": "CONFIRMED",
        "Nan": "CONFIRMED",
        "Ou": "DECLINED",
    }
    assert {name: pockets(order) for name, order in orders.items()} == {
        "Lin": {"paid": 80_000},
        "Mo": {"paid": 50_000, "returned": 30_000},
        "Nan": {"paid": 80_000},
        "Ou": {"returned": 80_000},
    }
    assert check.run(at=clock.now()).differences == []


def accept_and_deliver(site: Site, order: Order) -> None:
    """The creator accepts, waits until the reward is in escrow, and hands in his link."""
    page = site.person(order.creator.user, viewport=PHONE)
    press(page, order, "Accept", "Accept")
    expect(page.locator("main")).to_contain_text("being secured")
    site.settle()
    page.goto(f"/orders/{order.pk}/")
    page.locator("main").get_by_role("link", name="Deliver").click()
    page.get_by_label("Link").fill(LINK)
    page.locator("main").get_by_role("button", name="Deliver").click()
    expect(page.locator("main")).to_contain_text(LINK)


def confirm_and_review(page: Page, order: Order) -> None:
    """The merchant opens the delivered link, confirms seeing who gets what, and reviews."""
    page.goto(f"/orders/{order.pk}/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name=LINK).click()
    expect(opened.value.locator("main")).to_contain_text("leaving vtask")
    opened.value.close()
    page.get_by_role("link", name="Verify").click()
    expect(page.locator("main")).to_contain_text("800.00")
    page.locator("main").get_by_role("button", name="Confirm and pay").click()
    page.get_by_role("link", name="Review").click()
    for group in ("Quality", "Punctuality", "Communication"):
        page.get_by_role("group", name=group).get_by_label("5").check(force=True)
    page.get_by_label("How was it?").fill("On time and lovely pictures.")
    page.get_by_role("button", name="Send the review").click()
    expect(page.locator("main")).to_contain_text("On time and lovely pictures.")


def dispute(page: Page, order: Order, evidence: str) -> None:
    page.goto(f"/orders/{order.pk}/dispute/")
    page.get_by_label("Which requirements were not met?").fill("Only one picture.")
    page.locator("input[type=file]").set_input_files(evidence)
    page.get_by_role("button", name="Ask our staff to rule").click()
    expect(page.locator("main")).to_contain_text("Only one picture.")


def rule_a_split(page: Page, order: Order) -> None:
    """Ops look at the dispute, enter the split, see who will get what, and rule."""
    page.goto("/admin/tasks/dispute/")
    page.get_by_role("link", name=re.compile("Spring trial|Dispute|^1$")).first.click()
    page.get_by_role("link", name="Rule").first.click()
    page.get_by_label("Split between the two").check()
    page.get_by_label("Back to the merchant, in yuan").fill("300")
    page.get_by_label("Reason").fill("One of three pictures was there.")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.locator("body")).to_contain_text("500.00")
    page.get_by_role("button", name="Rule").click()
    expect(page.locator("body")).to_contain_text("Ruled")


def move_the_clock_by_ten_days(page: Page) -> None:
    page.goto("/admin/clock/")
    page.get_by_role("button", name="10 days").first.click()
    expect(page.locator("body")).to_contain_text("240 hours ahead")


def states(orders: dict[str, Order]) -> dict[str, str]:
    return {name: Order.objects.get(pk=order.pk).state for name, order in orders.items()}
