"""Asynchronous notices: their fields, their signature, their repeats."""

from datetime import timedelta

import pytest

from sandbox import notices, wire
from tests.alipay import LocalAlipay
from tests.sandbox.caller import BadSignature, Caller

URL = "http://shop.test/notice/"


def signed_text(form: dict[str, str], *, with_empty: bool) -> str:
    kept = {k: v for k, v in form.items() if k not in ("sign", "sign_type")}
    return "&".join(f"{k}={v}" for k, v in sorted(kept.items()) if v or with_empty)


def last(alipay: LocalAlipay) -> dict[str, str]:
    alipay.deliver_notices()
    return alipay.postman.posted[-1]


def both(alipay: LocalAlipay) -> list[dict[str, str]]:
    """Two notices in the order in which they arrived."""
    later = alipay.house.now() + timedelta(seconds=1)
    assert notices.deliver_due(alipay.house, at=later) == 2
    return alipay.postman.posted[-2:]


def test_a_freeze_is_told(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00", notify_url=URL)
    told = last(alipay)
    assert told["notify_type"] == "fund_auth_freeze"
    assert (told["operation_type"], told["status"]) == ("FREEZE", "SUCCESS")
    assert (told["amount"], told["rest_amount"]) == ("100.00", "100.00")
    assert (told["total_freeze_amount"], told["total_unfreeze_amount"]) == ("100.00", "0.00")
    assert (told["auth_no"], told["out_order_no"]) == (freeze["auth_no"], "F1")
    assert told["payer_user_id"] == freeze["payer_user_id"]
    assert told["payee_user_id"] == alipay.house.config.seller_id
    assert told["app_id"] == alipay.house.config.app_id
    app.check(signed_text(told, with_empty=False), told["sign"])


def test_a_release_is_told(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00", notify_url=URL)
    app.unfreeze(freeze["auth_no"], "U1", "30.00")
    told = last(alipay)
    assert told["notify_type"] == "fund_auth_unfreeze"
    assert (told["out_request_no"], told["amount"]) == ("U1", "30.00")
    assert (told["rest_amount"], told["total_unfreeze_amount"]) == ("70.00", "30.00")


def test_a_cancellation_is_told(app: Caller, alipay: LocalAlipay) -> None:
    app.frozen("F1", "100.00", notify_url=URL)
    app.cancel("F1")
    told = last(alipay)
    assert told["notify_type"] == "fund_auth_operation_cancel"
    assert (told["action"], told["amount"]) == ("unfreeze", "100.00")


def test_a_capture_and_its_refund_are_told(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00", notify_url=URL)
    app.capture(freeze, "C1", "40.00")
    told = last(alipay)
    assert told["notify_type"] == "trade_status_sync"
    assert (told["trade_status"], told["total_amount"]) == ("TRADE_SUCCESS", "40.00")
    assert (told["out_trade_no"], told["seller_id"]) == ("C1", alipay.house.config.seller_id)
    assert "refund_fee" not in told
    app.refund("C1", "R1", "40.00")
    told = last(alipay)
    assert (told["trade_status"], told["refund_fee"]) == ("TRADE_CLOSED", "40.00")
    assert told["out_biz_no"] == "R1"


def test_without_an_address_nothing_is_told(app: Caller, alipay: LocalAlipay) -> None:
    app.frozen("F1")
    assert alipay.deliver_notices() == 0
    assert alipay.postman.posted == []


def test_a_notice_is_repeated_until_the_app_says_success(app: Caller, alipay: LocalAlipay) -> None:
    app.frozen("F1", notify_url=URL)
    alipay.postman.listener = lambda _url, _form: (200, "fail")
    at = alipay.house.now()
    sent = []
    for wait in (timedelta(), *notices.WAITS, timedelta(days=1)):
        at += wait
        notices.deliver_due(alipay.house, at=at - timedelta(microseconds=1))
        before = len(alipay.postman.posted)
        notices.deliver_due(alipay.house, at=at)
        sent.append(len(alipay.postman.posted) - before)
    assert len(alipay.postman.posted) == 8
    assert len({form["notify_id"] for form in alipay.postman.posted}) == 1
    assert notices.pending(alipay.house) == []
    assert sent[-1] == 0


@pytest.mark.parametrize("answer", [(200, "SUCCESS"), (200, "success "), (500, "success"), (0, "")])
def test_only_the_exact_word_counts(
    app: Caller, alipay: LocalAlipay, answer: tuple[int, str]
) -> None:
    app.frozen("F1", notify_url=URL)
    alipay.postman.listener = lambda _url, _form: answer
    assert alipay.deliver_notices() == 0
    assert len(notices.pending(alipay.house)) == 1


def test_success_ends_it(app: Caller, alipay: LocalAlipay) -> None:
    app.frozen("F1", notify_url=URL)
    assert alipay.deliver_notices() == 1
    assert notices.pending(alipay.house) == []


def test_a_refused_operation_is_not_told(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00", notify_url=URL)
    alipay.deliver_notices()
    app.capture(freeze, "C1", "100.01")
    assert notices.pending(alipay.house) == []


def test_no_notice_at_all(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_none")
    app.frozen("F1", notify_url=URL)
    assert notices.pending(alipay.house) == []


def test_a_notice_comes_ten_times(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_dup", copies=10)
    app.frozen("F1", notify_url=URL)
    assert alipay.deliver_notices() == 10
    assert len({form["notify_id"] for form in alipay.postman.posted}) == 1


def test_a_notice_comes_late(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_late", seconds=90_000)
    app.frozen("F1", notify_url=URL)
    assert alipay.deliver_notices() == 0
    later = alipay.house.now() + timedelta(hours=25, minutes=1)
    assert notices.deliver_due(alipay.house, at=later) == 1


def test_a_wrong_amount_is_well_signed(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_wrong_amount")
    app.frozen("F1", "100.00", notify_url=URL)
    told = last(alipay)
    assert told["amount"] == "100.01"
    app.check(signed_text(told, with_empty=False), told["sign"])


def test_another_app_is_well_signed(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_wrong_app")
    app.frozen("F1", notify_url=URL)
    told = last(alipay)
    assert told["app_id"] != alipay.house.config.app_id
    app.check(signed_text(told, with_empty=False), told["sign"])


def test_another_payee_is_well_signed(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_wrong_payee", times=2)
    app.capture(app.frozen("F1", "100.00", notify_url=URL), "C1", "40.00")
    freeze, trade = both(alipay)
    assert freeze["payee_user_id"] != alipay.house.config.seller_id
    assert trade["seller_id"] != alipay.house.config.seller_id
    app.check(signed_text(trade, with_empty=False), trade["sign"])


def test_a_notice_is_overtaken_by_the_next_one(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_reorder")
    freeze = app.frozen("F1", "100.00", notify_url=URL)
    assert alipay.deliver_notices() == 0
    app.capture(freeze, "C1", "40.00")
    first, second = both(alipay)
    assert (first["out_trade_no"], second["out_request_no"]) == ("C1", "F1")


def test_a_notice_that_nothing_overtakes_comes_late(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_reorder", seconds=60)
    app.frozen("F1", notify_url=URL)
    assert alipay.deliver_notices() == 0
    later = alipay.house.now() + timedelta(minutes=1, seconds=1)
    assert notices.deliver_due(alipay.house, at=later) == 1


def test_a_forged_notice_is_badly_signed(app: Caller, alipay: LocalAlipay) -> None:
    alipay.faults.on("notify_forged")
    app.frozen("F1", notify_url=URL)
    told = last(alipay)
    with pytest.raises(BadSignature):
        app.check(signed_text(told, with_empty=False), told["sign"])


@pytest.mark.parametrize("is_signed", [True, False])
def test_empty_values_are_signed_or_not(
    app: Caller,
    alipay: LocalAlipay,
    is_signed: bool,
) -> None:
    alipay.faults.on("notify_empty_signed" if is_signed else "notify_empty_unsigned")
    app.frozen("F1", notify_url=URL)
    told = last(alipay)
    assert told["passback_params"] == ""
    app.check(signed_text(told, with_empty=is_signed), told["sign"])
    with pytest.raises(BadSignature):
        app.check(signed_text(told, with_empty=not is_signed), told["sign"])


def test_the_signed_text_leaves_out_what_is_empty() -> None:
    assert wire.signed_text({"b": "2", "a": "1", "c": "", "sign": "x"}) == "a=1&b=2"
