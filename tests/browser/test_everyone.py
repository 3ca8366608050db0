"""Pages that work for everyone (N18): axe finds nothing serious in either theme, and nothing is
wider than a phone. The results are published in docs/accessibility.md, which these tests write.
"""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as TookTooLong

from tests.access.matrix import MATRIX
from tests.browser import tour
from tests.browser.accessibility import Finding, Result, publish
from tests.browser.conftest import Site
from tests.browser.tour import DESKTOP, PHONE, Stop
from tests.environment import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.rule("N18")]

AXE = ROOT / "node_modules/axe-core/axe.min.js"
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (rules) => {
  const told = await axe.run(document, {
    runOnly: {type: "tag", values: rules}, resultTypes: ["violations"],
  });
  const why = (node) => (node.any[0] || node.all[0] || node.none[0] || {}).message || "";
  return told.violations.map((violation) => ({
    rule: violation.id, impact: violation.impact,
    nodes: violation.nodes.map((node) => `${node.target.join(" ")} (${why(node)})`),
  }));
}"""
# What sticks out of the screen, but for what scrolls inside a box of its own.
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return "";
  const out = [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility() && element.getBoundingClientRect().right > width + 1);
  return out.slice(0, 3).map((element) => `${element.tagName}.${element.className}`).join(" ");
}"""

# How far things jumped while the page was drawn, as browsers count it (0.1 is the usual limit).
SHIFT = """() => new Promise((told) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  });
  watch.observe({type: "layout-shift", buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => told(Math.round(sum * 1000) / 1000)));
})"""
# Who has the keyboard must be seen.
UNSEEN = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return "";
  const marked = [element, element.parentElement, element.nextElementSibling].some((near) => {
    const style = near && getComputedStyle(near);
    return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
  });
  return marked ? "" : element.outerHTML.slice(0, 80);
}"""
TABS = 25


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewer", tour.VIEWERS)
def test_no_page_shuts_anybody_out_in_either_theme(site: Site, viewer: str) -> None:
    tour.load_world()
    results = list(look_at_everything(site, viewer))
    publish(viewer, results)
    assert [text for result in results for text in result.grave()] == []


def look_at_everything(site: Site, viewer: str) -> Iterator[Result]:
    # axe is put into the page, which the site's own policy would not allow.
    context = tour.context_of(
        site.browser, site.url, viewer, viewport=DESKTOP, locale="en-US", bypass_csp=True,
        reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    for stop in tour.stops_of(viewer):
        result = Result(stop.title)
        for theme in THEMES:
            tour.in_theme(page, site.url, theme)
            open_page(page, site.url, stop)
            result.shift = max(result.shift, page.evaluate(SHIFT))
            result.found[theme] = findings(page)
        result.unseen = [told for told in focus_by_keyboard(page) if told]
        page.set_viewport_size(PHONE)
        result.too_wide = what_is_too_wide(page)
        page.set_viewport_size(DESKTOP)
        yield result


def open_page(page: Page, url: str, stop: Stop) -> None:
    answer = page.goto(stop.path)
    assert answer is not None
    assert answer.status == 200, f"{stop.title}: {answer.status}"
    assert page.url == f"{url}{stop.path}", f"{stop.title} leads to {page.url}"


def focus_by_keyboard(page: Page) -> Iterator[str]:
    """What has the keyboard without showing it, over the first stops of the Tab key."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        yield page.evaluate(UNSEEN)


def what_is_too_wide(page: Page) -> str:
    """Charts are drawn anew a moment after the window has become narrow."""
    try:
        page.wait_for_function(f"() => ({TOO_WIDE})() === ''", timeout=10_000)
    except TookTooLong:
        return str(page.evaluate(TOO_WIDE))
    return ""


def findings(page: Page) -> list[Finding]:
    page.add_script_tag(path=AXE)
    return [Finding(**found) for found in page.evaluate(LOOK, RULES)]


def test_a_page_that_shuts_somebody_out_is_noticed(browser: Browser) -> None:
    page = browser.new_page(viewport=PHONE)
    page.set_content("<html><body><input><p style='width:500px;color:#ccc'>Pale</p></body></html>")
    assert {finding.rule for finding in findings(page)} >= {"label", "color-contrast"}
    assert page.evaluate(TOO_WIDE) == "P."


def test_the_tour_passes_every_page() -> None:
    pages = {name for name, row in MATRIX.items() if "200" in row.get.split()}
    visited = {stop.name for stop in tour.STOPS}
    assert pages - visited - tour.NO_PAGES == set()
