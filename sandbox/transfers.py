"""Transfers from the platform's account to a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from sandbox import books, errors, money, times
from sandbox.alipay import Alipay
from sandbox.books import Side
from sandbox.database import Connection, lock_id
from sandbox.wire import Ask

SMALLEST_FEN = 10


@dataclass(frozen=True)
class Transfer:
    """One transfer, as the table keeps it."""

    id: int
    order_id: str
    fund_no: str
    out_biz_no: str
    product_code: str
    biz_scene: str
    digest: str
    amount_fen: int
    payee: int
    title: str
    remark: str
    status: str
    sent_at: datetime


def send(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Pay a person; the same request gets the existing order."""
    _open_on_first_sight(alipay, ask.biz["payee_info"])
    with alipay.transaction() as conn:
        lock_id(conn, "transfer", ask.biz["out_biz_no"])
        transfer = _find(conn, "out_biz_no", ask.biz["out_biz_no"])
        if transfer is None:
            transfer = _send(conn, alipay, ask)
        elif transfer.digest != ask.digest:
            raise errors.refused(
                "PAYMENT_INFO_INCONSISTENCY", "两次请求商户单号一样，但是参数不一致"
            )
    return {
        "out_biz_no": transfer.out_biz_no,
        "order_id": transfer.order_id,
        "pay_fund_order_id": transfer.fund_no,
        "status": "SUCCESS",
        "amount": money.yuan(transfer.amount_fen),
        "trans_date": times.wire(transfer.sent_at),
    }


def _open_on_first_sight(alipay: Alipay, payee: dict[str, Any]) -> None:
    """In the demo whoever signs up can be paid, except for names that mean a refusal."""
    logon_id = payee["identity"]
    is_logon = payee["identity_type"] == "ALIPAY_LOGON_ID"
    if not alipay.config.open_accounts or not is_logon or "unknown" in logon_id:
        return
    books.open_account(alipay.pool, logon_id, payee.get("name", logon_id), at=alipay.now())
    if "closed" in logon_id:
        books.close_account(alipay.pool, logon_id)


def _send(conn: Connection, alipay: Alipay, ask: Ask) -> Transfer:
    at, amount_fen = alipay.now(), money.fen(ask.biz["trans_amount"])
    if amount_fen < SMALLEST_FEN:
        raise errors.refused("EXCEED_LIMIT_SM_MIN_AMOUNT", "单笔最低转账金额0.1元")
    payee = _payee(conn, ask.biz["payee_info"])
    try:
        seller = Side(alipay.seller(conn).id)
        number = ask.biz["out_biz_no"]
        books.move(conn, "TRANSFER", number, amount_fen, seller, Side(payee.id), at=at)
    except books.NotEnough as short:
        raise errors.refused("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足") from short
    return _insert(conn, alipay, ask, payee, amount_fen, at)


def _payee(conn: Connection, info: dict[str, Any]) -> books.Account:
    by_logon = info["identity_type"] == "ALIPAY_LOGON_ID"
    account = (books.by_logon if by_logon else books.by_user)(conn, info["identity"])
    if account is None or account.kind != "PERSON":
        raise errors.refused("PAYEE_NOT_EXIST", "收款账号不存在")
    if account.status != "OPEN":
        raise errors.refused("PAYEE_ACCOUNT_STATUS_ERROR", "收款方账户异常")
    if by_logon and info.get("name", account.name) != account.name:
        raise errors.refused("PAYEE_USERINFO_ERROR", "收款方信息有误：姓名不一致")
    return account


def _insert(
    conn: Connection,
    alipay: Alipay,
    ask: Ask,
    payee: books.Account,
    amount_fen: int,
    at: datetime,
) -> Transfer:
    biz = ask.biz
    with conn.cursor(row_factory=class_row(Transfer)) as cursor:
        transfer = cursor.execute(
            "INSERT INTO transfers (order_id, fund_no, out_biz_no, product_code, biz_scene,"
            " digest, amount_fen, payee, title, remark, status, sent_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'SUCCESS', %s) RETURNING *",
            [
                alipay.number(conn, at),
                alipay.number(conn, at),
                biz["out_biz_no"],
                biz["product_code"],
                biz["biz_scene"],
                ask.digest,
                amount_fen,
                payee.id,
                biz["order_title"],
                biz.get("remark", ""),
                at,
            ],
        ).fetchone()
    assert transfer is not None
    return transfer


def query(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Tell how a transfer stands: SUCCESS, or REFUND when the money came back."""
    names = {"order_id": "order_id", "pay_fund_order_id": "fund_no", "out_biz_no": "out_biz_no"}
    asked = next(name for name in names if name in ask.biz)
    if asked == "out_biz_no" and not {"product_code", "biz_scene"} <= ask.biz.keys():
        raise errors.refused("INVALID_PARAMETER", "product_code and biz_scene are required")
    with alipay.transaction() as conn:
        transfer = _find(conn, names[asked], ask.biz[asked])
        if transfer is None:
            raise errors.refused("ORDER_NOT_EXIST", "转账订单不存在")
        payee = books.by_id(conn, transfer.payee)
    return {
        "out_biz_no": transfer.out_biz_no,
        "order_id": transfer.order_id,
        "pay_fund_order_id": transfer.fund_no,
        "status": transfer.status,
        "trans_amount": money.yuan(transfer.amount_fen),
        "pay_date": times.wire(transfer.sent_at),
        "receiver_user_id": payee.user_id,
    }


def give_back(alipay: Alipay, out_biz_no: str) -> None:
    """Let a transfer bounce (退票): the money returns to the platform, SUCCESS becomes REFUND."""
    with alipay.transaction() as conn:
        transfer = _find(conn, "out_biz_no", out_biz_no)
        if transfer is None or transfer.status == "REFUND":
            return
        sides = Side(transfer.payee), Side(alipay.seller(conn).id)
        books.move(conn, "BOUNCE", out_biz_no, transfer.amount_fen, *sides, at=alipay.now())
        conn.execute("UPDATE transfers SET status = 'REFUND' WHERE id = %s", [transfer.id])


def _find(conn: Connection, column: str, value: str) -> Transfer | None:
    statement = sql.SQL("SELECT * FROM transfers WHERE {} = %s FOR UPDATE")
    with conn.cursor(row_factory=class_row(Transfer)) as cursor:
        return cursor.execute(statement.format(sql.Identifier(column)), [value]).fetchone()
