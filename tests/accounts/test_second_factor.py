import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from tests.builders import PASSWORD, a_browser, a_creator, a_merchant, has_second_factor, ops

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/2fa/totp/activate/"


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_staff_without_a_second_factor_are_sent_to_set_one_up() -> None:
    browser = a_browser(ops(has_second_factor=False))
    for path in ("/admin/", "/admin/merchants/merchant/", "/admin/login/"):
        assert browser.get(path)["Location"] == SET_UP


def test_staff_with_a_second_factor_enter_the_admin() -> None:
    assert a_browser(ops()).get("/admin/").status_code == 200


def test_the_admin_sends_visitors_to_the_one_login_and_has_none_of_its_own() -> None:
    for path in ("/admin/", "/admin/login/", "/admin/merchants/merchant/"):
        assert a_browser().get(path)["Location"].startswith("/accounts/login/?next=/admin/")
    answer = a_browser().post("/admin/login/", {"username": "x", "password": "y"})
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("build", [a_merchant, a_creator])
def test_the_admin_does_not_open_for_others(build: object) -> None:
    assert callable(build)
    answer = a_browser(build().user).get("/admin/")
    assert answer.status_code == 404


def test_everybody_can_set_up_a_second_factor_and_gets_recovery_codes() -> None:
    user = a_merchant().user
    browser = a_browser()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    secret = browser.get(SET_UP).context["form"].secret
    browser.post(SET_UP, {"code": code_for(secret)})
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    assert set(kinds) == {"totp", "recovery_codes"}


def test_a_wrong_code_sets_up_nothing() -> None:
    user = a_merchant().user
    browser = a_browser()
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    browser.get(SET_UP)
    assert browser.post(SET_UP, {"code": "000000x"}).status_code == 200
    assert not has_second_factor(user)


def test_with_a_second_factor_the_password_alone_does_not_log_in() -> None:
    user = ops()
    browser = a_browser()
    answer = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert "_auth_user_id" not in browser.session
    assert browser.get("/admin/")["Location"].startswith("/accounts/login/")
