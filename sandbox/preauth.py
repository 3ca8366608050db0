"""The methods that offer, confirm, release, cancel and query a freeze."""

import secrets
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from sandbox import books, errors, freezes, money, times
from sandbox.alipay import Alipay
from sandbox.books import Side
from sandbox.database import Connection, lock_id
from sandbox.freeze_facts import facts, tell
from sandbox.freezes import CREDIT_AUTH, Done, Freeze, Operation
from sandbox.wire import Ask


def create(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Offer a freeze to whoever scans the code; the same request gets the same code."""
    at = alipay.now()
    with alipay.transaction() as conn:
        lock_id(conn, "freeze", ask.biz["out_order_no"])
        freeze = freezes.find(conn, "out_order_no", ask.biz["out_order_no"], at=at)
        if freeze is None:
            freeze = _offer(conn, alipay, ask, at)
        else:
            _check_repeat(freeze, ask)
    return {
        "out_order_no": freeze.out_order_no,
        "out_request_no": freeze.out_request_no,
        "code_type": "shortUrl",
        "code_value": cashier_url(alipay, freeze),
        "code_url": cashier_url(alipay, freeze),
    }


def accept_order_string(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Take a presented orderStr, as the payer's app would, and open its freeze."""
    answer = create(alipay, ask)
    freeze = freezes.by_out_order_no(alipay, answer["out_order_no"])
    return {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "out_request_no": freeze.out_request_no,
        "amount": money.yuan(freeze.amount_fen),
        "status": "INIT",
    }


def cashier_url(alipay: Alipay, freeze: Freeze) -> str:
    """Return the address of the payer's page."""
    return f"{alipay.config.public_url}/cashier/{freeze.code}"


def _check_repeat(freeze: Freeze, ask: Ask) -> None:
    if freeze.digest != ask.digest:
        raise errors.refused("ALIN42683", "商户订单号重复且内容不一致")
    if freeze.status == "CLOSED":
        raise errors.refused("ORDER_ALREADY_CLOSED", "订单已经关闭")
    if freeze.status != "INIT":
        raise errors.refused("ORDER_ALREADY_FINISH", "订单已经完成")


def _offer(conn: Connection, alipay: Alipay, ask: Ask, at: datetime) -> Freeze:
    biz = ask.biz
    _check_payee(alipay, biz)
    if _request_is_known(conn, biz["out_request_no"]):
        raise errors.refused("ALIN42683", "请求流水号重复")
    window = times.timeout(biz.get("pay_timeout") or biz.get("timeout_express"))
    with conn.cursor(row_factory=class_row(Freeze)) as cursor:
        freeze = cursor.execute(
            "INSERT INTO freezes (auth_no, out_order_no, out_request_no, code, digest, title,"
            " product_code, amount_fen, status, notify_url, return_url, created_at, pay_by)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'INIT', %s, %s, %s, %s) RETURNING *",
            [
                alipay.number(conn, at),
                biz["out_order_no"],
                biz["out_request_no"],
                secrets.token_urlsafe(12),
                ask.digest,
                biz["order_title"],
                biz["product_code"],
                money.fen(biz["amount"]),
                ask.notify_url,
                ask.return_url,
                at,
                at + window,
            ],
        ).fetchone()
    assert freeze is not None
    offered = Done("FREEZE", freeze.out_request_no, freeze.amount_fen, "INIT")
    freezes.note(conn, alipay, freeze, offered, at=at)
    return freeze


def _request_is_known(conn: Connection, out_request_no: str) -> bool:
    query = "SELECT 1 FROM freezes WHERE out_request_no = %s"
    return conn.execute(query, [out_request_no]).fetchone() is not None


def _check_payee(alipay: Alipay, biz: dict[str, Any]) -> None:
    config = alipay.config
    known = {"payee_user_id": config.seller_id, "payee_logon_id": config.seller_logon_id}
    for name, wanted in known.items():
        if biz.get(name, wanted) != wanted:
            raise errors.refused("ILLEGAL_ARGUMENT", f"{name} may not receive for this app")


def authorize(conn: Connection, alipay: Alipay, freeze: Freeze, payer: books.Account) -> None:
    """Freeze the payer's money: he has confirmed. Raises books.NotEnough."""
    at = alipay.now()
    is_credit = bool(alipay.faults.take("credit_auth", "cashier", freeze.out_order_no))
    if not is_credit:
        books.move(
            conn,
            "FREEZE",
            freeze.out_order_no,
            freeze.amount_fen,
            Side(payer.id),
            Side(payer.id, "frozen"),
            at=at,
        )
    fund_fen, credit_fen = (0, freeze.amount_fen) if is_credit else (freeze.amount_fen, 0)
    conn.execute(
        "UPDATE freezes SET status = 'AUTHORIZED', payer = %s, fund_fen = %s, credit_fen = %s,"
        " rest_fen = amount_fen, pre_auth_type = %s WHERE id = %s",
        [payer.id, fund_fen, credit_fen, CREDIT_AUTH if is_credit else None, freeze.id],
    )
    freezes.settle_first(conn, freeze, "SUCCESS", at)
    tell(conn, alipay, freeze.id, "FREEZE", freeze.out_request_no, at)


def unfreeze(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Give a part, or all, back to the payer; the same request gets the first answer."""
    at, biz = alipay.now(), ask.biz
    amount_fen = money.fen(biz["amount"])
    with alipay.transaction() as conn:
        freeze = freezes.existing(conn, "auth_no", biz["auth_no"], at)
        done = freezes.operation(conn, freeze, "UNFREEZE", biz["out_request_no"])
        if done is None:
            _check_open(freeze, amount_fen)
            freezes.release(conn, freeze, amount_fen, biz["out_request_no"], at)
            row = Done("UNFREEZE", biz["out_request_no"], amount_fen, remark=biz["remark"])
            done = freezes.note(conn, alipay, freeze, row, at=at)
            url = ask.notify_url or freeze.notify_url
            tell(conn, alipay, freeze.id, "UNFREEZE", biz["out_request_no"], at, url=url)
        elif done.amount_fen != amount_fen:
            raise errors.refused("UNIQUE_VIOLATION", "请求流水号重复且金额不一致")
    return _unfreeze_answer(freeze, done)


def _unfreeze_answer(freeze: Freeze, done: Operation) -> dict[str, Any]:
    fund_fen = 0 if freeze.is_credit else done.amount_fen
    return {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "operation_id": done.operation_id,
        "out_request_no": done.out_request_no,
        "amount": money.yuan(done.amount_fen),
        "status": done.status,
        "gmt_trans": times.wire(done.done_at or done.created_at),
        "fund_amount": money.yuan(fund_fen),
        "credit_amount": money.yuan(done.amount_fen - fund_fen),
    }


def _check_open(freeze: Freeze, amount_fen: int) -> None:
    if freeze.status == "CLOSED":
        raise errors.refused("ORDER_ALREADY_CLOSED", "订单已经关闭")
    if freeze.status == "FINISH":
        raise errors.refused("ORDER_ALREADY_FINISH", "订单已经完成")
    if freeze.status == "INIT" or amount_fen > freeze.rest_fen:
        raise errors.refused("REQUEST_AMOUNT_EXCEED", "解冻金额超出剩余冻结金额")


def cancel(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Take a freeze back as a whole: `close` when unpaid, `unfreeze` when paid."""
    at = alipay.now()
    with alipay.transaction() as conn:
        freeze = _asked_for(conn, ask, at)
        first = freezes.first(conn, freeze)
        if not _is_meant(first, ask):
            raise errors.refused("AUTH_OPERATION_NOT_EXIST", "操作不存在")
        done = freezes.operation(conn, freeze, "CANCEL", first.out_request_no)
        if done is None:
            done = _cancel(conn, alipay, ask, freeze, at)
    return {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "operation_id": first.operation_id,
        "out_request_no": first.out_request_no,
        "action": "unfreeze" if done is not None and done.amount_fen else "close",
    }


def _cancel(
    conn: Connection, alipay: Alipay, ask: Ask, freeze: Freeze, at: datetime
) -> Operation | None:
    if freeze.status == "CLOSED" and freeze.payer is None:
        return None  # closed by itself: nothing is left to take back
    if freeze.status == "FINISH" or (freeze.payer is not None and freeze.rest_fen == 0):
        raise errors.refused("ORDER_ALREADY_FINISH", "订单已经完成")
    if freeze.status == "AUTHORIZED" and freeze.rest_fen != freeze.amount_fen:
        raise errors.refused("ORDER_ALREADY_FINISH", "订单已有解冻或转支付，不能撤销")
    taken_back_fen = freeze.rest_fen
    freezes.end(conn, freeze, at)
    freezes.settle_first(conn, freeze, "CLOSED", at)
    row = Done("CANCEL", freeze.out_request_no, taken_back_fen, remark=ask.biz["remark"])
    done = freezes.note(conn, alipay, freeze, row, at=at)
    url = ask.notify_url or freeze.notify_url
    tell(conn, alipay, freeze.id, "CANCEL", freeze.out_request_no, at, url=url)
    return done


def query(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Tell how a freeze and one of its operations stand."""
    at = alipay.now()
    _expire_on_demand(alipay, ask)
    with alipay.transaction() as conn:
        freeze = _asked_for(conn, ask, at)
        found = _asked_operation(conn, freeze, ask)
        payer = books.by_id(conn, freeze.payer) if freeze.payer is not None else None
    return facts(freeze, found, payer)


def _expire_on_demand(alipay: Alipay, ask: Ask) -> None:
    fault = alipay.faults.take("freeze_expires", ask.method.name, ask.biz.get("out_order_no", ""))
    if fault is not None and "out_order_no" in ask.biz:
        freezes.expire(alipay, ask.biz["out_order_no"])


def _asked_for(conn: Connection, ask: Ask, at: datetime) -> Freeze:
    name = "auth_no" if "auth_no" in ask.biz else "out_order_no"
    return freezes.existing(conn, name, ask.biz[name], at)


def _asked_operation(conn: Connection, freeze: Freeze, ask: Ask) -> Operation:
    # Without a type a freeze is preferred over the others, as Alipay does.
    order = ("FREEZE", "UNFREEZE", "PAY")
    kinds = (ask.biz["operation_type"],) if "operation_type" in ask.biz else order
    rows = [o for o in freezes.operations(conn, freeze) if o.kind in kinds and _is_meant(o, ask)]
    meant = sorted(rows, key=lambda o: order.index(o.kind))
    if not meant:
        raise errors.refused("AUTH_OPERATION_NOT_EXIST", "操作不存在")
    return meant[0]


def _is_meant(row: Operation, ask: Ask) -> bool:
    return all(
        ask.biz.get(name, value) == value
        for name, value in (
            ("operation_id", row.operation_id),
            ("out_request_no", row.out_request_no),
        )
    )
