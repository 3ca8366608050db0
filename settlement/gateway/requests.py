"""What is written to Alipay, for each kind: pure functions from an Ask to the fields of a method.

Optional fields without a value are left out (an empty one is answered with "system error"), and
`operation_type` is always there, since a freeze would be preferred over an unfreeze without it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.money import plain
from settlement.gateway.messages import Ask
from settlement.kinds import Kind

DETAIL_QUERY = "alipay.fund.auth.operation.detail.query"
TRANSFER_PRODUCT = "TRANS_ACCOUNT_NO_PWD"
TRANSFER_SCENE = "DIRECT_TRANSFER"
MIN_TIMEOUT_MINUTES, MAX_TIMEOUT_MINUTES = 1, 15 * 24 * 60
_NOT_IN_A_SUBJECT = re.compile(r"[/=&]")


class UnableToAskError(ValueError):
    """A fact that the request needs is missing; nothing was sent. The argument names it."""


@dataclass(frozen=True)
class Shop:
    """Who we are at Alipay: our own account, and the product that the contract names."""

    seller_id: str = ""
    product_code: str = "PRE_AUTH"


@dataclass(frozen=True)
class Call:
    """A method, its biz_content, and the common parameters beside it."""

    method: str
    biz: dict[str, Any] = field(repr=False)
    common: dict[str, str] = field(default_factory=dict)


def to_send(ask: Ask, shop: Shop) -> Call:
    """The call that asks for the operation. Raises UnableToAskError."""
    return _SEND[Kind(ask.kind)](ask, shop)


def to_query(ask: Ask, shop: Shop) -> Call:
    """The call that asks what became of it, by our own number. Raises UnableToAskError."""
    return _QUERY[Kind(ask.kind)](ask, shop)


def _freeze(ask: Ask, shop: Shop) -> Call:
    biz = _filled(
        out_order_no=ask.out_no,
        out_request_no=ask.out_no,
        order_title=_plain_text(_fact(ask, "title"), 100),
        amount=plain(ask.amount_fen),
        product_code=shop.product_code,
        payee_user_id=shop.seller_id,
        pay_timeout=_timeout(ask),
    )
    return Call("alipay.fund.auth.order.voucher.create", biz, _addresses(ask))


def _cancel_freeze(ask: Ask, shop: Shop) -> Call:
    biz = _filled(
        out_order_no=_fact(ask, "freeze_out_no"),
        out_request_no=_fact(ask, "freeze_out_no"),
        remark=_remark(ask, "remark", 100, otherwise="Cancel"),
    )
    return Call("alipay.fund.auth.operation.cancel", biz, _addresses(ask))


def _capture(ask: Ask, shop: Shop) -> Call:
    biz = _filled(
        out_trade_no=ask.out_no,
        subject=_plain_text(_fact(ask, "subject"), 256),
        total_amount=plain(ask.amount_fen),
        product_code=shop.product_code,
        auth_no=_fact(ask, "auth_no"),
        buyer_id=_fact(ask, "payer_user_id"),
        seller_id=shop.seller_id,
        # Several orders share one freeze: COMPLETE would release the rest of it.
        auth_confirm_mode="NOT_COMPLETE",
    )
    return Call("alipay.trade.pay", biz, _addresses(ask))


def _unfreeze(ask: Ask, shop: Shop) -> Call:
    biz = _filled(
        auth_no=_fact(ask, "auth_no"),
        out_request_no=ask.out_no,
        amount=plain(ask.amount_fen),
        remark=_remark(ask, "remark", 100, otherwise="Release"),
    )
    return Call("alipay.fund.auth.order.unfreeze", biz, _addresses(ask))


def _transfer(ask: Ask, shop: Shop) -> Call:
    if ask.payee is None or not ask.payee.logon_id or not ask.payee.name:
        raise UnableToAskError("payee")
    payee = {
        "identity": ask.payee.logon_id,
        "identity_type": "ALIPAY_LOGON_ID",
        "name": ask.payee.name,
    }
    biz = _filled(
        out_biz_no=ask.out_no,
        trans_amount=plain(ask.amount_fen),
        product_code=TRANSFER_PRODUCT,
        biz_scene=TRANSFER_SCENE,
        order_title=_plain_text(_fact(ask, "title"), 128),
        payee_info=payee,
        remark=_remark(ask, "remark", 200),
    )
    return Call("alipay.fund.trans.uni.transfer", biz)


def _refund(ask: Ask, shop: Shop) -> Call:
    biz = _filled(
        out_trade_no=_fact(ask, "capture_out_no"),
        refund_amount=plain(ask.amount_fen),
        out_request_no=ask.out_no,
        refund_reason=_remark(ask, "reason", 256),
    )
    return Call("alipay.trade.refund", biz)


def _query_freeze(ask: Ask, shop: Shop) -> Call:
    return _detail(out_order_no=ask.out_no, out_request_no=ask.out_no, operation_type="FREEZE")


def _query_cancelled_freeze(ask: Ask, shop: Shop) -> Call:
    """A cancellation leaves no operation of its own: the freeze tells whether it is closed."""
    number = _fact(ask, "freeze_out_no")
    return _detail(out_order_no=number, out_request_no=number, operation_type="FREEZE")


def _query_unfreeze(ask: Ask, shop: Shop) -> Call:
    return _detail(
        auth_no=_fact(ask, "auth_no"), out_request_no=ask.out_no, operation_type="UNFREEZE"
    )


def _query_capture(ask: Ask, shop: Shop) -> Call:
    return Call("alipay.trade.query", {"out_trade_no": ask.out_no})


def _query_transfer(ask: Ask, shop: Shop) -> Call:
    biz = {
        "product_code": TRANSFER_PRODUCT,
        "biz_scene": TRANSFER_SCENE,
        "out_biz_no": ask.out_no,
    }
    return Call("alipay.fund.trans.common.query", biz)


def _query_refund(ask: Ask, shop: Shop) -> Call:
    biz = {"out_trade_no": _fact(ask, "capture_out_no"), "out_request_no": ask.out_no}
    return Call("alipay.trade.fastpay.refund.query", biz)


def _detail(**biz: str) -> Call:
    return Call(DETAIL_QUERY, dict(biz))


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _fact(ask: Ask, name: str) -> str:
    value = ask.request.get(name)
    if not value:
        raise UnableToAskError(name)
    return str(value)


def _timeout(ask: Ask) -> str:
    wanted = int(_fact(ask, "timeout_minutes"))
    minutes = min(max(wanted, MIN_TIMEOUT_MINUTES), MAX_TIMEOUT_MINUTES)
    # Five characters are allowed: long ones are told in whole hours, rounded down.
    return f"{minutes}m" if minutes < 10_000 else f"{minutes // 60}h"


def _plain_text(text: str, length: int) -> str:
    return _NOT_IN_A_SUBJECT.sub(" ", text)[:length].strip() or "-"


def _remark(ask: Ask, name: str, length: int, otherwise: str = "") -> str:
    return str(ask.request.get(name) or otherwise)[:length]


def _addresses(ask: Ask) -> dict[str, str]:
    names = ("notify_url", "return_url")
    return {name: str(ask.request[name]) for name in names if ask.request.get(name)}


_Build = Callable[[Ask, Shop], Call]
_SEND: dict[Kind, _Build] = {
    Kind.FREEZE: _freeze,
    Kind.CANCEL_FREEZE: _cancel_freeze,
    Kind.CAPTURE: _capture,
    Kind.UNFREEZE: _unfreeze,
    Kind.TRANSFER: _transfer,
    Kind.REFUND: _refund,
}
_QUERY: dict[Kind, _Build] = {
    Kind.FREEZE: _query_freeze,
    Kind.CANCEL_FREEZE: _query_cancelled_freeze,
    Kind.CAPTURE: _query_capture,
    Kind.UNFREEZE: _query_unfreeze,
    Kind.TRANSFER: _query_transfer,
    Kind.REFUND: _query_refund,
}
