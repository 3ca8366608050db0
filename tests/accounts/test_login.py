import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.backends import PeopleBackend
from accounts.models import User
from accounts.web.context import profile_of
from tests.builders import PASSWORD, a_browser, a_creator, a_merchant, a_user, ops

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def test_people_log_in_by_e_mail_in_any_letters_and_out_again() -> None:
    user = a_merchant().user
    browser = a_browser()
    answer = browser.post(LOGIN, {"login": user.email.upper(), "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/merchant/profile/").status_code == 200
    browser.post("/accounts/logout/")
    assert browser.get("/merchant/profile/").status_code == 302


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper()])
def test_a_wrong_password_does_not_log_in(password: str) -> None:
    user = a_user()
    browser = a_browser()
    assert browser.post(LOGIN, {"login": user.email, "password": password}).status_code == 200
    assert "_auth_user_id" not in browser.session


def test_a_locked_login_does_not_log_in() -> None:
    user = a_user(is_active=False)
    browser = a_browser()
    browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" not in browser.session


def found_again(user_id: int) -> User:
    user = PeopleBackend().get_user(user_id)
    assert user is not None
    return user


@pytest.mark.parametrize("make", [a_merchant, a_creator])
def test_who_comes_back_is_found_together_with_his_profile(make: Callable[[], Any]) -> None:
    profile = make()
    with CaptureQueriesContext(connection) as asked:
        assert profile_of(found_again(profile.user_id)) == profile
    assert len(asked) == 1


def test_who_is_neither_merchant_nor_creator_is_found_without_one() -> None:
    staff = ops()
    found = found_again(staff.pk)
    assert (found, profile_of(found)) == (staff, None)
    assert not hasattr(found, "merchant")
    assert PeopleBackend().get_user(staff.pk + 1) is None


def test_who_is_locked_while_logged_in_is_out_at_once() -> None:
    merchant = a_merchant()
    browser = a_browser(merchant.user)
    merchant.user.is_active = False
    merchant.user.save()
    assert browser.get("/merchant/profile/")["Location"].startswith(LOGIN)


def test_after_seven_bad_passwords_even_the_right_one_is_locked_out() -> None:
    user = a_user()
    browser = a_browser()
    answers = [
        browser.post(LOGIN, {"login": spelling, "password": "wrong"}).status_code
        for spelling in [user.email, user.email.upper(), f" {user.email}"] * 3
    ]
    assert answers[-1] == 429
    answer = browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert "_auth_user_id" not in browser.session


def test_a_forgotten_password_is_set_anew_by_letter() -> None:
    user = a_user()
    browser = a_browser()
    browser.post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert link
    page = browser.get(link[0], follow=True)
    new = {"password1": "another-long-password", "password2": "another-long-password"}
    browser.post(page.request["PATH_INFO"], new)
    user.refresh_from_db()
    assert user.check_password("another-long-password")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
    ],
)
def test_pages_for_visitors_open_without_a_login(path: str) -> None:
    assert a_browser().get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/account/preferences/",
        "/accounts/logout/",
    ],
)
def test_pages_of_a_persons_own_open_for_every_role_and_for_nobody_else(path: str) -> None:
    for user in (a_merchant().user, a_creator().user, ops(has_second_factor=False)):
        assert a_browser(user).get(path).status_code == 200
    answer = a_browser().get(path)
    assert answer.status_code == 302


def test_the_login_page_speaks_chinese_to_a_chinese_browser() -> None:
    page = a_browser(language="zh-CN").get(LOGIN)
    assert page["Content-Language"] == "zh-hans"


def test_after_the_login_staff_come_to_the_admin() -> None:
    user = ops(has_second_factor=False)
    answer = a_browser().post(LOGIN, {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == "/admin/"


def test_a_login_leads_only_to_pages_of_this_site() -> None:
    user = a_user()
    answer = a_browser().post(
        LOGIN, {"login": user.email, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == "/"
