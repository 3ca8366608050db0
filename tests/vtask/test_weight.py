"""What a first visit loads is light, and what was cut from the component kit is not missed."""

import gzip
import re

import pytest

from tests.builders import a_browser, a_merchant
from tests.environment import ROOT

MOST_BYTES = 300_000
DIST = ROOT / "static" / "dist"
KIT = ROOT / "node_modules/@tabler/core/dist/css/tabler.min.css"
LOADED = re.compile(r'(?:src|href)="/static/dist/([^"#]+)')
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")


def weight(page: str) -> int:
    """Bytes of a page and of each file that it loads, compressed as they travel."""
    files = [(DIST / name).read_bytes() for name in set(LOADED.findall(page))]
    return sum(len(gzip.compress(body)) for body in (page.encode(), *files))


@pytest.mark.django_db
def test_a_first_visit_is_light() -> None:
    merchant = a_merchant().user
    for page in (a_browser().get("/"), a_browser(merchant).get("/home/")):
        assert {"app.css", "app.js", "icons.svg"} <= set(LOADED.findall(page.content.decode()))
        assert weight(page.content.decode()) < MOST_BYTES


@pytest.mark.django_db
def test_the_code_of_charts_comes_only_where_there_is_one() -> None:
    assert "charts.js" not in a_browser().get("/accounts/login/").content.decode()


def test_every_class_that_a_page_names_kept_its_rules() -> None:
    kit, ours = KIT.read_text(encoding="utf-8"), (DIST / "app.css").read_text(encoding="utf-8")
    named = {
        word
        for page in (ROOT / "templates").rglob("*.html")
        for value in re.findall(r'class="([^"]*)"', page.read_text(encoding="utf-8"))
        for word in re.findall(r"[a-zA-Z][\w-]*", value)
    }
    known = set(CLASS.findall(kit))
    assert (named & known) - set(CLASS.findall(ours)) == set()


def test_the_values_of_the_kit_are_all_kept() -> None:
    """A rule that is cut by mistake takes its values with it, and borders vanish."""
    roots = [
        set(re.findall(r"(--tblr-[\w-]+):", body))
        for head, body in re.findall(r"([^{}]*){([^{}]*)}", KIT.read_text(encoding="utf-8"))
        if ":root" in head
    ]
    ours = (DIST / "app.css").read_text(encoding="utf-8")
    assert {name for names in roots for name in names if f"{name}:" not in ours} == set()
