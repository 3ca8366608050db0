import pytest
from django.urls import reverse

from accounts.models import Role
from tests.builders import a_browser, a_creator, a_merchant, a_user, ops

pytestmark = pytest.mark.django_db
MERCHANT_PAGES = ["merchants:agreement", "merchants:profile", "merchants:payment-account"]
CREATOR_PAGES = [
    "creators:profile",
    "creators:profile-personal",
    "creators:profile-account",
    "creators:profile-delivery",
    "creators:channel-new",
    "creators:works",
    "creators:work-new",
    "creators:quotes",
    "creators:audience",
]


@pytest.mark.parametrize("name", MERCHANT_PAGES)
def test_merchants_pages_are_for_merchants(name: str) -> None:
    url = reverse(name)
    assert a_browser(a_merchant().user).get(url).status_code == 200
    assert a_browser(a_creator().user).get(url).status_code == 404
    assert a_browser(ops()).get(url).status_code == 404
    assert a_browser(a_user(Role.MERCHANT)).get(url).status_code == 404
    assert a_browser().get(url)["Location"] == f"/accounts/login/?next={url}"


@pytest.mark.parametrize("name", CREATOR_PAGES)
def test_creators_pages_are_for_creators(name: str) -> None:
    url = reverse(name)
    assert a_browser(a_creator().user).get(url).status_code == 200
    assert a_browser(a_merchant().user).get(url).status_code == 404
    assert a_browser(ops()).get(url).status_code == 404
    assert a_browser(a_user(Role.CREATOR)).get(url).status_code == 404
    assert a_browser().get(url)["Location"] == f"/accounts/login/?next={url}"


def test_the_switch_and_removals_take_posts_only() -> None:
    browser = a_browser(a_creator().user)
    for name, ids in [
        ("creators:accepting", []),
        ("creators:work-remove", [1]),
        ("creators:channel-remove", [1]),
    ]:
        assert browser.get(reverse(name, args=ids)).status_code == 405
