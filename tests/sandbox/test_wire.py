"""What the gateway refuses before it looks at the business, and how it signs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from alipay import DCAliPay

from sandbox import fields, keys, times
from tests.alipay import GATEWAY_URL, LocalAlipay
from tests.sandbox.caller import BadSignature, Caller

CREATE = "alipay.fund.auth.order.voucher.create"
GOOD: dict[str, Any] = {
    "out_order_no": "F1",
    "out_request_no": "F1",
    "order_title": "Three posts",
    "amount": "100.00",
    "product_code": "PRE_AUTH",
}


@pytest.mark.parametrize(
    ("changed", "code", "sub_code"),
    [
        ({"app_id": "2021999999999999"}, "40002", "isv.invalid-app-id"),
        ({"app_id": ""}, "40001", "isv.missing-app-id"),
        ({"timestamp": ""}, "40001", "isv.missing-timestamp"),
        ({"timestamp": "2020-01-01 00:00:00"}, "40002", "isv.invalid-timestamp"),
        ({"timestamp": "yesterday"}, "40002", "isv.invalid-timestamp"),
        ({"sign_type": "RSA"}, "40002", "isv.invalid-signature-type"),
        ({"charset": "gbk"}, "40002", "isv.invalid-charset"),
        ({"version": "2.0"}, "40002", "isv.invalid-version"),
        ({"format": "XML"}, "40002", "isv.invalid-format"),
        ({"method": "alipay.trade.nothing"}, "40002", "isv.invalid-method"),
        ({"biz_content": "{"}, "40002", "isv.invalid-parameter"),
        ({"biz_content": "[]"}, "40002", "isv.invalid-parameter"),
    ],
)
def test_wrong_common_parameters(
    app: Caller, alipay: LocalAlipay, changed: dict[str, str], code: str, sub_code: str
) -> None:
    answer = app.send(app.params(**{"method": CREATE, "biz": GOOD, **changed}))  # type: ignore[arg-type]
    assert (answer["code"], answer["sub_code"]) == (code, sub_code)
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


def test_a_time_15_minutes_off_is_still_taken(app: Caller) -> None:
    at = app.alipay.house.now()
    late = times.wire(at - timedelta(minutes=14, seconds=50))
    early = times.wire(at + timedelta(minutes=14, seconds=50))
    assert app.ask(CREATE, GOOD, timestamp=late)["code"] == "10000"
    assert app.ask(CREATE, GOOD, timestamp=early)["code"] == "10000"


def test_without_a_signature_nothing_happens(app: Caller) -> None:
    params = app.params(CREATE, GOOD)
    del params["sign"]
    assert app.send(params)["sub_code"] == "isv.missing-signature"
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


@pytest.mark.parametrize("name", ["biz_content", "timestamp", "notify_url"])
def test_one_changed_character_breaks_the_signature(app: Caller, name: str) -> None:
    params = app.params(CREATE, GOOD, notify_url="http://shop.test/notice/")
    value = params[name]
    params[name] = value[:-2] + chr(ord(value[-2]) ^ 1) + value[-1]
    assert app.send(params)["sub_code"] == "isv.invalid-signature"
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


@pytest.mark.parametrize("sign", ["", "x", "AAAA", "é"])
def test_a_signature_that_is_none(app: Caller, sign: str) -> None:
    params = app.params(CREATE, GOOD) | {"sign": sign}
    assert app.send(params)["sub_code"] in ("isv.invalid-signature", "isv.missing-signature")


def test_parameters_may_come_in_the_address(app: Caller) -> None:
    params = app.params(CREATE, GOOD)
    biz_content = params.pop("biz_content")
    reply = app.http.post(GATEWAY_URL, params=params, data={"biz_content": biz_content})
    assert app.checked(reply.text)["code"] == "10000"


@pytest.mark.parametrize(
    "changed",
    [
        {"out_order_no": None},
        {"amount": None},
        {"product_code": None},
        {"out_order_no": "F" * 65},
        {"out_order_no": "F-1"},
        {"out_order_no": 1},
        {"order_title": "x" * 101},
        {"product_code": "FREE"},
        {"amount": "0.00"},
        {"amount": "100000000.01"},
        {"amount": "1.001"},
        {"amount": "-1.00"},
        {"amount": "1e3"},
        {"pay_timeout": "16d"},
        {"pay_timeout": "0m"},
        {"pay_timeout": "1.5h"},
        {"enable_pay_channels": "[]", "disable_pay_channels": "[]"},
        {"surprise": "1"},
    ],
)
def test_wrong_business_fields(app: Caller, changed: dict[str, Any]) -> None:
    biz = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    answer = app.ask(CREATE, biz)
    assert (answer["code"], answer["sub_code"]) == ("40004", "ILLEGAL_ARGUMENT")
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


@pytest.mark.parametrize("amount", ["0.01", "100000000.00", "1", "1.5"])
def test_amounts_at_the_limits(app: Caller, amount: str) -> None:
    assert app.ask(CREATE, {**GOOD, "amount": amount})["code"] == "10000"


def test_an_empty_optional_field_is_a_system_error(app: Caller) -> None:
    assert app.ask(CREATE, {**GOOD, "payee_user_id": ""})["sub_code"] == "SYSTEM_ERROR"
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


def test_a_subject_without_the_three_signs(app: Caller) -> None:
    freeze = app.frozen("F1")
    assert app.capture(freeze, "C1", "1.00", subject="a=b")["sub_code"] == "ACQ.INVALID_PARAMETER"


def test_the_nested_payee_is_checked(app: Caller) -> None:
    biz = {
        "out_biz_no": "T1",
        "trans_amount": "1.00",
        "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER",
        "order_title": "Reward",
        "payee_info": {"identity": "creator@example.com"},
    }
    method = "alipay.fund.trans.uni.transfer"
    assert app.ask(method, biz, **app.certificates())["sub_code"] == "INVALID_PARAMETER"


def test_in_certificate_mode_the_answer_names_the_certificate(app: Caller) -> None:
    params = app.params("alipay.trade.query", {"out_trade_no": "C1"}, **app.certificates())
    reply = app.http.post(GATEWAY_URL, data=params)
    whole = json.loads(reply.text)
    cert = (app.alipay.keys_dir / "alipay_cert.crt").read_bytes()
    assert whole["alipay_cert_sn"] == keys.cert_sn(cert)
    app.checked(reply.text)


def test_an_answer_with_another_amount_is_not_what_was_signed(app: Caller) -> None:
    app.frozen("F1", "100.00")
    biz = {"out_order_no": "F1", "out_request_no": "F1", "operation_type": "FREEZE"}
    params = app.params("alipay.fund.auth.operation.detail.query", biz)
    text = app.http.post(GATEWAY_URL, data=params).text
    app.checked(text)
    with pytest.raises(BadSignature):
        app.checked(text.replace("100.00", "900.00", 1))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_numbers_of_the_certificates_are_those_of_the_sdk(alipay: LocalAlipay) -> None:
    def text(name: str) -> str:
        return (alipay.keys_dir / name).read_text()

    sdk = DCAliPay(
        alipay.house.config.app_id,
        text("app_private_key.pem"),
        text("app_cert.crt"),
        text("alipay_cert.crt"),
        text("alipay_root_cert.crt"),
    )
    assert sdk.app_cert_sn == alipay.house.keys.app_cert_sn
    assert sdk.alipay_root_cert_sn == alipay.house.keys.root_cert_sn


def test_the_answers_hold_no_more_than_the_table_says(app: Caller) -> None:
    freeze = app.frozen("F1", "100.00")
    told = {
        "alipay.trade.pay": app.capture(freeze, "C1", "40.00"),
        "alipay.trade.query": app.ask("alipay.trade.query", {"out_trade_no": "C1"}),
        "alipay.trade.refund": app.refund("C1", "R1", "1.00"),
        "alipay.trade.fastpay.refund.query": app.query_refund("C1", "R1"),
        "alipay.fund.trans.uni.transfer": app.transfer("T1", "1.00"),
        "alipay.fund.trans.common.query": app.query_transfer("T1"),
        "alipay.fund.auth.order.unfreeze": app.unfreeze(freeze["auth_no"], "U1", "1.00"),
    }
    for method, answer in told.items():
        assert answer.keys() - {"code", "msg"} <= set(fields.methods()[method].response)
