"""Transfers to people."""

from dataclasses import replace

import pytest

from sandbox import transfers
from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller

PAYEE = "creator@example.com"


@pytest.fixture
def rich(app: Caller) -> Caller:
    """The platform holds 40 yuan."""
    app.capture(app.frozen("F1", "100.00"), "C1", "40.00")
    return app


def test_a_transfer_pays_the_person(rich: Caller, alipay: LocalAlipay) -> None:
    answer = rich.transfer("T1", "30.00")
    assert (answer["status"], answer["amount"]) == ("SUCCESS", "30.00")
    assert (alipay.platform_fen, alipay.balance_fen(PAYEE)) == (10_00, 30_00)
    told = rich.query_transfer("T1")
    assert (told["status"], told["trans_amount"]) == ("SUCCESS", "30.00")
    assert told["order_id"] == answer["order_id"]


def test_the_same_transfer_gets_the_existing_order(rich: Caller, alipay: LocalAlipay) -> None:
    assert rich.transfer("T1", "30.00") == rich.transfer("T1", "30.00")
    assert alipay.balance_fen(PAYEE) == 30_00


def test_the_same_number_for_another_amount_or_person_is_refused(
    rich: Caller, alipay: LocalAlipay
) -> None:
    alipay.open_payee("other@example.com", "王芳")
    rich.transfer("T1", "30.00")
    again = rich.transfer("T1", "3.00")
    assert again["sub_code"] == "PAYMENT_INFO_INCONSISTENCY"
    other = rich.transfer("T1", "30.00", "other@example.com", "王芳")
    assert other["sub_code"] == "PAYMENT_INFO_INCONSISTENCY"
    assert (alipay.balance_fen(PAYEE), alipay.balance_fen("other@example.com")) == (30_00, 0)


@pytest.mark.parametrize(
    ("amount", "payee", "name", "sub_code"),
    [
        ("0.09", PAYEE, "林小雨", "EXCEED_LIMIT_SM_MIN_AMOUNT"),
        ("40.01", PAYEE, "林小雨", "PAYER_BALANCE_NOT_ENOUGH"),
        ("1.00", PAYEE, "林大雨", "PAYEE_USERINFO_ERROR"),
        ("1.00", "nobody@example.com", "林小雨", "PAYEE_NOT_EXIST"),
        ("1.00", "gone@example.com", "赵六", "PAYEE_ACCOUNT_STATUS_ERROR"),
        ("1.00", "bank@alipay.local", "Bank", "PAYEE_NOT_EXIST"),
    ],
)
def test_refused_transfers_move_nothing(
    rich: Caller, alipay: LocalAlipay, amount: str, payee: str, name: str, sub_code: str
) -> None:
    alipay.open_payee("gone@example.com", "赵六")
    alipay.close_account("gone@example.com")
    assert rich.transfer("T1", amount, payee, name)["sub_code"] == sub_code
    assert alipay.platform_fen == 40_00
    assert rich.query_transfer("T1")["sub_code"] == "ORDER_NOT_EXIST"


def test_a_refused_number_may_be_used_again(rich: Caller, alipay: LocalAlipay) -> None:
    rich.transfer("T1", "40.01")
    rich.capture(rich.query("F1"), "C2", "10.00")
    assert rich.transfer("T1", "40.01")["status"] == "SUCCESS"
    assert alipay.balance_fen(PAYEE) == 40_01


def test_ten_fen_is_enough(rich: Caller, alipay: LocalAlipay) -> None:
    assert rich.transfer("T1", "0.10")["status"] == "SUCCESS"
    assert alipay.balance_fen(PAYEE) == 10


def test_without_certificates_nothing_is_transferred(rich: Caller, alipay: LocalAlipay) -> None:
    biz = {
        "out_biz_no": "T1",
        "trans_amount": "1.00",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
        "order_title": "Reward",
        "payee_info": {"identity": PAYEE, "identity_type": "ALIPAY_LOGON_ID", "name": "林小雨"},
    }
    method = "alipay.fund.trans.uni.transfer"
    assert rich.ask(method, biz)["sub_code"] == "isv.missing-app-cert-sn"
    wrong = {**rich.certificates(), "app_cert_sn": "0" * 32}
    assert rich.ask(method, biz, **wrong)["sub_code"] == "isv.invalid-app-cert-sn"
    wrong = {**rich.certificates(), "alipay_root_cert_sn": "0" * 32}
    assert rich.ask(method, biz, **wrong)["sub_code"] == "isv.invalid-alipay-root-cert-sn"
    assert alipay.platform_fen == 40_00


def test_a_transfer_that_bounces_is_told_as_refund(rich: Caller, alipay: LocalAlipay) -> None:
    rich.transfer("T1", "30.00")
    alipay.give_back("T1")
    alipay.give_back("T1")
    assert rich.query_transfer("T1")["status"] == "REFUND"
    assert (alipay.platform_fen, alipay.balance_fen(PAYEE)) == (40_00, 0)


@pytest.mark.parametrize(
    ("logon_id", "sub_code"),
    [
        ("new@example.com", None),
        ("closed.person@example.com", "PAYEE_ACCOUNT_STATUS_ERROR"),
        ("unknown.person@example.com", "PAYEE_NOT_EXIST"),
    ],
)
def test_the_demo_opens_accounts_on_first_sight(
    rich: Caller, alipay: LocalAlipay, logon_id: str, sub_code: str | None
) -> None:
    house = alipay.house
    open_house = replace(house, config=replace(house.config, open_accounts=True))
    alipay.app.extensions["alipay"] = open_house
    try:
        answer = rich.transfer("T1", "1.00", logon_id, "新人")
    finally:
        alipay.app.extensions["alipay"] = house
    assert answer.get("sub_code") == sub_code
    assert alipay.platform_fen == (40_00 if sub_code else 39_00)


def test_the_smallest_transfer_is_ten_fen() -> None:
    assert transfers.SMALLEST_FEN == 10
