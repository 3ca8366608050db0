"""Pictures of every page in both sizes and both themes, for people to look at: `make screenshots`.

LOCALE=zh-CN takes them in Chinese, VIEWER=merchant those of one viewer, PAGES="order statement"
those whose name holds one of the words. They land in docs/screenshots/, which git ignores but for
the few that the README shows.
"""

import os
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.browser import tour
from tests.browser.conftest import Site
from tests.browser.tour import DESKTOP, PHONE, Stop
from tests.environment import ROOT

FOLDER = ROOT / "docs/screenshots"
LOCALE = os.environ.get("LOCALE", "en-US")
VIEWERS = os.environ.get("VIEWER", " ".join(tour.VIEWERS)).split()
WORDS = os.environ.get("PAGES", "").split() or [""]
SIZES = {"desktop": DESKTOP, "phone": PHONE}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_take_a_picture_of_every_page(site: Site) -> None:
    tour.load_world()
    FOLDER.mkdir(parents=True, exist_ok=True)
    assert [path for viewer in VIEWERS for path in pictures(site, viewer)], "no such page"


def pictures(site: Site, viewer: str) -> Iterator[str]:
    context = tour.context_of(
        site.browser, site.url, viewer, locale=LOCALE, viewport=DESKTOP, reduced_motion="reduce"
    )
    page = context.new_page()
    for stop in tour.stops_of(viewer):
        if any(word in stop.title for word in WORDS):
            yield from _of_one(page, site.url, stop)
    context.close()


def _of_one(page: Page, url: str, stop: Stop) -> Iterator[str]:
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for theme in THEMES:
            tour.in_theme(page, url, theme)
            page.goto(stop.path)
            page.wait_for_load_state("networkidle")
            name = f"{stop.title}-{size}-{theme}{'-zh' if LOCALE.startswith('zh') else ''}.png"
            page.screenshot(path=FOLDER / name, full_page=True)
            yield name
