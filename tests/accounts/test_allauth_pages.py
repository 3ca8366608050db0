import pytest
from allauth.mfa.models import Authenticator

from tests.builders import PASSWORD, a_browser, a_merchant, ops

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/reauthenticate/",
        "/accounts/logout/",
    ],
)
def test_account_pages_stand_in_the_frame_of_the_site(path: str) -> None:
    browser = a_browser()
    user = a_merchant().user
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    page = browser.get(path)
    assert page.status_code == 200
    assert "base.html" in [template.name for template in page.templates]
    assert page.content.decode().count("<h1") == 1


def test_recovery_codes_are_shown_after_a_fresh_login_only() -> None:
    user = ops()
    browser = a_browser(user)
    generate = "/accounts/2fa/recovery-codes/generate/"
    assert browser.post(generate)["Location"].startswith("/accounts/reauthenticate/")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.post(generate, follow=True)
    assert page.status_code == 200
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().generate_codes()
    assert codes[0] in page.content.decode()
