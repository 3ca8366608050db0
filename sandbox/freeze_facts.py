"""What answers and notices tell of a freeze."""

from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from sandbox import books, freezes, money, notices, times
from sandbox.alipay import Alipay
from sandbox.database import Connection
from sandbox.freezes import CREDIT_AUTH, Freeze, Operation


def facts(freeze: Freeze, done: Operation, payer: books.Account | None) -> dict[str, Any]:
    is_paid = freeze.payer is not None
    facts = {
        "auth_no": freeze.auth_no,
        "out_order_no": freeze.out_order_no,
        "order_status": freeze.status,
        "order_title": freeze.title,
        "total_freeze_amount": money.yuan(freeze.amount_fen if is_paid else 0),
        "rest_amount": money.yuan(freeze.rest_fen),
        "total_pay_amount": money.yuan(freeze.paid_fen),
        "operation_id": done.operation_id,
        "out_request_no": done.out_request_no,
        "operation_type": done.kind,
        "amount": money.yuan(done.amount_fen),
        "status": done.status,
        "remark": done.remark,
        "gmt_create": times.wire(done.created_at),
        "gmt_trans": times.wire(done.done_at) if done.done_at else "",
    }
    if payer is not None:
        facts |= _shares(freeze, done)
        facts |= {"payer_user_id": payer.user_id, "payer_logon_id": masked(payer.logon_id)}
    return {name: value for name, value in facts.items() if value != ""}


def _shares(freeze: Freeze, done: Operation) -> dict[str, str]:
    credit_fen = done.amount_fen if freeze.is_credit else 0
    shares = {
        "fund_amount": money.yuan(done.amount_fen - credit_fen),
        "credit_amount": money.yuan(credit_fen),
        "total_freeze_fund_amount": money.yuan(freeze.fund_fen),
        "total_freeze_credit_amount": money.yuan(freeze.credit_fen),
    }
    return shares | ({"pre_auth_type": CREDIT_AUTH} if freeze.is_credit else {})


def masked(logon_id: str) -> str:
    """Hide the middle of a logon id, as answers and notices do."""
    name, at_sign, host = logon_id.partition("@")
    return f"{name[:3]}***{at_sign}{host}" if at_sign else f"{name[:3]}***{name[-4:]}"


_NOTICE_KINDS = {
    "FREEZE": "fund_auth_freeze",
    "UNFREEZE": "fund_auth_unfreeze",
    "CANCEL": "fund_auth_operation_cancel",
}


def tell(
    conn: Connection,
    alipay: Alipay,
    freeze_id: int,
    kind: str,
    out_request_no: str,
    at: datetime,
    *,
    url: str | None = None,
) -> None:
    """Write the notice of an operation, in the transaction of what it tells of."""
    with conn.cursor(row_factory=class_row(Freeze)) as cursor:
        freeze = cursor.execute("SELECT * FROM freezes WHERE id = %s", [freeze_id]).fetchone()
    assert freeze is not None
    done = freezes.operation(conn, freeze, kind, out_request_no)
    assert done is not None
    payer = books.by_id(conn, freeze.payer) if freeze.payer is not None else None
    told = facts(freeze, done, payer) | {
        "total_unfreeze_amount": money.yuan(freeze.unfrozen_fen),
        "payee_user_id": alipay.config.seller_id,
        "payee_logon_id": masked(alipay.config.seller_logon_id),
    }
    if kind == "CANCEL":
        told |= {
            "operation_type": "UNFREEZE",
            "action": "unfreeze" if done.amount_fen else "close",
        }
    # A notice tells of the order only by its amounts; a query tells the order's status.
    for name in ("order_status", "order_title", "remark"):
        told.pop(name, None)
    target = url or freeze.notify_url
    notices.enqueue(conn, alipay, _NOTICE_KINDS[kind], out_request_no, target, told, at=at)
