"""The living page of the look shows all of it, and its colours can be read."""

import pytest
from pytest_django import Settings

from tests.builders import a_browser, a_creator, a_merchant, ops
from tests.environment import ROOT
from vtask import styleguide

COMPONENTS = {f"components/{file.name}" for file in (ROOT / "templates/components").glob("*.html")}


@pytest.mark.django_db
def test_every_component_is_shown() -> None:
    answer = a_browser(ops()).get("/styleguide/")
    assert COMPONENTS - {template.name for template in answer.templates} == set()


@pytest.mark.django_db
def test_every_component_is_shown_by_day_and_by_night_with_ids_of_its_own() -> None:
    page = a_browser(ops()).get("/styleguide/").content.decode()
    assert page.count('<section class="pane" data-bs-theme="light">') == 1
    assert page.count('<section class="pane" data-bs-theme="dark">') == 1
    assert page.count('id="id_light-theme"') == page.count('id="id_dark-theme"') == 1


@pytest.mark.django_db
def test_outside_the_demo_it_is_for_staff() -> None:
    people = (None, a_merchant().user, a_creator().user, ops())
    answers = [a_browser(person).get("/styleguide/").status_code for person in people]
    assert answers == [404, 404, 404, 200]


@pytest.mark.django_db
def test_in_the_demo_it_is_for_everybody(settings: Settings) -> None:
    settings.VTASK_ENV = "demo"
    assert a_browser().get("/styleguide/").status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(styleguide.contrast(one, other), 2) == ratio
    assert round(styleguide.contrast(other, one), 2) == ratio


def test_every_text_can_be_read_and_every_shape_be_seen_by_day_and_by_night() -> None:
    pairs = [
        *styleguide.contrasts(styleguide.TEXTS, least=4.5),
        *styleguide.contrasts(styleguide.SHAPES, least=3),
    ]
    weak = [
        (pair.front, pair.back, theme, round(ratio, 2))
        for pair in pairs
        for theme, _, _, ratio in pair.looks
        if ratio < pair.least
    ]
    assert weak == []


def test_colours_are_written_as_tokens_only() -> None:
    """A colour outside the tokens has no night; the white behind a QR code needs none."""
    loose = {
        (sheet.name, line.strip())
        for sheet in (ROOT / "static/src/look").glob("*.css")
        if sheet.name != "tokens.css"
        for line in sheet.read_text(encoding="utf-8").splitlines()
        if "#" in line.split("{")[-1] and "url(" not in line and ".qr" not in line
    }
    assert loose == set()
