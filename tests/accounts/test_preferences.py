import pytest

from accounts.models import User
from tests.builders import a_browser, a_creator, a_merchant, a_user

pytestmark = pytest.mark.django_db
PAGE = "/account/preferences/"


def test_a_person_chooses_language_and_time_zone() -> None:
    user = a_user()
    browser = a_browser(user)
    browser.post(PAGE, {"name": "New", "language": "zh-hans", "time_zone": "Europe/Berlin"})
    user.refresh_from_db()
    assert (user.name, user.language, user.time_zone) == ("New", "zh-hans", "Europe/Berlin")
    assert browser.get(PAGE)["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("facts", [{"language": "xx"}, {"time_zone": "Mars/Base"}, {"name": ""}])
def test_what_does_not_exist_is_refused(facts: dict[str, str]) -> None:
    user = a_user(name="Old")
    a_browser(user).post(PAGE, {"name": "New", "language": "", "time_zone": "", **facts})
    assert User.objects.get(pk=user.pk).name == "Old"


def test_the_time_zone_is_the_one_that_instants_are_shown_in() -> None:
    account = a_merchant().payment_account
    user = account.merchant.user
    url = "/merchant/payment-account/"
    shanghai = a_browser(user).get(url).content.decode()
    User.objects.filter(pk=user.pk).update(time_zone="America/New_York")
    new_york = a_browser(user).get(url).content.decode()
    assert ("UTC+0800" in shanghai, "UTC-0500" in shanghai) == (True, False)
    assert ("UTC+0800" in new_york, "UTC-0500" in new_york) == (False, True)


def test_a_visitor_switches_the_language_for_his_browser() -> None:
    browser = a_browser()
    answer = browser.post("/account/language/", {"language": "zh-hans", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert browser.get("/accounts/login/")["Content-Language"] == "zh-hans"


def test_a_person_switches_it_for_good() -> None:
    user = a_user()
    a_browser(user).post("/account/language/", {"language": "zh-hans"})
    user.refresh_from_db()
    assert user.language == "zh-hans"
    assert a_browser(user).get(PAGE)["Content-Language"] == "zh-hans"


def test_the_switch_leads_to_pages_of_this_site_only_and_knows_its_languages() -> None:
    browser = a_browser()
    answer = browser.post("/account/language/", {"language": "en", "next": "https://evil.example"})
    assert answer["Location"] == "/"
    assert browser.post("/account/language/", {"language": "xx"}).status_code == 404
    assert browser.get("/account/language/").status_code == 405


@pytest.mark.rule("V5", "V6")
@pytest.mark.parametrize(
    ("status", "text"),
    [("PENDING", "activate you"), ("SUSPENDED", "You are suspended"), ("ACTIVE", "")],
)
def test_who_is_not_active_reads_so_on_every_page(status: str, text: str) -> None:
    for user in (
        a_creator(status=status).user,
        a_merchant(status=status).user,
    ):
        banner = a_browser(user).get(PAGE).context["account_banner"]
        assert bool(banner) == bool(text)
        assert text in banner
