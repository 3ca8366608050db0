import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from merchants.models import Merchant, PaymentAccount
from tests.builders import a_browser, a_merchant, ops, queries_of

pytestmark = pytest.mark.django_db
LIST = "/admin/merchants/merchant/"
ACCOUNTS = "/admin/merchants/paymentaccount/"


def act(browser: Client, url: str, action: str, pk: int, reason: str | None = None) -> str:
    form = {"action": action, "_selected_action": [pk]}
    answer = browser.post(url, form if reason is None else {**form, "reason": reason}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def waiting() -> Merchant:
    return a_merchant(status="PENDING", activated_at=None)


def test_an_action_first_asks_for_a_reason_and_changes_nothing() -> None:
    merchant = waiting()
    page = act(a_browser(ops()), LIST, "activate", merchant.pk)
    assert 'name="reason"' in page
    assert Merchant.objects.get().status == "PENDING"


@pytest.mark.parametrize("reason", ["", "  ", "ok"])
def test_without_a_real_reason_nothing_changes(reason: str) -> None:
    merchant = waiting()
    act(a_browser(ops()), LIST, "activate", merchant.pk, reason)
    assert Merchant.objects.get().status == "PENDING"
    assert LogEntry.objects.count() == 0


def test_with_a_reason_the_merchant_is_active_and_the_log_says_who_and_why() -> None:
    merchant, boss = waiting(), ops()
    act(a_browser(boss), LIST, "activate", merchant.pk, "Shop checked by phone")
    stored = Merchant.objects.get()
    assert stored.status == "ACTIVE"
    assert stored.activated_at is not None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (boss, str(merchant.pk))
    assert "PENDING → ACTIVE. Shop checked by phone" in entry.change_message


def test_a_suspended_merchant_stays_in_the_log() -> None:
    merchant = a_merchant()
    act(a_browser(ops()), LIST, "suspend", merchant.pk, "Fake shop")
    assert Merchant.objects.get().status == "SUSPENDED"
    assert "ACTIVE → SUSPENDED. Fake shop" in LogEntry.objects.get().change_message


@pytest.mark.rule("V4")
def test_staff_check_a_payment_account() -> None:
    account = a_merchant(
        account={"is_real_name_verified": False, "can_pay_from_balance": False}
    ).payment_account
    act(a_browser(ops()), ACCOUNTS, "approve", account.pk, "Name agrees")
    stored = PaymentAccount.objects.get()
    assert (stored.is_real_name_verified, stored.can_pay_from_balance) == (True, True)


@pytest.mark.rule("V64")
def test_lists_and_forms_show_private_values_masked() -> None:
    merchant = a_merchant(account={"alipay_logon_id": "13700001111", "holder_name": "付款人"})
    browser = a_browser(ops())
    account = merchant.payment_account
    for url in (LIST, f"{LIST}{merchant.pk}/change/", ACCOUNTS, f"{ACCOUNTS}{account.pk}/change/"):
        page = browser.get(url).content.decode()
        for clear in ("王小明", "13812345678", "xiaoming@example.com", "13700001111", "付款人"):
            assert clear not in page, (url, clear)


def test_private_values_are_shown_for_a_reason_which_is_logged() -> None:
    account = a_merchant(account={"alipay_logon_id": "13700001111"}).payment_account
    browser = a_browser(ops())
    assert "13700001111" not in act(browser, ACCOUNTS, "show_private", account.pk)
    assert "13700001111" in act(browser, ACCOUNTS, "show_private", account.pk, "Check the name")
    assert "Check the name" in LogEntry.objects.get().change_message


def test_nothing_can_be_added_deleted_or_activated_by_hand() -> None:
    merchant = waiting()
    browser = a_browser(ops())
    assert browser.get(f"{LIST}add/").status_code == 403
    assert browser.get(f"{LIST}{merchant.pk}/delete/").status_code == 403
    browser.post(
        f"{LIST}{merchant.pk}/change/",
        {
            "brand_level": "GOLD",
            "status": "ACTIVE",
            "company_name": "X",
            "payment_account-TOTAL_FORMS": 1,
            "payment_account-INITIAL_FORMS": 1,
            "payment_account-0-id": merchant.payment_account.pk,
            "payment_account-0-merchant": merchant.pk,
        },
    )
    stored = Merchant.objects.get()
    assert (stored.brand_level, stored.status) == ("GOLD", "PENDING")
    assert stored.company_name == merchant.company_name


def test_the_list_asks_no_more_when_it_grows() -> None:
    browser = a_browser(ops())
    a_merchant()
    few = queries_of(browser, LIST)
    for _ in range(8):
        a_merchant()
    assert queries_of(browser, LIST) == few


def test_staff_find_a_merchant_by_name_and_filter_by_status() -> None:
    a_merchant(company_name="晨光贸易")
    a_merchant(company_name="海风食品", shop_name="海风店", status="SUSPENDED")
    browser = a_browser(ops())
    assert "晨光贸易" in browser.get(LIST, {"q": "晨光"}).content.decode()
    assert "海风食品" not in browser.get(LIST, {"q": "晨光"}).content.decode()
    page = browser.get(LIST, {"status__exact": "SUSPENDED"}).content.decode()
    assert "海风食品" in page
    assert "晨光贸易" not in page
