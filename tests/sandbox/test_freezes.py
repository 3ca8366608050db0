"""Offering, confirming, releasing, cancelling and querying a freeze."""

from datetime import timedelta

import pytest

from sandbox import freezes
from sandbox.payer import CannotPay
from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import PAYER_FEN

PAYER = "payer@example.com"


def test_the_code_leads_to_the_cashier(app: Caller) -> None:
    answer = app.create("F1")
    assert answer["code"] == "10000"
    assert answer["code_value"].startswith("http://alipay.test/cashier/")
    assert answer["code_url"] == answer["code_value"]


def test_nothing_is_frozen_before_the_payer_confirms(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1", "100.00")
    told = app.query("F1")
    assert (told["order_status"], told["status"]) == ("INIT", "INIT")
    assert (told["total_freeze_amount"], told["rest_amount"]) == ("0.00", "0.00")
    assert "payer_user_id" not in told
    assert alipay.frozen_fen(PAYER) == 0


def test_the_payer_confirms_and_his_money_is_frozen(app: Caller, alipay: LocalAlipay) -> None:
    told = app.frozen("F1", "100.00")
    assert (told["order_status"], told["status"]) == ("AUTHORIZED", "SUCCESS")
    assert (told["amount"], told["fund_amount"], told["credit_amount"]) == (
        "100.00",
        "100.00",
        "0.00",
    )
    assert told["rest_amount"] == "100.00"
    assert "pre_auth_type" not in told
    assert alipay.frozen_fen(PAYER) == 100_00
    assert alipay.balance_fen(PAYER) == PAYER_FEN - 100_00


def test_a_title_with_braces_comes_back_as_it_was(app: Caller) -> None:
    assert app.frozen("F1")["order_title"] == "Three posts {about} tea"


def test_the_same_offer_gets_the_same_code(app: Caller) -> None:
    assert app.create("F1", "100.00") == app.create("F1", "100.00")


def test_the_same_number_with_another_amount_is_refused(app: Caller) -> None:
    app.create("F1", "100.00")
    assert app.create("F1", "100.01")["sub_code"] == "ALIN42683"
    assert app.query("F1")["amount"] == "100.00"


def test_an_offer_repeated_after_payment_is_told_so(app: Caller) -> None:
    app.frozen("F1")
    assert app.create("F1")["sub_code"] == "ORDER_ALREADY_FINISH"


def test_an_offer_for_another_payee_is_refused(app: Caller) -> None:
    answer = app.create("F1", payee_user_id="2088000000000009")
    assert answer["sub_code"] == "ILLEGAL_ARGUMENT"


def test_too_little_money_freezes_nothing(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1", "10000.01")
    with pytest.raises(CannotPay):
        alipay.pay("F1")
    assert app.query("F1")["order_status"] == "INIT"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)


def test_the_payer_may_say_no(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1")
    alipay.cancel_at_cashier("F1")
    told = app.query("F1")
    assert (told["order_status"], told["status"]) == ("CLOSED", "CLOSED")


def test_an_offer_closes_when_its_time_is_over(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1", pay_timeout="90m")
    at = freezes.by_out_order_no(alipay.house, "F1").pay_by
    assert at - alipay.house.now() <= timedelta(minutes=90)
    with alipay.house.transaction() as conn:
        before = freezes.find(conn, "out_order_no", "F1", at=at - timedelta(microseconds=1))
        assert before is not None
        assert before.status == "INIT"
        after = freezes.find(conn, "out_order_no", "F1", at=at)
        assert after is not None
        assert after.status == "CLOSED"


def test_parts_are_released_until_nothing_is_left(app: Caller, alipay: LocalAlipay) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    assert app.unfreeze(auth_no, "U1", "30.00")["status"] == "SUCCESS"
    assert app.query("F1")["rest_amount"] == "70.00"
    assert app.unfreeze(auth_no, "U2", "70.00")["amount"] == "70.00"
    assert app.query("F1")["order_status"] == "FINISH"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)


def test_the_same_release_gets_the_first_answer(app: Caller, alipay: LocalAlipay) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    assert app.unfreeze(auth_no, "U1", "100.00") == app.unfreeze(auth_no, "U1", "100.00")
    assert len(alipay.executed("U1")) == 1
    assert alipay.balance_fen(PAYER) == PAYER_FEN


def test_the_same_release_with_another_amount_is_refused(app: Caller, alipay: LocalAlipay) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    app.unfreeze(auth_no, "U1", "30.00")
    assert app.unfreeze(auth_no, "U1", "31.00")["sub_code"] == "UNIQUE_VIOLATION"
    assert alipay.frozen_fen(PAYER) == 70_00


def test_no_more_is_released_than_is_left(app: Caller, alipay: LocalAlipay) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    assert app.unfreeze(auth_no, "U1", "100.01")["sub_code"] == "REQUEST_AMOUNT_EXCEED"
    assert alipay.frozen_fen(PAYER) == 100_00
    assert alipay.executed("U1") == []


def test_a_finished_freeze_releases_nothing(app: Caller) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    app.unfreeze(auth_no, "U1", "100.00")
    assert app.unfreeze(auth_no, "U2", "1.00")["sub_code"] == "ORDER_ALREADY_FINISH"


def test_cancelling_an_unpaid_freeze_closes_it(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1")
    assert app.cancel("F1")["action"] == "close"
    assert app.query("F1")["order_status"] == "CLOSED"
    with pytest.raises(CannotPay):
        alipay.pay("F1")


def test_cancelling_a_paid_freeze_gives_all_back(app: Caller, alipay: LocalAlipay) -> None:
    app.frozen("F1", "100.00")
    assert app.cancel("F1")["action"] == "unfreeze"
    assert app.cancel("F1")["action"] == "unfreeze"
    told = app.query("F1")
    assert (told["order_status"], told["rest_amount"]) == ("CLOSED", "0.00")
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)


def test_a_freeze_with_a_capture_cannot_be_cancelled(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    app.capture(freeze, "C1", "40.00")
    assert app.cancel("F1")["sub_code"] == "ORDER_ALREADY_FINISH"
    assert alipay.frozen_fen(PAYER) == 60_00


def test_a_freeze_that_expires_goes_back(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    app.capture(freeze, "C1", "40.00")
    alipay.expire("F1")
    told = app.query("F1")
    assert (told["order_status"], told["rest_amount"], told["total_pay_amount"]) == (
        "CLOSED",
        "0.00",
        "40.00",
    )
    assert app.unfreeze(freeze["auth_no"], "U1", "1.00")["sub_code"] == "ORDER_ALREADY_CLOSED"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN - 40_00, 0)


def test_what_is_unknown_is_said_to_be_unknown(app: Caller) -> None:
    assert app.query("F1")["sub_code"] == "AUTH_ORDER_NOT_EXIST"
    app.create("F1")
    assert app.query("F1", "U9", "UNFREEZE")["sub_code"] == "AUTH_OPERATION_NOT_EXIST"
    assert app.cancel("F9")["sub_code"] == "AUTH_ORDER_NOT_EXIST"


def test_without_a_type_a_freeze_is_preferred(app: Caller) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    app.unfreeze(auth_no, "F1", "30.00")
    biz = {"auth_no": auth_no, "out_request_no": "F1"}
    told = app.ask("alipay.fund.auth.operation.detail.query", biz)
    assert (told["operation_type"], told["amount"]) == ("FREEZE", "100.00")


def test_a_presented_order_string_opens_the_freeze(app: Caller) -> None:
    biz = {
        "out_order_no": "F1",
        "out_request_no": "F1",
        "order_title": "Three posts",
        "amount": "100.00",
        "product_code": "PRE_AUTH_ONLINE",
    }
    answer = app.ask("alipay.fund.auth.order.app.freeze", biz)
    assert (answer["status"], answer["amount"]) == ("INIT", "100.00")
    assert app.query("F1")["auth_no"] == answer["auth_no"]


def test_a_credit_freeze_holds_no_money(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("credit_auth", out_no="F1")
    told = app.frozen("F1", "100.00")
    assert told["pre_auth_type"] == "CREDIT_AUTH"
    assert (told["fund_amount"], told["credit_amount"]) == ("0.00", "100.00")
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)
    assert app.unfreeze(told["auth_no"], "U1", "100.00")["fund_amount"] == "0.00"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)
