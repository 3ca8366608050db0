"""Notices are believed only as far as Alipay signed them, for our app and our account."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from pytest_django import Settings

from settlement.gateway.notices import BadNotice, verify
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import APP_ID, SELLER_ID, sign

FREEZE_NO = "FAAAAAAAAAAAAAAAAAAAAAAAAAA"


def notice(**fields: str) -> dict[str, str]:
    """A freeze's notice, with these fields changed; one that is given as "-" is left out."""
    form = {
        "notify_id": "2026112100222",
        "notify_type": "fund_auth_freeze",
        "app_id": APP_ID,
        "auth_no": "2026112110002001230200000001",
        "out_order_no": FREEZE_NO,
        "out_request_no": FREEZE_NO,
        "operation_type": "FREEZE",
        "amount": "120.05",
        "status": "SUCCESS",
        "payee_user_id": SELLER_ID,
        "payer_logon_id": "liu***@example.com",
        "pre_auth_type": "",
        "order_title": "三个订单 & more = good",
        **fields,
    }
    return signed_form({name: value for name, value in form.items() if value != "-"})


def signed_form(
    form: dict[str, str], *, without_empty: bool = False, sha1: bool = False
) -> dict[str, str]:
    """The form with Alipay's signature."""
    form = {name: value for name, value in form.items() if name not in ("sign", "sign_type")}
    names = [name for name in sorted(form) if form[name] or not without_empty]
    text = "&".join(f"{name}={form[name]}" for name in names)
    algorithm = hashes.SHA1() if sha1 else hashes.SHA256()
    return {**form, "sign": sign(text.encode(), algorithm), "sign_type": "RSA2"}


def reason(form: Mapping[str, str | Sequence[str]]) -> str:
    with pytest.raises(BadNotice) as refused:
        verify(form)
    return refused.value.reason


def test_a_notice_that_alipay_signed_is_read() -> None:
    found = verify(notice())

    assert (found.notify_id, found.notify_type) == ("2026112100222", "fund_auth_freeze")
    assert (found.out_no, found.amount_fen, found.kind) == (FREEZE_NO, 12_005, Kind.FREEZE)
    assert found.fields["status"] == "SUCCESS"
    assert "sign" not in found.fields


def test_a_form_with_lists_of_one_is_the_same() -> None:
    form = {name: [value] for name, value in notice().items()}

    assert verify(form) == verify(notice())


def test_empty_values_may_be_signed_or_not() -> None:
    assert verify(signed_form(notice(), without_empty=True)).out_no == FREEZE_NO


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (notice() | {"sign": ""}, "UNSIGNED"),
        (notice() | {"sign_type": "RSA"}, "SIGN_TYPE"),
        (notice() | {"sign_type": ""}, "SIGN_TYPE"),
        (signed_form(notice(), sha1=True), "SIGNATURE"),
        (notice() | {"amount": "120.06"}, "SIGNATURE"),
        (notice() | {"more": "1"}, "SIGNATURE"),
        (notice() | {"sign": "no base64"}, "SIGNATURE"),
        (notice() | {"sign": notice(amount="1.00")["sign"]}, "SIGNATURE"),
        (notice(app_id="2021000000000009"), "APP"),
        (notice(app_id="-"), "APP"),
        (notice(payee_user_id="2088000000000009"), "PAYEE"),
        (notice(seller_id="2088000000000009"), "PAYEE"),
        (notice(notify_id="-"), "ID"),
        (notice(notify_id="x" * 129), "ID"),
        (notice(out_request_no="-"), "ID"),
        (notice(amount="12.345"), "AMOUNT"),
        ({}, "UNSIGNED"),
    ],
)
def test_any_other_notice_is_refused(form: dict[str, str], why: str) -> None:
    assert reason(form) == why


def test_a_name_that_comes_twice_is_refused() -> None:
    form = {name: [value] for name, value in notice().items()}

    assert reason({**form, "amount": ["120.05", "1.00"]}) == "FIELD"


def test_two_fields_cannot_be_joined_into_one_though_the_signed_text_is_the_same() -> None:
    form = notice()
    amount, app_id = form.pop("amount"), form.pop("app_id")

    assert reason(form | {"amount": f"{amount}&app_id={app_id}"}) == "APP"
    assert reason(form | {f"amount={amount}&app_id": app_id}) == "FIELD"


def test_what_is_acted_upon_may_not_hold_the_signs_that_join_fields() -> None:
    assert reason(notice(out_request_no=f"{FREEZE_NO}&z=1")) == "FIELD"


def test_without_good_keys_no_notice_is_believed(settings: Settings, tmp_path: Path) -> None:
    settings.ALIPAY_KEYS_DIR = tmp_path

    assert reason(notice()) == "KEYS"


def test_without_an_account_of_our_own_the_payee_is_not_compared(settings: Settings) -> None:
    settings.ALIPAY_SELLER_ID = ""

    assert verify(notice(payee_user_id="2088000000000009")).out_no == FREEZE_NO


TRADE = {
    "notify_type": "trade_status_sync",
    "out_trade_no": "CAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "total_amount": "120.05",
    "trade_status": "TRADE_SUCCESS",
    "out_order_no": "-",
    "out_request_no": "-",
    "operation_type": "-",
    "amount": "-",
}


@pytest.mark.parametrize(
    ("fields", "kind", "out_no", "amount_fen"),
    [
        (
            {
                "notify_type": "fund_auth_unfreeze",
                "operation_type": "UNFREEZE",
                "out_request_no": "U1",
            },
            Kind.UNFREEZE,
            "U1",
            12_005,
        ),
        (
            {"notify_type": "fund_auth_operation_cancel", "amount": "-"},
            Kind.CANCEL_FREEZE,
            FREEZE_NO,
            None,
        ),
        ({"operation_type": "PAY", "out_request_no": "C1"}, Kind.CAPTURE, "C1", 12_005),
        ({"operation_type": "-"}, Kind.FREEZE, FREEZE_NO, 12_005),
        (TRADE, Kind.CAPTURE, "CAAAAAAAAAAAAAAAAAAAAAAAAAA", 12_005),
        (
            {**TRADE, "out_biz_no": "R1", "refund_fee": "20.00"},
            Kind.REFUND,
            "R1",
            2000,
        ),
        ({"notify_type": "something_new"}, None, "", 12_005),
    ],
)
def test_a_notice_says_which_operation_to_ask_about(
    fields: dict[str, str], kind: Kind | None, out_no: str, amount_fen: int | None
) -> None:
    found = verify(notice(**fields))

    assert (found.kind, found.out_no, found.amount_fen) == (kind, out_no, amount_fen)
