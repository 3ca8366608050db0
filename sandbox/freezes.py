"""Freezes: money that stays with the payer and is reserved for the platform.

INIT (nobody has paid yet) → AUTHORIZED (the payer's money is frozen) → FINISH (captured or
released to the last fen) or CLOSED (never confirmed, cancelled, or expired).
At every instant of an authorised freeze: frozen = rest + captured + released.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from psycopg.rows import class_row

from sandbox import books, errors
from sandbox.alipay import Alipay
from sandbox.books import Side
from sandbox.database import Connection

CREDIT_AUTH = "CREDIT_AUTH"


@dataclass(frozen=True)
class Freeze:
    """One freeze, as the table keeps it."""

    id: int
    auth_no: str
    out_order_no: str
    out_request_no: str
    code: str
    digest: str
    title: str
    product_code: str
    amount_fen: int
    fund_fen: int
    credit_fen: int
    rest_fen: int
    paid_fen: int
    unfrozen_fen: int
    status: str
    pre_auth_type: str | None
    payer: int | None
    notify_url: str | None
    return_url: str | None
    created_at: datetime
    pay_by: datetime

    @property
    def is_credit(self) -> bool:
        """Tell whether no money of the payer is held."""
        return self.pre_auth_type == CREDIT_AUTH


@dataclass(frozen=True)
class Operation:
    """What was done with a freeze: FREEZE, UNFREEZE, PAY or CANCEL."""

    id: int
    freeze_id: int
    operation_id: str
    out_request_no: str
    kind: str
    amount_fen: int
    status: str
    remark: str
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True)
class Done:
    """What is to be written as an operation."""

    kind: str
    out_request_no: str
    amount_fen: int
    status: str = "SUCCESS"
    remark: str = ""


def find(conn: Connection, column: str, value: str, *, at: datetime) -> Freeze | None:
    """Lock and return a freeze; one whose time to confirm has passed is closed first."""
    statement = sql.SQL("SELECT * FROM freezes WHERE {} = %s FOR UPDATE")
    query = statement.format(sql.Identifier(column))
    with conn.cursor(row_factory=class_row(Freeze)) as cursor:
        freeze = cursor.execute(query, [value]).fetchone()
        if freeze is not None and freeze.status == "INIT" and freeze.pay_by <= at:
            close_unpaid(conn, freeze, at)
            freeze = cursor.execute(query, [value]).fetchone()
    return freeze


def by_out_order_no(alipay: Alipay, out_order_no: str) -> Freeze:
    """Return a freeze as it stands; raises LookupError."""
    with alipay.transaction() as conn:
        freeze = find(conn, "out_order_no", out_order_no, at=alipay.now())
    if freeze is None:
        raise LookupError(out_order_no)
    return freeze


def existing(conn: Connection, column: str, value: str, at: datetime) -> Freeze:
    freeze = find(conn, column, value, at=at)
    if freeze is None:
        raise errors.refused("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")
    return freeze


def operation(conn: Connection, freeze: Freeze, kind: str, out_request_no: str) -> Operation | None:
    """Return one operation of a freeze, when it was executed."""
    rows = operations(conn, freeze)
    return next((o for o in rows if (o.kind, o.out_request_no) == (kind, out_request_no)), None)


def operations(conn: Connection, freeze: Freeze) -> list[Operation]:
    with conn.cursor(row_factory=class_row(Operation)) as cursor:
        return cursor.execute(
            "SELECT * FROM freeze_operations WHERE freeze_id = %s ORDER BY id", [freeze.id]
        ).fetchall()


def first(conn: Connection, freeze: Freeze) -> Operation:
    first = operation(conn, freeze, "FREEZE", freeze.out_request_no)
    assert first is not None
    return first


def note(
    conn: Connection, alipay: Alipay, freeze: Freeze, done: Done, *, at: datetime
) -> Operation:
    """Write what was done with a freeze, or is waiting for the payer (INIT)."""
    with conn.cursor(row_factory=class_row(Operation)) as cursor:
        row = cursor.execute(
            "INSERT INTO freeze_operations (freeze_id, operation_id, out_request_no, kind,"
            " amount_fen, status, remark, created_at, done_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING *",
            [
                freeze.id,
                alipay.number(conn, at),
                done.out_request_no,
                done.kind,
                done.amount_fen,
                done.status,
                done.remark,
                at,
                at if done.status == "SUCCESS" else None,
            ],
        ).fetchone()
    assert row is not None
    return row


def close_unpaid(conn: Connection, freeze: Freeze, at: datetime) -> None:
    """Close a freeze that nobody confirmed."""
    conn.execute("UPDATE freezes SET status = 'CLOSED' WHERE id = %s", [freeze.id])
    settle_first(conn, freeze, "CLOSED", at)


def settle_first(conn: Connection, freeze: Freeze, status: str, at: datetime) -> None:
    conn.execute(
        "UPDATE freeze_operations SET status = %s, done_at = %s"
        " WHERE freeze_id = %s AND kind = 'FREEZE'",
        [status, at, freeze.id],
    )


def expire(alipay: Alipay, out_order_no: str) -> None:
    """Let a freeze end at Alipay's side: what is left goes back to the payer."""
    at = alipay.now()
    with alipay.transaction() as conn:
        freeze = find(conn, "out_order_no", out_order_no, at=at)
        if freeze is not None:
            end(conn, freeze, at)


def end(conn: Connection, freeze: Freeze, at: datetime) -> None:
    if freeze.status == "INIT":
        close_unpaid(conn, freeze, at)
    elif freeze.status == "AUTHORIZED":
        release(conn, freeze, freeze.rest_fen, freeze.out_order_no, at)
        conn.execute("UPDATE freezes SET status = 'CLOSED' WHERE id = %s", [freeze.id])


def release(conn: Connection, freeze: Freeze, amount_fen: int, ref: str, at: datetime) -> None:
    """Move a part of the rest back to the payer's balance."""
    assert freeze.payer is not None
    if not freeze.is_credit:
        frozen = Side(freeze.payer, "frozen")
        books.move(conn, "UNFREEZE", ref, amount_fen, frozen, Side(freeze.payer), at=at)
    _reduce(conn, freeze, amount_fen, "unfrozen_fen")


def complete(conn: Connection, freeze: Freeze, ref: str, at: datetime) -> None:
    """Give the whole rest back, because a capture said COMPLETE."""
    if freeze.rest_fen:
        release(conn, freeze, freeze.rest_fen, ref, at)


def capture(
    conn: Connection, alipay: Alipay, freeze: Freeze, out_trade_no: str, amount_fen: int
) -> None:
    """Move a part of the frozen money to the platform. Raises books.NotEnough."""
    assert freeze.payer is not None
    at = alipay.now()
    source = Side(freeze.payer, "balance" if freeze.is_credit else "frozen")
    seller = Side(alipay.seller(conn).id)
    books.move(conn, "CAPTURE", out_trade_no, amount_fen, source, seller, at=at)
    _reduce(conn, freeze, amount_fen, "paid_fen")
    note(conn, alipay, freeze, Done("PAY", out_trade_no, amount_fen), at=at)


def _reduce(conn: Connection, freeze: Freeze, amount_fen: int, column: str) -> None:
    conn.execute(
        sql.SQL(
            "UPDATE freezes SET rest_fen = rest_fen - %s, {c} = {c} + %s,"
            " status = CASE WHEN rest_fen = %s THEN 'FINISH' ELSE status END WHERE id = %s"
        ).format(c=sql.Identifier(column)),
        [amount_fen, amount_fen, amount_fen, freeze.id],
    )
