"""The landing page, the error pages, and what every page carries around its content."""

import pytest
from django.test import Client, RequestFactory

from tests.builders import a_browser, a_creator, a_merchant, ops
from vtask import pages

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_what_it_is_and_how_to_sign_up() -> None:
    page = a_browser().get("/").content.decode()
    assert "How it works" in page
    assert "Three promises" in page
    assert 'href="/accounts/signup/?role=MERCHANT"' in page
    assert 'href="/accounts/signup/?role=CREATOR"' in page


def test_who_is_logged_in_goes_home() -> None:
    people = (a_merchant().user, a_creator().user, ops())
    places = [a_browser(person).get("/")["Location"] for person in people]
    assert places == ["/home/", "/home/", "/admin/"]


def test_each_role_has_its_own_places() -> None:
    merchant = a_browser(a_merchant().user).get("/home/").content.decode()
    creator = a_browser(a_creator().user).get("/home/").content.decode()
    assert ['href="/tasks/new/"' in page for page in (merchant, creator)] == [True, False]
    assert ['href="/creator/quotes/"' in page for page in (merchant, creator)] == [False, True]


def test_the_place_one_is_at_is_marked() -> None:
    page = a_browser(a_merchant().user).get("/tasks/new/").content.decode()
    assert page.count('aria-current="page"') == 1
    assert '<a href="/tasks/new/" aria-current="page">' in page


def test_a_skip_link_and_the_language_lead_every_page() -> None:
    page = a_browser().get("/").content.decode()
    assert '<html lang="en">' in page
    assert '<a class="skip" href="#main">' in page
    assert '<main id="main"' in page


@pytest.mark.parametrize(("cookie", "attribute"), [("dark", ' data-bs-theme="dark"'), ("x", "")])
def test_the_chosen_theme_is_there_before_any_script(cookie: str, attribute: str) -> None:
    browser = a_browser()
    browser.cookies["theme"] = cookie
    assert f'<html lang="en"{attribute}>' in browser.get("/").content.decode()


def test_nothing_here_is_said_kindly() -> None:
    answer = a_browser().get("/no/such/page")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_form_that_was_open_for_too_long_says_what_to_do() -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = browser.post("/accounts/login/", {})
    assert answer.status_code == 403
    assert "Please send the form again" in answer.content.decode()


def test_the_other_error_pages_can_be_drawn() -> None:
    request = RequestFactory().get("/")
    drawn = {
        400: pages.bad_request(request),
        403: pages.forbidden(request),
        429: pages.too_many(request),
        500: pages.broken(request),
    }
    assert [answer.status_code for answer in drawn.values()] == list(drawn)
    assert [b"<h1>" in answer.content for answer in drawn.values()] == [True] * 4
