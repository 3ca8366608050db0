"""The landing page, the error pages, and what every page carries around its content."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from core import clock
from policy.models import FeePolicy, PolicyChange
from tasks import board
from tests.builders import a_browser, a_creator, a_merchant, ops
from tests.orders import an_order
from vtask import pages
from vtask.visitors import FIGURES_KEY

pytestmark = pytest.mark.django_db


def test_a_visitor_reads_what_it_is_and_how_to_sign_up() -> None:
    page = a_browser().get("/").content.decode()
    for text in ("How it works", "Where the money is", "Three promises"):
        assert text in page
    assert 'href="/accounts/signup/?role=MERCHANT"' in page
    assert 'href="/accounts/signup/?role=CREATOR"' in page
    assert 'href="/rules/"' in page


def test_before_anything_happened_it_says_so_and_shows_no_figure() -> None:
    page = a_browser().get("/").content.decode()
    assert "No order has been completed here yet." in page
    assert "Orders completed" not in page
    assert "Some of the creators" not in page


def test_figures_come_from_the_records_and_only_where_there_are_enough() -> None:
    for _ in range(2):
        an_order("REVIEWED")
    an_order("OVERDUE")
    page = a_browser().get("/").content.decode()
    assert "<dt>Orders completed</dt><dd>2</dd>" in page
    assert "1,600.00" in page
    assert "Counted over all 3 orders" in page
    assert "Creators who take orders now</dt><dd>3</dd>" in page
    assert "Delivered in time" not in page


def test_shares_and_medians_are_told_when_there_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board, "ENOUGH", 2)
    an_order("REVIEWED")
    an_order("OVERDUE")
    page = a_browser().get("/").content.decode()
    assert "<dt>Delivered in time</dt><dd>50 %</dd>" in page
    assert "<dt>Accepted orders that ended in payment</dt><dd>50 %</dd>" in page
    assert "Half of all creators accept in this time" in page


def test_figures_are_counted_once_in_a_while_and_the_page_stays_cheap() -> None:
    an_order("REVIEWED")
    browser = a_browser()
    browser.get("/")
    an_order("REVIEWED")
    with CaptureQueriesContext(connection) as captured:
        page = browser.get("/").content.decode()
    assert "<dt>Orders completed</dt><dd>1</dd>" in page
    assert len(captured) == 4  # the policy, its fee, the creators; and the clock, once
    cache.delete(FIGURES_KEY)
    assert "<dt>Orders completed</dt><dd>2</dd>" in browser.get("/").content.decode()


@pytest.mark.rule("V6")
def test_some_listed_creators_are_shown_each_of_another_domain_first() -> None:
    best, second = (
        a_creator(nickname=name, avg_reads=reads) for name, reads in (("Ann", 9_000), ("Bo", 8_000))
    )
    food = a_creator(nickname="Cy", avg_reads=10, domains=("FOOD",))
    a_creator(nickname="Paused", avg_reads=99_000, is_accepting=False)
    shown = a_browser().get("/").context["creators"]
    assert shown == [best, food, second]
    assert f'href="/creators/{best.pk}/"' in a_browser().get("/").content.decode()


@pytest.mark.rule("V52", "V59")
def test_its_numbers_are_those_of_the_policy() -> None:
    at = clock.now()
    PolicyChange.objects.create(
        key="auto_confirm_days", value=12, effective_at=at, made_at=at, reason="test"
    )
    FeePolicy.objects.create(name="Fee", rate_bps=2000, starts_at=at, reason="test")
    page = a_browser().get("/").content.decode()
    assert "12 days to look at it" in page
    assert "No answer from the merchant for 12 days: you are paid" in page
    assert "640.00" in page
    assert "160.00" in page


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


@pytest.mark.parametrize(
    ("doors", "path", "label"),
    [
        (pages.MERCHANT, "/orders/3/", "Tasks"),
        (pages.MERCHANT, "/merchant/payment-account/", "Company"),
        (pages.MERCHANT, "/exports/7/", "Statement"),
        (pages.CREATOR, "/orders/3/", "Orders"),
        (pages.CREATOR, "/exports/7/", "Earnings"),
        (pages.CREATOR, "/creator/works/3/", "Profile"),
        (pages.CREATOR, "/creator/quotes/", "Quotes"),
    ],
)
def test_a_page_within_a_place_marks_the_place(
    doors: tuple[pages.Door, ...], path: str, label: str
) -> None:
    assert [place.label for place in pages.places(doors, path) if place.current] == [label]


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
