"""Captures of a freeze and their refunds."""

import pytest

from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import PAYER_FEN

PAYER = "payer@example.com"


def test_several_captures_share_one_freeze(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    assert app.capture(freeze, "C1", "40.00")["code"] == "10000"
    assert app.capture(freeze, "C2", "35.00")["total_amount"] == "35.00"
    told = app.query("F1")
    assert (told["rest_amount"], told["total_pay_amount"]) == ("25.00", "75.00")
    assert told["order_status"] == "AUTHORIZED"
    assert (alipay.platform_fen, alipay.frozen_fen(PAYER)) == (75_00, 25_00)


def test_the_last_fen_finishes_the_freeze(app: Caller) -> None:
    freeze = app.frozen("F1", "100.00")
    app.capture(freeze, "C1", "100.00")
    assert app.query("F1")["order_status"] == "FINISH"
    refused = app.capture(freeze, "C2", "0.01")
    assert refused["sub_code"] == "ACQ.AUTH_ORDER_HAS_FINISHED"


def test_complete_releases_the_rest(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    app.capture(freeze, "C1", "40.00", auth_confirm_mode="COMPLETE")
    assert app.query("F1")["order_status"] == "FINISH"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN - 40_00, 0)


def test_the_same_capture_gets_the_same_answer(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    assert app.capture(freeze, "C1", "40.00") == app.capture(freeze, "C1", "40.00")
    assert alipay.platform_fen == 40_00
    assert len(alipay.executed("C1")) == 1


def test_the_same_number_with_another_amount_is_refused(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    app.capture(freeze, "C1", "40.00")
    assert app.capture(freeze, "C1", "41.00")["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
    assert alipay.platform_fen == 40_00


def test_no_more_is_captured_than_is_left(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    assert app.capture(freeze, "C1", "100.01")["sub_code"] == "ACQ.AUTH_AMOUNT_NOT_ENOUGH"
    assert alipay.platform_fen == 0
    assert alipay.executed("C1") == []


def test_a_capture_needs_the_payer_of_the_freeze(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    other = alipay.open_payer("other@example.com")
    refused = app.capture(freeze, "C1", "40.00", buyer_id=other)
    assert refused["sub_code"] == "ACQ.TRADE_BUYER_NOT_MATCH"
    assert alipay.platform_fen == 0


def test_a_capture_needs_the_payee_of_the_freeze(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    refused = app.capture(freeze, "C1", "40.00", seller_id="2088000000000009")
    assert refused["sub_code"] == "ACQ.INVALID_PARAMETER"
    assert alipay.platform_fen == 0


def test_freezes_that_cannot_be_captured(app: Caller, alipay: LocalAlipay) -> None:
    unknown = {"auth_no": "2026000", "payer_user_id": "2088100000000001"}
    assert app.capture(unknown, "C1", "1.00")["sub_code"] == "ACQ.AUTH_NO_ERROR"
    app.create("F1")
    unpaid = {**unknown, "auth_no": app.query("F1")["auth_no"]}
    assert app.capture(unpaid, "C1", "1.00")["sub_code"] == "ACQ.AUTH_ORDER_NOT_PAID"
    closed = app.frozen("F2")
    alipay.expire("F2")
    assert app.capture(closed, "C1", "1.00")["sub_code"] == "ACQ.AUTH_ORDER_HAS_CLOSED"
    assert alipay.platform_fen == 0


def test_a_capture_can_be_queried_in_both_ways(app: Caller) -> None:
    freeze = app.frozen("F1", "100.00")
    trade = app.capture(freeze, "C1", "40.00")
    told = app.ask("alipay.trade.query", {"out_trade_no": "C1"})
    assert (told["trade_status"], told["total_amount"]) == ("TRADE_SUCCESS", "40.00")
    assert told["trade_no"] == trade["trade_no"]
    operation = app.query("F1", "C1", "PAY")
    assert (operation["status"], operation["amount"]) == ("SUCCESS", "40.00")
    unknown = app.ask("alipay.trade.query", {"out_trade_no": "C9"})
    assert unknown["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.fixture
def captured(app: Caller) -> Caller:
    app.capture(app.frozen("F1", "100.00"), "C1", "40.00")
    return app


def test_a_refund_goes_back_to_the_payer(captured: Caller, alipay: LocalAlipay) -> None:
    answer = captured.refund("C1", "R1", "15.00")
    assert (answer["fund_change"], answer["refund_fee"]) == ("Y", "15.00")
    assert alipay.platform_fen == 25_00
    assert alipay.balance_fen(PAYER) == PAYER_FEN - 100_00 + 15_00
    told = captured.query_refund("C1", "R1")
    assert (told["refund_status"], told["refund_amount"]) == ("REFUND_SUCCESS", "15.00")


def test_the_same_refund_moves_nothing_again(captured: Caller, alipay: LocalAlipay) -> None:
    captured.refund("C1", "R1", "15.00")
    answer = captured.refund("C1", "R1", "15.00")
    assert (answer["code"], answer["fund_change"]) == ("10000", "N")
    assert alipay.platform_fen == 25_00


def test_the_same_refund_with_another_amount_is_refused(
    captured: Caller, alipay: LocalAlipay
) -> None:
    captured.refund("C1", "R1", "15.00")
    refused = captured.refund("C1", "R1", "16.00")
    assert refused["sub_code"] == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert alipay.platform_fen == 25_00


def test_no_more_is_refunded_than_was_captured(captured: Caller, alipay: LocalAlipay) -> None:
    captured.refund("C1", "R1", "15.00")
    refused = captured.refund("C1", "R2", "25.01")
    assert refused["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert alipay.platform_fen == 25_00


def test_a_full_refund_closes_the_trade(captured: Caller) -> None:
    captured.refund("C1", "R1", "40.00")
    told = captured.ask("alipay.trade.query", {"out_trade_no": "C1"})
    assert told["trade_status"] == "TRADE_CLOSED"
    assert captured.refund("C1", "R2", "0.01")["sub_code"] == "ACQ.TRADE_HAS_CLOSE"


def test_a_refund_needs_money_at_the_platform(captured: Caller, alipay: LocalAlipay) -> None:
    captured.transfer("T1", "30.00")
    refused = captured.refund("C1", "R1", "15.00")
    assert refused["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    assert alipay.platform_fen == 10_00


def test_an_unknown_refund_has_no_status(captured: Caller) -> None:
    told = captured.query_refund("C1", "R9")
    assert told == {"code": "10000", "msg": "Success"}
