"""What is written to Alipay, for each kind, to the letter."""

import json
from pathlib import Path
from typing import Any

import pytest

from settlement.gateway import adapter, requests
from settlement.gateway.adapter import Ask, Outcome
from settlement.gateway.requests import Call, Shop, to_query, to_send
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import SELLER_ID, alipay_says
from tests.settlement.gateway.asks import AUTH_NO, CAPTURE_NO, FREEZE_NO, PAYER, ask

SHOP = Shop(seller_id=SELLER_ID)
# Transcribed from Alipay's models for the local Alipay, and not from this adapter.
FIELDS: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "sandbox" / "fields.json").read_text(encoding="utf-8")
)["methods"]


def both(kind: Kind, **facts: Any) -> tuple[Call, Call]:
    return to_send(ask(kind, **facts), SHOP), to_query(ask(kind, **facts), SHOP)


def test_a_freeze() -> None:
    send, query = both(Kind.FREEZE)

    assert send == Call(
        "alipay.fund.auth.order.voucher.create",
        {
            "out_order_no": FREEZE_NO,
            "out_request_no": FREEZE_NO,
            "order_title": "Three orders",
            "amount": "120.05",
            "product_code": "PRE_AUTH",
            "payee_user_id": SELLER_ID,
            "pay_timeout": "15m",
        },
        {"notify_url": "https://shop.invalid/notice/"},
    )
    assert query == Call(
        "alipay.fund.auth.operation.detail.query",
        {"out_order_no": FREEZE_NO, "out_request_no": FREEZE_NO, "operation_type": "FREEZE"},
    )


def test_a_cancelled_freeze() -> None:
    send, _query = both(Kind.CANCEL_FREEZE)

    assert send == Call(
        "alipay.fund.auth.operation.cancel",
        {"out_order_no": FREEZE_NO, "out_request_no": FREEZE_NO, "remark": "Not wanted"},
    )


def test_a_capture_leaves_the_rest_of_the_freeze_alone() -> None:
    send, query = both(Kind.CAPTURE)

    assert send == Call(
        "alipay.trade.pay",
        {
            "out_trade_no": CAPTURE_NO,
            "subject": "Order 7",
            "total_amount": "120.05",
            "product_code": "PRE_AUTH",
            "auth_no": AUTH_NO,
            "buyer_id": PAYER,
            "seller_id": SELLER_ID,
            "auth_confirm_mode": "NOT_COMPLETE",
        },
    )
    assert query == Call("alipay.trade.query", {"out_trade_no": CAPTURE_NO})


def test_an_unfreeze() -> None:
    send, query = both(Kind.UNFREEZE)

    number = "UAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert send == Call(
        "alipay.fund.auth.order.unfreeze",
        {"auth_no": AUTH_NO, "out_request_no": number, "amount": "120.05", "remark": "Declined"},
    )
    assert query == Call(
        "alipay.fund.auth.operation.detail.query",
        {"auth_no": AUTH_NO, "out_request_no": number, "operation_type": "UNFREEZE"},
    )


def test_a_transfer() -> None:
    send, query = both(Kind.TRANSFER)

    number = "TAAAAAAAAAAAAAAAAAAAAAAAAAA"
    product = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}
    assert send == Call(
        "alipay.fund.trans.uni.transfer",
        {
            "out_biz_no": number,
            "trans_amount": "120.05",
            **product,
            "order_title": "Order 7",
            "payee_info": {
                "identity": "liu@example.com",
                "identity_type": "ALIPAY_LOGON_ID",
                "name": "刘芳",
            },
            "remark": "Reward",
        },
    )
    assert query == Call("alipay.fund.trans.common.query", {**product, "out_biz_no": number})


def test_a_refund() -> None:
    send, query = both(Kind.REFUND)

    number = "RAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert send == Call(
        "alipay.trade.refund",
        {
            "out_trade_no": CAPTURE_NO,
            "refund_amount": "120.05",
            "out_request_no": number,
            "refund_reason": "Overdue",
        },
    )
    assert query == Call(
        "alipay.trade.fastpay.refund.query",
        {"out_trade_no": CAPTURE_NO, "out_request_no": number},
    )


@pytest.mark.parametrize(
    ("amount_fen", "text"), [(1, "0.01"), (10, "0.10"), (100, "1.00"), (123_456_789, "1234567.89")]
)
def test_amounts_are_yuan_with_two_digits_and_no_commas(amount_fen: int, text: str) -> None:
    call = to_send(ask(Kind.REFUND, amount_fen=amount_fen), SHOP)

    assert call.biz["refund_amount"] == text


@pytest.mark.parametrize(
    ("minutes", "text"), [(1, "1m"), (1440, "1440m"), (9999, "9999m"), (10_000, "166h"), (0, None)]
)
def test_the_time_to_pay_has_five_characters_at_most(minutes: int, text: str | None) -> None:
    if text is None:
        with pytest.raises(requests.UnableToAskError, match="timeout_minutes"):
            to_send(ask(Kind.FREEZE, timeout_minutes=minutes), SHOP)
    else:
        assert both(Kind.FREEZE, timeout_minutes=minutes)[0].biz["pay_timeout"] == text


def test_the_time_to_pay_is_kept_within_fifteen_days() -> None:
    send, _query = both(Kind.FREEZE, timeout_minutes=99_999)

    assert send.biz["pay_timeout"] == "360h"


def test_the_payer_comes_back_to_where_the_request_says() -> None:
    send, _query = both(Kind.FREEZE, return_url="https://shop.invalid/task/3")

    assert send.common == {
        "notify_url": "https://shop.invalid/notice/",
        "return_url": "https://shop.invalid/task/3",
    }


@pytest.mark.parametrize(
    ("subject", "sent"),
    [("a/b=c&d", "a b c d"), ("新品 & 直播", "新品   直播"), ("=&/", "-"), ("x" * 300, "x" * 256)],
)
def test_a_subject_has_none_of_the_signs_that_alipay_refuses(subject: str, sent: str) -> None:
    assert both(Kind.CAPTURE, subject=subject)[0].biz["subject"] == sent


def test_an_optional_text_that_is_empty_is_left_out() -> None:
    assert "remark" not in both(Kind.TRANSFER, remark="")[0].biz
    assert "refund_reason" not in both(Kind.REFUND, reason="")[0].biz
    assert "payee_user_id" not in to_send(ask(Kind.FREEZE), Shop()).biz


def test_a_text_that_alipay_requires_is_never_empty() -> None:
    assert both(Kind.CANCEL_FREEZE, remark="")[0].biz["remark"] == "Cancel"
    assert both(Kind.UNFREEZE, remark="")[0].biz["remark"] == "Release"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Kind.FREEZE, "title"),
        (Kind.CANCEL_FREEZE, "freeze_out_no"),
        (Kind.CAPTURE, "auth_no"),
        (Kind.CAPTURE, "payer_user_id"),
        (Kind.UNFREEZE, "auth_no"),
        (Kind.TRANSFER, "title"),
        (Kind.REFUND, "capture_out_no"),
    ],
)
def test_an_ask_without_a_needed_fact_goes_to_a_person_and_not_to_alipay(
    kind: Kind, name: str
) -> None:
    facts: dict[str, Any] = {name: ""}

    with alipay_says() as alipay:
        answer = adapter.send(ask(kind, **facts))

    assert (answer.outcome, answer.message) == (Outcome.MANUAL, f"MISSING_FACT {name}")
    assert alipay.heard == []


def test_a_transfer_without_a_payee_is_not_sent() -> None:
    full = ask(Kind.TRANSFER)
    without = Ask(full.kind, full.out_no, full.amount_fen, full.request)

    with alipay_says() as alipay:
        assert adapter.send(without).message == "MISSING_FACT payee"

    assert alipay.heard == []


@pytest.mark.parametrize("kind", Kind)
def test_every_field_is_one_of_alipays_and_every_required_one_is_there(kind: Kind) -> None:
    facts: dict[str, Any] = {"return_url": "https://shop.invalid/"} if kind is Kind.FREEZE else {}
    for call in both(kind, **facts):
        check(call.biz, FIELDS[call.method]["fields"])


def check(content: dict[str, Any], table: dict[str, Any]) -> None:
    assert content.keys() <= table.keys()
    assert {name for name, rule in table.items() if rule.get("required")} <= content.keys()
    for name, value in content.items():
        if isinstance(value, dict):
            check(value, table[name]["fields"])
        else:
            assert 0 < len(value) <= table[name].get("max", 1000)
            assert value in table[name].get("enum", [value])
