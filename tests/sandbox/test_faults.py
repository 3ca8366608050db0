"""Each switch does what it says, once, and only to whom it is meant for."""

import json

import httpx
import pytest

from tests.alipay import GATEWAY_URL, LocalAlipay
from tests.sandbox.caller import BadSignature, Caller

PAY = "alipay.trade.pay"


@pytest.fixture
def freeze(app: Caller) -> dict[str, str]:
    return app.frozen("F1", "100.00")


def test_a_line_cut_before_executes_nothing(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("drop_before", method=PAY, out_no="C1")
    with pytest.raises(httpx.ReadError):
        app.capture(freeze, "C1", "40.00")
    assert alipay.executed("C1") == []
    assert app.capture(freeze, "C1", "40.00")["code"] == "10000"
    assert alipay.platform_fen == 40_00


def test_a_line_cut_after_has_executed(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("drop_after", method=PAY, out_no="C1")
    with pytest.raises(httpx.ReadError):
        app.capture(freeze, "C1", "40.00")
    assert [row["kind"] for row in alipay.executed("C1")] == ["CAPTURE"]
    app.capture(freeze, "C1", "40.00")
    assert alipay.platform_fen == 40_00


def test_a_late_request_arrives_later(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("slow_exec", method=PAY)
    with pytest.raises(httpx.ReadError):
        app.capture(freeze, "C1", "40.00")
    assert app.ask("alipay.trade.query", {"out_trade_no": "C1"})["sub_code"] == (
        "ACQ.TRADE_NOT_EXIST"
    )
    app.capture(freeze, "C1", "40.00")
    assert alipay.faults.run_late() == 1
    assert alipay.platform_fen == 40_00


@pytest.mark.parametrize(("executed", "platform_fen"), [(False, 0), (True, 40_00)])
def test_nobody_knows_after_20000(
    app: Caller,
    alipay: LocalAlipay,
    freeze: dict[str, str],
    executed: bool,
    platform_fen: int,
) -> None:
    alipay.faults.on("code20000", method=PAY, executed=executed)
    answer = app.capture(freeze, "C1", "40.00")
    assert (answer["code"], answer["sub_code"]) == ("20000", "isp.unknow-error")
    assert alipay.platform_fen == platform_fen


def test_a_tampered_answer_has_another_amount(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("tamper", method=PAY)
    with pytest.raises(BadSignature):
        app.capture(freeze, "C1", "40.00")
    assert alipay.platform_fen == 40_00


def test_sha1_is_not_rsa2(app: Caller, alipay: LocalAlipay, freeze: dict[str, str]) -> None:
    alipay.faults.on("sha1", method=PAY)
    with pytest.raises(BadSignature):
        app.capture(freeze, "C1", "40.00")


def test_an_unsigned_answer_has_no_signature(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("unsigned")
    params = app.params("alipay.trade.query", {"out_trade_no": "C1"})
    assert "sign" not in json.loads(app.http.post(GATEWAY_URL, data=params).text)


def test_an_error_response_executes_nothing(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("error_response", method=PAY, code="40002", sub_code="isv.invalid-signature")
    params = app.params(PAY, {"out_trade_no": "C1", **_capture(freeze, alipay)})
    text = app.http.post(GATEWAY_URL, data=params).text
    assert json.loads(text)["error_response"]["sub_code"] == "isv.invalid-signature"
    assert alipay.platform_fen == 0


def _capture(freeze: dict[str, str], alipay: LocalAlipay) -> dict[str, str]:
    return {
        "subject": "One post",
        "total_amount": "40.00",
        "product_code": "PRE_AUTH",
        "auth_no": freeze["auth_no"],
        "buyer_id": freeze["payer_user_id"],
        "seller_id": alipay.house.config.seller_id,
    }


@pytest.mark.parametrize(
    ("name", "status", "platform_fen"),
    [("http500_before", 500, 0), ("http500_after", 500, 40_00), ("html", 200, 40_00)],
)
def test_answers_that_are_none(
    app: Caller,
    alipay: LocalAlipay,
    freeze: dict[str, str],
    name: str,
    status: int,
    platform_fen: int,
) -> None:
    alipay.faults.on(name, method=PAY)
    params = app.params(PAY, {"out_trade_no": "C1", **_capture(freeze, alipay)})
    reply = app.http.post(GATEWAY_URL, data=params)
    assert reply.status_code == status
    assert not reply.text.startswith("{")
    assert alipay.platform_fen == platform_fen


def test_a_freeze_expires_when_it_is_asked_about(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("freeze_expires", out_no="F1")
    assert app.query("F1")["order_status"] == "CLOSED"
    assert alipay.frozen_fen("payer@example.com") == 0


def test_the_payer_changes_his_mind(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("payer_cancels", out_no="F2")
    app.create("F2")
    alipay.pay("F2")
    assert app.query("F2")["order_status"] == "CLOSED"


def test_a_switch_is_for_one_method_and_one_number(
    app: Caller, alipay: LocalAlipay, freeze: dict[str, str]
) -> None:
    alipay.faults.on("drop_before", method=PAY, out_no="C2")
    assert app.capture(freeze, "C1", "1.00")["code"] == "10000"
    assert alipay.faults.struck["drop_before"] == 0


def test_a_switch_strikes_as_often_as_it_says(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("unsigned", times=2)
    params = app.params("alipay.trade.query", {"out_trade_no": "C1"})
    signed = ["sign" in json.loads(app.http.post(GATEWAY_URL, data=params).text) for _ in range(3)]
    assert signed == [False, False, True]
    alipay.faults.on("unsigned", times=None)
    assert "sign" not in json.loads(app.http.post(GATEWAY_URL, data=params).text)
    alipay.faults.off("unsigned")
    assert "sign" in json.loads(app.http.post(GATEWAY_URL, data=params).text)


def test_an_unknown_switch_is_an_error(alipay: LocalAlipay) -> None:
    with pytest.raises(ValueError, match="unknown fault"):
        alipay.faults.on("earthquake")
