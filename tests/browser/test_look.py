"""What stands around every page, and the charts, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.builders import a_creator, a_merchant, ops

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL = {"width": 360, "height": 740}
PICTURE = "figure => figure.querySelector('canvas').toDataURL()"


def test_charts_are_drawn_in_the_colours_of_the_theme_and_have_their_table(site: Site) -> None:
    page = site.person(ops())
    page.goto("/styleguide/")
    figures = page.locator("[data-chart]")
    expect(page.locator("[data-drawn]")).to_have_count(figures.count())
    first = page.locator(".pane [data-chart]").first
    assert first.locator(".chart-box").get_attribute("aria-label")
    first.locator("summary").click()
    expect(first.locator("tbody tr").first).to_be_visible()


def test_a_chart_is_drawn_anew_when_the_theme_changes(site: Site) -> None:
    page = site.person(ops(), reduced_motion="reduce")
    page.goto("/styleguide/")
    # Only the page's own theme changes; the panes keep theirs.
    page.evaluate("document.querySelectorAll('.pane').forEach(p => delete p.dataset.bsTheme)")
    chart = page.locator("[data-drawn]").first
    expect(chart).to_be_visible()
    before = chart.evaluate(PICTURE)
    page.locator("header [data-theme-switch]").first.click()
    page.wait_for_function("document.documentElement.dataset.bsTheme === 'dark'")
    page.wait_for_timeout(100)
    assert chart.evaluate(PICTURE) != before


def test_without_javascript_the_tables_tell_it(site: Site) -> None:
    page = site.person(ops(), java_script_enabled=False, viewport=SMALL)
    page.goto("/styleguide/")
    assert page.locator("canvas").count() == 0
    expect(page.locator(".chart-box").first).to_be_hidden()
    expect(page.locator(".chart-table").first).to_be_visible()


def test_on_a_phone_the_places_are_under_the_thumb_and_cover_nothing(site: Site) -> None:
    page = site.person(a_merchant().user, viewport=SMALL, locale="zh-CN")
    assert page.locator(".mainnav a").count() <= 5
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    assert below(page, ".footer-line a") <= above(page, ".mainnav")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def below(page: Page, selector: str) -> float:
    box = page.locator(selector).last.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def above(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_the_keyboard_reaches_the_content_first(site: Site) -> None:
    page = site.person(a_merchant().user)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_creator_stops_accepting_from_any_page(site: Site) -> None:
    creator = a_creator()
    page = site.person(creator.user, viewport=SMALL)
    page.goto("/notices/")
    switch = page.locator("header").get_by_role("switch", name="Accepting orders")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    creator.refresh_from_db()
    assert not creator.is_accepting
