import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import User
from creators.models import Channel, Creator, CreatorChannel, Domain
from tests.builders import (
    PASSWORD,
    a_browser,
    a_creator,
    a_creator_channel,
    a_work,
    ops,
    queries_of,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/creators/creator/"


def test_staff_activate_a_creator_with_a_reason() -> None:
    creator, boss = a_creator(status="PENDING", activated_at=None), ops()
    form = {"action": "activate", "_selected_action": [creator.pk], "reason": "Works are his own"}
    a_browser(boss).post(LIST, form)
    stored = Creator.objects.get()
    assert (stored.status, stored.activated_at is not None) == ("ACTIVE", True)
    assert "PENDING → ACTIVE. Works are his own" in LogEntry.objects.get().change_message


def test_several_at_once_each_with_its_line_in_the_log() -> None:
    chosen = [a_creator(status="PENDING", activated_at=None) for _ in range(3)]
    ids = [creator.pk for creator in chosen]
    form = {"action": "activate", "_selected_action": ids, "reason": "Checked"}
    a_browser(ops()).post(LIST, form)
    assert Creator.objects.filter(status="ACTIVE").count() == 3
    assert LogEntry.objects.count() == 3


def test_suspending_twice_is_logged_once() -> None:
    creator, browser = a_creator(), a_browser(ops())
    for _ in range(2):
        form = {"action": "suspend", "_selected_action": [creator.pk], "reason": "Data fraud"}
        browser.post(LIST, form)
    assert Creator.objects.get().status == "SUSPENDED"
    assert LogEntry.objects.count() == 1


@pytest.mark.rule("V9")
def test_staff_approve_an_account_on_a_channel() -> None:
    row = a_creator_channel(a_creator(), "TOUTIAO")
    form = {"action": "approve", "_selected_action": [row.pk], "reason": "His own page"}
    a_browser(ops()).post("/admin/creators/creatorchannel/", form)
    assert CreatorChannel.objects.get(pk=row.pk).approved_at is not None


@pytest.mark.rule("V64")
def test_lists_and_forms_show_private_values_masked() -> None:
    creator = a_creator(payout="payee@example.com")
    a_work(creator)
    browser = a_browser(ops())
    for url in (LIST, f"{LIST}{creator.pk}/change/"):
        page = browser.get(url).content.decode()
        for clear in ("李鹿", "13900001111", "文一西路", "payee@example.com"):
            assert clear not in page, (url, clear)


def test_nothing_of_a_creator_is_changed_by_hand() -> None:
    creator, browser = a_creator(nickname="小鹿"), a_browser(ops())
    url = f"{LIST}{creator.pk}/change/"
    browser.post(url, {"nickname": "X", "status": "SUSPENDED", "default_price_fen": 1})
    stored = Creator.objects.get()
    assert (stored.nickname, stored.status, stored.default_price_fen) == ("小鹿", "ACTIVE", 80_000)
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.get(f"{LIST}{creator.pk}/delete/").status_code == 403


@pytest.mark.rule("V8", "V9")
def test_staff_add_domains_and_turn_channels_on() -> None:
    browser = a_browser(ops())
    form = {"code": "PETS", "name_en": "Pets", "name_zh": "宠物", "position": 8, "is_enabled": "on"}
    browser.post("/admin/creators/domain/add/", form)
    assert Domain.objects.get(code="PETS").name_zh == "宠物"
    toutiao = Channel.objects.get(code="TOUTIAO")
    form = {"code": "TOUTIAO", "name_en": "Toutiao", "name_zh": "淘宝头条", "is_enabled": "on"}
    browser.post(f"/admin/creators/channel/{toutiao.pk}/change/", form)
    assert Channel.objects.get(code="TOUTIAO").is_enabled


def test_the_list_asks_no_more_when_it_grows() -> None:
    browser = a_browser(ops())
    a_creator()
    few = queries_of(browser, LIST)
    for _ in range(8):
        a_creator()
    assert queries_of(browser, LIST) == few


def test_staff_add_staff_who_must_set_up_a_second_factor() -> None:
    new = {
        "email": "New@Example.com",
        "name": "New",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "usable_password": "true",
    }
    a_browser(ops()).post("/admin/accounts/user/add/", new)
    user = User.objects.get(email="new@example.com")
    assert (user.role, user.is_staff, user.is_superuser) == ("OPS", True, False)
    assert a_browser(user).get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"


def test_logins_are_listed_masked_and_never_deleted() -> None:
    person, browser = a_creator().user, a_browser(ops())
    page = browser.get("/admin/accounts/user/").content.decode()
    assert person.email not in page
    assert browser.get(f"/admin/accounts/user/{person.pk}/change/").status_code == 200
    assert browser.get(f"/admin/accounts/user/{person.pk}/delete/").status_code == 403
