import pytest
from django.forms import ModelForm

from core.web.forms import save_only
from merchants.models import Merchant, PaymentAccount
from merchants.rules import AGREEMENT_VERSION
from merchants.workflow import standing
from tests.builders import a_browser, a_merchant

pytestmark = pytest.mark.django_db
NEW = {
    "status": "PENDING",
    "activated_at": None,
    "agreement_version": 0,
    "agreement_at": None,
    "account": None,
}
COMPANY = {
    "company_name": "新公司",
    "shop_name": "新店",
    "shop_marketplace": "TAOBAO",
    "shop_url": "https://shop.example/",
    "contact_name": "赵六",
    "contact_phone": "+86 139 0000 1111",
    "contact_email": "zhao@example.com",
}


@pytest.mark.rule("V3")
@pytest.mark.parametrize(
    ("language", "text"), [("en", "Agreement for merchants"), ("zh-CN", "商家协议")]
)
def test_the_agreement_is_read_in_both_languages(language: str, text: str) -> None:
    browser = a_browser(a_merchant(**NEW).user, language=language)
    assert text in browser.get("/merchant/agreement/").content.decode()


@pytest.mark.rule("V3")
def test_a_merchant_confirms_it_and_goes_on_to_the_company() -> None:
    browser = a_browser(a_merchant(**NEW).user)
    answer = browser.post(
        "/merchant/agreement/", {"version": AGREEMENT_VERSION, "is_confirmed": "on"}
    )
    assert answer["Location"] == "/merchant/profile/"
    assert Merchant.objects.get().agreement_version == AGREEMENT_VERSION
    assert "You have confirmed this version" in browser.get("/merchant/agreement/").content.decode()


@pytest.mark.rule("V3")
@pytest.mark.parametrize(
    "form",
    [
        {"version": AGREEMENT_VERSION},
        {"version": AGREEMENT_VERSION - 1, "is_confirmed": "on"},
        {"is_confirmed": "on"},
    ],
)
def test_without_the_tick_or_with_an_old_text_nothing_is_confirmed(form: dict[str, object]) -> None:
    a_browser(a_merchant(**NEW).user).post("/merchant/agreement/", form)
    stored = Merchant.objects.get()
    assert (stored.agreement_version, stored.agreement_at) == (0, None)


@pytest.mark.rule("V2", "V3")
def test_a_merchant_enters_company_shop_and_contact() -> None:
    a_browser(a_merchant(**NEW).user).post("/merchant/profile/", COMPANY)
    stored = Merchant.objects.get()
    assert {name: getattr(stored, name) for name in COMPANY} == COMPANY


@pytest.mark.rule("V2")
@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"company_name": ""}, "company_name"),
        ({"shop_marketplace": "EBAY"}, "shop_marketplace"),
        ({"shop_url": "javascript:alert(1)"}, "shop_url"),
        ({"contact_phone": "call me"}, "contact_phone"),
        ({"contact_email": "nonsense"}, "contact_email"),
    ],
)
def test_a_bad_field_says_so_and_nothing_is_stored(facts: dict[str, str], field: str) -> None:
    merchant = a_merchant()
    answer = a_browser(merchant.user).post("/merchant/profile/", {**COMPANY, **facts})
    assert list(answer.context["form"].errors) == [field]
    assert Merchant.objects.get().company_name == merchant.company_name


def test_nobody_activates_or_checks_himself_by_sending_more_fields() -> None:
    merchant = a_merchant(**NEW)
    browser = a_browser(merchant.user)
    more = {"status": "ACTIVE", "agreement_version": "9", "brand_level": "TOP"}
    browser.post("/merchant/profile/", {**COMPANY, **more})
    browser.post(
        "/merchant/payment-account/",
        {
            "logon_id": "pay@example.com",
            "holder_name": "王小明",
            "is_real_name_verified": "on",
            "can_pay_from_balance": "on",
        },
    )
    stored = Merchant.objects.get()
    assert (stored.status, stored.agreement_version, stored.brand_level) == ("PENDING", 0, "")
    account = PaymentAccount.objects.get()
    assert (account.is_real_name_verified, account.can_pay_from_balance) == (False, False)


def test_saving_the_profile_does_not_undo_what_staff_did_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merchant = a_merchant()

    def suspended_meanwhile(form: ModelForm[Merchant]) -> None:
        standing.suspend(merchant.pk)
        save_only(form)

    monkeypatch.setattr("merchants.web.views.save_only", suspended_meanwhile)
    a_browser(merchant.user).post("/merchant/profile/", COMPANY)
    stored = Merchant.objects.get()
    assert (stored.status, stored.company_name) == ("SUSPENDED", "新公司")


@pytest.mark.rule("V4")
def test_the_payment_account_is_shown_masked_and_as_waiting_for_the_check() -> None:
    browser = a_browser(a_merchant(**NEW).user)
    browser.post("/merchant/payment-account/", {"logon_id": "13812345678", "holder_name": "王小明"})
    page = browser.get("/merchant/payment-account/").content.decode()
    assert "138***78" in page
    assert "13812345678" not in page
    assert "王小明" not in page
    assert page.count("Waiting for our staff") == 2


@pytest.mark.rule("V2", "V3", "V4")
def test_the_checklist_says_what_is_missing_and_where_to_do_it() -> None:
    answer = a_browser(a_merchant(**NEW, company_name="").user).get("/merchant/profile/")
    found = {item["code"]: item["url"] for item in answer.context["checklist"]}
    assert found == {
        "agreement": "/merchant/agreement/",
        "company": "/merchant/profile/",
        "activation": "",
        "payment_account": "/merchant/payment-account/",
    }


def test_who_misses_nothing_reads_so() -> None:
    page = a_browser(a_merchant().user).get("/merchant/profile/").content.decode()
    assert "Everything is there." in page
