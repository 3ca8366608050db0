"""Publishing and paying in a real browser: on a phone in Chinese, and without a script."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core import clock
from tasks.models import Order, Task, UnsavedBrief
from tests.browser.conftest import DESKTOP, PHONE, Site, log_in, picture
from tests.builders import a_creator, a_merchant
from tests.orders import a_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REQUIREMENTS = "真实试用一周，写质地与肤感，附三张实拍图。"


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def in_chinese(site: Site, merchant: Any) -> Page:
    """A phone whose owner reads Chinese; he logs in before he switches."""
    page = site.person(merchant.user, viewport=PHONE)
    page.locator(".topbar").get_by_role("button", name="切换到中文").click()
    return page


def test_a_brief_typed_on_a_phone_survives_and_is_published_and_paid(site: Site) -> None:
    merchant = a_merchant()
    for name in ("林", "莫", "南"):
        a_creator(nickname=name, price_fen=30_000)
    page = in_chinese(site, merchant)
    write_and_come_back(page)
    choose_two(page)
    check_and_pay(site, page)
    assert {o.creator.nickname: o.state for o in Order.objects.select_related("creator")} == {
        "林": "PAID",
        "南": "PAID",
    }


def write_and_come_back(page: Page) -> None:
    """Half of a brief is typed, the page is left, and everything is there again."""
    page.goto("/tasks/new/")
    page.locator("#id_theme").fill("春季试用")
    page.locator("#id_requirements").fill(REQUIREMENTS)
    expect(page.locator("#id_requirements_count")).to_have_text(f"{len(REQUIREMENTS)} / 200")
    expect(page.locator("[data-autosave]")).to_contain_text(re.compile(r"\d\d:\d\d"))
    page.goto("/home/")
    page.goto("/tasks/new/")
    expect(page.locator("#id_theme")).to_have_value("春季试用")
    expect(page.locator("#id_requirements")).to_have_value(REQUIREMENTS)
    expect(page.locator(".restored")).to_be_visible()
    fits(page)
    page.locator("#brief .form-foot .btn-primary").click()
    page.wait_for_url(re.compile("/creators/"))
    assert not UnsavedBrief.objects.exists()


def choose_two(page: Page) -> None:
    """Three are ticked, one is taken out of the basket again; the page never loads anew."""
    page.evaluate("window.isTheSame = true")
    for name in ("林", "莫", "南"):
        page.locator("article", has_text=name).locator(".choose").click()
    expect(page.locator("#basket .count-badge")).to_have_text("3")
    page.locator(".basket-open").click()
    basket = page.locator("#basket li", has_text="莫")
    expect(basket).to_be_visible()
    basket.get_by_role("button").click()
    expect(page.locator("#basket .basket-total")).to_contain_text("600.00")
    expect(page.locator("article", has_text="莫").locator("input")).not_to_be_checked()
    page.locator(".basket-close").click()
    page.locator("#find").fill("林")
    expect(page.locator("article")).to_have_count(1)
    assert page.evaluate("window.isTheSame")
    fits(page)
    page.locator("#basket .basket-go .btn-primary").click()
    page.wait_for_url(re.compile("/check/"))


def check_and_pay(site: Site, page: Page) -> None:
    expect(page.locator(".preview")).to_contain_text("600.00")
    fits(page)
    page.locator(".sending button").click()
    page.wait_for_url(re.compile("/pay/"))
    page.locator(".sending button").click()
    page.wait_for_url(re.compile("/payment/"))
    site.settle()
    code = page.locator("#payment .qr svg")
    expect(code).to_be_visible()
    fits(page)
    with page.expect_popup() as opened:
        page.locator(".cashier-open").click()
    opened.value.locator("button[name=action][value=freeze]").click()
    opened.value.close()
    site.settle()
    task_id = Task.objects.get().pk
    page.wait_for_url(f"**/tasks/{task_id}/")


def test_without_a_script_everything_can_be_done_with_forms(site: Site, tmp_path: Path) -> None:
    merchant = a_merchant()
    for name in ("Lin", "Mo"):
        a_creator(nickname=name, price_fen=30_000)
    page = site.person(viewport=DESKTOP, java_script_enabled=False)
    log_in(page, merchant.user)
    page.goto("/tasks/new/")
    page.get_by_label("Theme").fill("Spring trial")
    page.get_by_label("Requirements").fill("x" * 201)
    page.get_by_role("button", name="Save and choose creators").click()
    expect(page.locator("main")).to_contain_text("1 character too many; at most 200.")
    page.get_by_label("Requirements").fill("Use it for a week.")
    page.locator("#id_file").set_input_files([picture(tmp_path)])
    page.get_by_role("button", name="Save and choose creators").click()

    page.get_by_label("Choose Lin").check(force=True)
    page.get_by_label("Choose Mo").check(force=True)
    page.get_by_role("button", name="Update the choice").click()
    expect(page.locator("#basket")).to_contain_text("600.00")
    page.get_by_role("button", name="Remove Mo").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("shot.png")
    page.get_by_role("button", name="Send the orders").click()
    page.get_by_role("button", name=re.compile("Pay ¥")).click()
    site.settle()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#payment .qr svg")).to_be_visible()
    page.get_by_role("button", name="Cancel this payment").click()
    site.settle()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("main")).to_contain_text("The payment was cancelled")
    page.get_by_role("link", name="Pay now").click()
    expect(page).to_have_url(re.compile("/pay/"))


def test_two_windows_do_not_lose_each_others_words_unnoticed(site: Site) -> None:
    merchant = a_merchant()
    start = clock.now() + timedelta(days=3)
    task = a_draft(merchant, at=clock.now(), start_at=start, due_at=start + timedelta(days=5))
    first = site.person(merchant.user)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/tasks/{task.pk}/edit/")
    for page, theme in ((first, "One"), (second, "Two")):
        page.locator("#id_theme").fill(theme)
        expect(page.locator("[data-autosave]")).to_contain_text("Saved at")
    expect(second.locator("[data-autosave]")).to_contain_text("Another window had saved")
    assert UnsavedBrief.objects.get().data["theme"] == "Two"
    second.goto(f"/tasks/{task.pk}/edit/")
    second.get_by_role("button", name="Discard it").click()
    expect(second.locator("#id_theme")).to_have_value(task.theme)
    assert not UnsavedBrief.objects.exists()
