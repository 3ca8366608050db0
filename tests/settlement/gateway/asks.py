"""One Ask of each kind, of 120.05 yuan, and what Alipay says when all is well."""

from typing import Any

from settlement.gateway.adapter import Ask, Payee
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import Words, done

FREEZE_NO = "FAAAAAAAAAAAAAAAAAAAAAAAAAA"
CAPTURE_NO = "CAAAAAAAAAAAAAAAAAAAAAAAAAA"
AUTH_NO = "2026112110002001230200000001"
PAYER = "2088000000000005"
AMOUNT_FEN, AMOUNT = 12_005, "120.05"

_REQUESTS: dict[Kind, dict[str, Any]] = {
    Kind.FREEZE: {
        "title": "Three orders",
        "timeout_minutes": 15,
        "notify_url": "https://shop.invalid/notice/",
    },
    Kind.CANCEL_FREEZE: {"freeze_out_no": FREEZE_NO, "remark": "Not wanted"},
    Kind.CAPTURE: {
        "auth_no": AUTH_NO,
        "subject": "Order 7",
        "payer_user_id": PAYER,
        "freeze_out_no": FREEZE_NO,
    },
    Kind.UNFREEZE: {"auth_no": AUTH_NO, "freeze_out_no": FREEZE_NO, "remark": "Declined"},
    Kind.TRANSFER: {"title": "Order 7", "remark": "Reward", "payout_account": 3},
    Kind.REFUND: {"capture_out_no": CAPTURE_NO, "reason": "Overdue"},
}
_NUMBERS = {
    Kind.FREEZE: FREEZE_NO,
    Kind.CANCEL_FREEZE: "XAAAAAAAAAAAAAAAAAAAAAAAAAA",
    Kind.CAPTURE: CAPTURE_NO,
    Kind.UNFREEZE: "UAAAAAAAAAAAAAAAAAAAAAAAAAA",
    Kind.TRANSFER: "TAAAAAAAAAAAAAAAAAAAAAAAAAA",
    Kind.REFUND: "RAAAAAAAAAAAAAAAAAAAAAAAAAA",
}


def ask(kind: Kind, *, amount_fen: int = AMOUNT_FEN, **facts: Any) -> Ask:
    """An Ask of this kind; `facts` replace those of its request."""
    payee = Payee("liu@example.com", "刘芳") if kind is Kind.TRANSFER else None
    return Ask(kind, _NUMBERS[kind], amount_fen, {**_REQUESTS[kind], **facts}, payee)


def sent_well(kind: Kind, **words: Any) -> Words:
    """What Alipay answers to `send` when it does what was asked."""
    return done(**{**_SENT[kind], **words})


def found_done(kind: Kind, **words: Any) -> Words:
    """What Alipay answers to `query` when it has done what was asked."""
    return done(**{**_FOUND[kind], **words})


_FREEZE_IDS = {"out_order_no": FREEZE_NO, "out_request_no": FREEZE_NO, "auth_no": AUTH_NO}
_UNFREEZE = {
    "auth_no": AUTH_NO,
    "out_order_no": FREEZE_NO,
    "out_request_no": _NUMBERS[Kind.UNFREEZE],
    "operation_id": "20261121330003",
    "amount": AMOUNT,
    "status": "SUCCESS",
}
_TRADE = {"trade_no": "2026112122001", "out_trade_no": CAPTURE_NO, "buyer_user_id": PAYER}
_SENT: dict[Kind, Words] = {
    Kind.FREEZE: {
        "out_order_no": FREEZE_NO,
        "out_request_no": FREEZE_NO,
        "code_type": "shortUrl",
        "code_value": "https://pay.invalid/1",
        "code_url": "https://pay.invalid/1.png",
    },
    Kind.CANCEL_FREEZE: {**_FREEZE_IDS, "operation_id": "20261121330002", "action": "close"},
    Kind.CAPTURE: {**_TRADE, "total_amount": AMOUNT},
    Kind.UNFREEZE: _UNFREEZE,
    Kind.TRANSFER: {
        "out_biz_no": _NUMBERS[Kind.TRANSFER],
        "order_id": "20261121110070",
        "status": "SUCCESS",
        "amount": AMOUNT,
    },
    Kind.REFUND: {**_TRADE, "fund_change": "Y", "refund_fee": AMOUNT},
}
_FOUND: dict[Kind, Words] = {
    Kind.FREEZE: {
        **_FREEZE_IDS,
        "operation_id": "20261121330001",
        "operation_type": "FREEZE",
        "order_status": "AUTHORIZED",
        "status": "SUCCESS",
        "amount": AMOUNT,
        "fund_amount": AMOUNT,
        "credit_amount": "0.00",
        "rest_amount": AMOUNT,
        "total_freeze_amount": AMOUNT,
        "total_pay_amount": "0.00",
        "payer_user_id": PAYER,
    },
    Kind.CANCEL_FREEZE: {**_FREEZE_IDS, "order_status": "CLOSED", "status": "CLOSED"},
    Kind.CAPTURE: {**_TRADE, "total_amount": AMOUNT, "trade_status": "TRADE_SUCCESS"},
    Kind.UNFREEZE: {**_UNFREEZE, "operation_type": "UNFREEZE"},
    Kind.TRANSFER: {
        "out_biz_no": _NUMBERS[Kind.TRANSFER],
        "order_id": "20261121110070",
        "status": "SUCCESS",
        "trans_amount": AMOUNT,
    },
    Kind.REFUND: {
        "trade_no": "2026112122001",
        "out_trade_no": CAPTURE_NO,
        "out_request_no": _NUMBERS[Kind.REFUND],
        "refund_status": "REFUND_SUCCESS",
        "refund_amount": AMOUNT,
    },
}
