"""Statement, earnings, files and uploads as people use them: on a desk, on a phone, and without
scripts.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from policy.numbers import Policy
from tasks import jobs, statement
from tasks.models import Export
from tests.browser.conftest import PHONE, Site, picture
from tests.builders import a_creator, a_merchant
from tests.orders import NOW, an_order
from tests.tasks.test_statement import a_busy_merchant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fits(page: Page) -> bool:
    """Nothing lies beside the screen."""
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return bool(wide == 0)


def test_a_merchant_filters_walks_and_downloads_his_statement(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement, "PAGE_SIZE", 5)
    page = site.person(a_busy_merchant(4).user)
    page.goto("/statement/")
    rows = page.locator(".money-table tbody tr")
    expect(rows).to_have_count(5)
    page.get_by_role("link", name="Earlier").click()
    page.get_by_role("link", name="Newer").click()
    expect(rows.first).to_contain_text("Returned to you")
    page.get_by_label("Movement").select_option("freeze")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(4)
    page.get_by_role("button", name="Download CSV").click()
    expect(page.locator("main")).to_contain_text("Waiting for its turn")
    Export.objects.update(rows_total=8, rows_done=2)
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 25)
    jobs.write_exports()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["Frozen in your account"] * 4


def test_a_creator_reads_his_earnings_on_the_phone_in_chinese(site: Site) -> None:
    creator = a_creator(price_fen=80_000)
    an_order("CONFIRMED", creator=creator, policy=Policy(fee_bps=2_000))
    page = site.person(creator.user, viewport={"width": 360, "height": 740})
    page.goto("/earnings/")
    page.get_by_role("button", name="切换到中文").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh"))
    expect(page.locator(".money-table")).to_contain_text("640.00")
    expect(page.get_by_role("figure").locator("canvas, svg").first).to_be_visible()
    assert fits(page)
    page.goto("/exports/")
    assert fits(page)


def test_everything_works_without_scripts(site: Site) -> None:
    merchant = an_order("CONFIRMED", merchant=a_merchant()).merchant
    page = site.person(merchant.user, java_script_enabled=False, viewport=PHONE)
    page.goto("/statement/")
    assert page.locator(".money-table tbody tr").count() == 3
    page.get_by_label("From day").fill(f"{NOW:%Y-%m-%d}")
    page.get_by_label("To day").fill(f"{NOW:%Y-%m-%d}")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".money-table tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Download CSV").click()
    jobs.write_exports()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("main")).to_contain_text("2 lines")


@pytest.fixture
def disputed(site: Site) -> Any:
    order = an_order("DELIVERED")
    page = site.person(order.merchant.user)
    page.goto(f"/orders/{order.pk}/dispute/")
    return order, page


def fill(page: Page, folder: Path, reason: str) -> None:
    page.get_by_label("Which requirements were not met?").fill(reason)
    page.locator("input[type=file]").set_input_files(picture(folder))
    page.get_by_role("button", name="Ask our staff to rule").click()


def test_an_upload_shows_its_bar_and_ends_on_the_page_that_it_leads_to(
    disputed: Any, tmp_path: Path
) -> None:
    order, page = disputed
    held: list[Route] = []
    page.route("**/dispute/", lambda route: held.append(route))  # noqa: PLW0108  (it marks its handlers)
    fill(page, tmp_path, "Only one picture.")
    expect(page.get_by_role("progressbar", name="Uploading")).to_be_visible()
    expect(page.get_by_role("button", name="Stop the upload")).to_be_visible()
    held[0].continue_()
    expect(page).to_have_url(re.compile(f"/orders/{order.pk}/$"))
    expect(page.locator("main")).to_contain_text("Only one picture.")
    page.unroute("**/dispute/")
    page.go_back()
    expect(page).to_have_url(re.compile("/dispute/$"))
    expect(page.locator("main")).not_to_contain_text("Only one picture.")


def test_a_refused_upload_shows_its_errors_as_without_a_script(
    disputed: Any, tmp_path: Path
) -> None:
    order, page = disputed
    odd = tmp_path / "notes.png"
    odd.write_text("no picture")
    page.get_by_label("Which requirements were not met?").fill("Only one picture.")
    page.locator("input[type=file]").set_input_files(str(odd))
    page.get_by_role("button", name="Ask our staff to rule").click()
    expect(page.locator("main")).to_contain_text("Pictures can be JPEG, PNG or WebP.")
    expect(page.get_by_label("Which requirements were not met?")).to_have_value("Only one picture.")
    assert page.url.endswith(f"/orders/{order.pk}/dispute/")
    fill(page, tmp_path, "Only one picture.")
    expect(page).to_have_url(re.compile(f"/orders/{order.pk}/$"))


def test_a_broken_upload_is_told_and_the_form_is_kept(
    site: Site, disputed: Any, tmp_path: Path
) -> None:
    order, page = disputed
    page.route("**/dispute/", lambda route: route.abort("connectionreset"))
    fill(page, tmp_path, "Only one picture.")
    expect(page.get_by_role("status").filter(has_text="did not finish")).to_be_visible()
    reason = page.get_by_label("Which requirements were not met?")
    expect(reason).to_have_value("Only one picture.")
    page.unroute("**/dispute/")
    page.get_by_role("button", name="Ask our staff to rule").click()
    expect(page).to_have_url(re.compile(f"/orders/{order.pk}/$"))
    site.complaints.clear()  # the console names the broken connection
