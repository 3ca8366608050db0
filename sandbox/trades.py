"""Captures of frozen money, and their refunds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from sandbox import books, errors, freezes, money, notices, times
from sandbox.alipay import Alipay
from sandbox.books import Side
from sandbox.database import Connection, lock_id
from sandbox.freeze_facts import masked
from sandbox.wire import Ask

_METHOD = "trade_status_sync"


@dataclass(frozen=True)
class Trade:
    """One capture, as the table keeps it."""

    id: int
    trade_no: str
    out_trade_no: str
    freeze_id: int
    digest: str
    subject: str
    total_fen: int
    refunded_fen: int
    status: str
    buyer: int
    seller: int
    notify_url: str | None
    paid_at: datetime


@dataclass(frozen=True)
class Refund:
    """One refund of a trade, as the table keeps it."""

    id: int
    trade_id: int
    out_request_no: str
    amount_fen: int
    reason: str
    refunded_at: datetime


def pay(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Capture a part of a freeze; the same request gets the same answer."""
    with alipay.transaction() as conn:
        lock_id(conn, "trade", ask.biz["out_trade_no"])
        trade = _find(conn, "out_trade_no", ask.biz["out_trade_no"])
        if trade is None:
            trade = _capture(conn, alipay, ask)
        elif trade.digest != ask.digest:
            raise errors.refused("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
        return _pay_answer(conn, trade)


def _capture(conn: Connection, alipay: Alipay, ask: Ask) -> Trade:
    at, biz = alipay.now(), ask.biz
    freeze = freezes.find(conn, "auth_no", biz["auth_no"], at=at)
    amount_fen = money.fen(biz["total_amount"])
    _check_freeze(freeze, amount_fen)
    assert freeze is not None
    _check_parties(conn, alipay, freeze, biz)
    try:
        freezes.capture(conn, alipay, freeze, biz["out_trade_no"], amount_fen)
    except books.NotEnough as short:
        raise errors.refused("ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足") from short
    trade = _insert(conn, alipay, ask, freeze, amount_fen, at)
    if biz.get("auth_confirm_mode") == "COMPLETE":
        left = freezes.find(conn, "auth_no", freeze.auth_no, at=at)
        assert left is not None
        freezes.complete(conn, left, trade.out_trade_no, at)
    _tell(conn, alipay, trade, ask.notify_url or freeze.notify_url, trade.out_trade_no, at)
    return trade


def _check_freeze(freeze: freezes.Freeze | None, amount_fen: int) -> None:
    if freeze is None:
        raise errors.refused("ACQ.AUTH_NO_ERROR", "预授权号错误或状态不对")
    if freeze.status == "INIT":
        raise errors.refused("ACQ.AUTH_ORDER_NOT_PAID", "预授权订单未支付")
    if freeze.status == "CLOSED":
        raise errors.refused("ACQ.AUTH_ORDER_HAS_CLOSED", "预授权订单已关闭")
    if freeze.status == "FINISH":
        raise errors.refused("ACQ.AUTH_ORDER_HAS_FINISHED", "预授权订单已完结")
    if amount_fen > freeze.rest_fen:
        raise errors.refused("ACQ.AUTH_AMOUNT_NOT_ENOUGH", "预授权剩余金额不足")


def _check_parties(
    conn: Connection, alipay: Alipay, freeze: freezes.Freeze, biz: dict[str, Any]
) -> None:
    assert freeze.payer is not None
    if biz["buyer_id"] != books.by_id(conn, freeze.payer).user_id:
        raise errors.refused("ACQ.TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
    if biz.get("seller_id", alipay.config.seller_id) != alipay.config.seller_id:
        raise errors.refused("ACQ.INVALID_PARAMETER", "seller_id is not the payee of the freeze")
    if biz["product_code"] != freeze.product_code:
        raise errors.refused("ACQ.INVALID_PARAMETER", "product_code differs from the freeze")


def _insert(
    conn: Connection,
    alipay: Alipay,
    ask: Ask,
    freeze: freezes.Freeze,
    amount_fen: int,
    at: datetime,
) -> Trade:
    with conn.cursor(row_factory=class_row(Trade)) as cursor:
        trade = cursor.execute(
            "INSERT INTO trades (trade_no, out_trade_no, freeze_id, digest, subject, total_fen,"
            " status, buyer, seller, notify_url, paid_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'TRADE_SUCCESS', %s, %s, %s, %s) RETURNING *",
            [
                alipay.number(conn, at),
                ask.biz["out_trade_no"],
                freeze.id,
                ask.digest,
                ask.biz["subject"],
                amount_fen,
                freeze.payer,
                alipay.seller(conn).id,
                ask.notify_url or freeze.notify_url,
                at,
            ],
        ).fetchone()
    assert trade is not None
    return trade


def _pay_answer(conn: Connection, trade: Trade) -> dict[str, Any]:
    total = money.yuan(trade.total_fen)
    return {
        **_head(conn, trade),
        "total_amount": total,
        "receipt_amount": total,
        "buyer_pay_amount": total,
        "invoice_amount": total,
        "gmt_payment": times.wire(trade.paid_at),
        "fund_bill_list": [{"fund_channel": "ALIPAYACCOUNT", "amount": total}],
        "auth_trade_pay_mode": "PRE_AUTH_PAY",
    }


def _head(conn: Connection, trade: Trade) -> dict[str, Any]:
    buyer = books.by_id(conn, trade.buyer)
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": buyer.user_id,
        "buyer_logon_id": masked(buyer.logon_id),
    }


def query(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Tell how a trade stands."""
    with alipay.transaction() as conn:
        trade = _asked_for(conn, ask)
        total = money.yuan(trade.total_fen)
        return {
            **_head(conn, trade),
            "trade_status": trade.status,
            "total_amount": total,
            "receipt_amount": total,
            "buyer_pay_amount": total,
            "send_pay_date": times.wire(trade.paid_at),
            "subject": trade.subject,
            "auth_trade_pay_mode": "PRE_AUTH_PAY",
        }


def refund(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Give captured money back to the buyer; `fund_change` says whether this call moved it."""
    at, amount_fen = alipay.now(), money.fen(ask.biz["refund_amount"])
    with alipay.transaction() as conn:
        trade = _asked_for(conn, ask)
        request_no = ask.biz.get("out_request_no", trade.out_trade_no)
        done = _refund_of(conn, trade, request_no)
        if done is None:
            done = _refund(conn, alipay, trade, request_no, amount_fen, ask, at)
            changed = "Y"
        elif done.amount_fen == amount_fen:
            changed = "N"
        else:
            raise errors.refused("ACQ.DISCORDANT_REPEAT_REQUEST", "重复请求不一致")
        return _refund_answer(conn, _by_id(conn, trade.id), done, changed)


def _refund(
    conn: Connection,
    alipay: Alipay,
    trade: Trade,
    request_no: str,
    amount_fen: int,
    ask: Ask,
    at: datetime,
) -> Refund:
    if trade.status == "TRADE_CLOSED":
        raise errors.refused("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
    if amount_fen > trade.total_fen - trade.refunded_fen:
        raise errors.refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    try:
        sides = Side(trade.seller), Side(trade.buyer)
        books.move(conn, "REFUND", request_no, amount_fen, *sides, at=at)
    except books.NotEnough as short:
        raise errors.refused("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足") from short
    done = _insert_refund(conn, trade, request_no, amount_fen, ask.biz.get("refund_reason", ""), at)
    conn.execute(
        "UPDATE trades SET refunded_fen = refunded_fen + %s, status = CASE"
        " WHEN refunded_fen + %s = total_fen THEN 'TRADE_CLOSED' ELSE status END WHERE id = %s",
        [amount_fen, amount_fen, trade.id],
    )
    _tell(conn, alipay, _by_id(conn, trade.id), trade.notify_url, request_no, at)
    return done


def _insert_refund(
    conn: Connection, trade: Trade, request_no: str, amount_fen: int, reason: str, at: datetime
) -> Refund:
    with conn.cursor(row_factory=class_row(Refund)) as cursor:
        done = cursor.execute(
            "INSERT INTO refunds (trade_id, out_request_no, amount_fen, reason, refunded_at)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING *",
            [trade.id, request_no, amount_fen, reason, at],
        ).fetchone()
    assert done is not None
    return done


def _refund_answer(
    conn: Connection, trade: Trade, done: Refund, fund_change: str
) -> dict[str, Any]:
    return {
        **_head(conn, trade),
        "fund_change": fund_change,
        "refund_fee": money.yuan(trade.refunded_fen),
        "send_back_fee": money.yuan(done.amount_fen if fund_change == "Y" else 0),
        "gmt_refund_pay": times.wire(done.refunded_at),
    }


def query_refund(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Tell of one refund; an answer without `refund_status` tells nothing."""
    with alipay.transaction() as conn:
        trade = _asked_for(conn, ask)
        done = _refund_of(conn, trade, ask.biz["out_request_no"])
    if done is None:
        return {}
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_request_no": done.out_request_no,
        "refund_status": "REFUND_SUCCESS",
        "refund_amount": money.yuan(done.amount_fen),
        "total_amount": money.yuan(trade.total_fen),
        "send_back_fee": money.yuan(done.amount_fen),
        "gmt_refund_pay": times.wire(done.refunded_at),
        **({"refund_reason": done.reason} if done.reason else {}),
    }


def _asked_for(conn: Connection, ask: Ask) -> Trade:
    name = "trade_no" if "trade_no" in ask.biz else "out_trade_no"
    trade = _find(conn, name, ask.biz[name])
    if trade is None:
        raise errors.refused("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return trade


def _find(conn: Connection, column: str, value: str) -> Trade | None:
    statement = sql.SQL("SELECT * FROM trades WHERE {} = %s FOR UPDATE")
    with conn.cursor(row_factory=class_row(Trade)) as cursor:
        return cursor.execute(statement.format(sql.Identifier(column)), [value]).fetchone()


def _by_id(conn: Connection, trade_id: int) -> Trade:
    with conn.cursor(row_factory=class_row(Trade)) as cursor:
        trade = cursor.execute("SELECT * FROM trades WHERE id = %s", [trade_id]).fetchone()
    assert trade is not None
    return trade


def _refund_of(conn: Connection, trade: Trade, request_no: str) -> Refund | None:
    with conn.cursor(row_factory=class_row(Refund)) as cursor:
        return cursor.execute(
            "SELECT * FROM refunds WHERE trade_id = %s AND out_request_no = %s",
            [trade.id, request_no],
        ).fetchone()


def _tell(
    conn: Connection, alipay: Alipay, trade: Trade, url: str | None, out_no: str, at: datetime
) -> None:
    buyer = books.by_id(conn, trade.buyer)
    facts = {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_biz_no": out_no if trade.refunded_fen else "",
        "trade_status": trade.status,
        "subject": trade.subject,
        "total_amount": money.yuan(trade.total_fen),
        "receipt_amount": money.yuan(trade.total_fen),
        "refund_fee": money.yuan(trade.refunded_fen) if trade.refunded_fen else "",
        "gmt_create": times.wire(trade.paid_at),
        "gmt_payment": times.wire(trade.paid_at),
        "gmt_refund": times.wire(at) if trade.refunded_fen else "",
        "buyer_id": buyer.user_id,
        "buyer_logon_id": masked(buyer.logon_id),
        "seller_id": alipay.config.seller_id,
    }
    notices.enqueue(conn, alipay, _METHOD, out_no, url, facts, at=at)
