"""A past for the books: accounts to open, and events replayed at their own instants.

Every event goes through the very code that answers the gateway, so the books stay double entry.
Replaying the same file again changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import sql

from sandbox import books, fields, freezes, gateway, money, payer
from sandbox.alipay import Alipay
from sandbox.errors import GatewayError
from sandbox.faults import Faults
from sandbox.wire import Ask

Event = dict[str, Any]


class CannotReplay(Exception):
    """An event is refused by the rules; the events before it stay."""


def replay(alipay: Alipay, story: list[Event] | dict[str, list[Event]]) -> int:
    """Open `accounts` and replay `events`; a bare list is accounts. Returns how many events."""
    parts = {"accounts": story} if isinstance(story, list) else story
    for row in parts.get("accounts", []):
        _open(alipay, row)
    events = sorted(parts.get("events", []), key=lambda event: datetime.fromisoformat(event["at"]))
    for event in events:
        _replay_one(alipay, event)
    return len(events)


def _open(alipay: Alipay, row: Event) -> None:
    """Open {"logon_id", "name"[, "balance_fen", "is_payer", "user_id"]}."""
    books.open_account(
        alipay.pool,
        row["logon_id"],
        row["name"],
        int(row.get("balance_fen", 0)),
        at=alipay.now(),
        is_payer=bool(row.get("is_payer", False)),
    )
    if "user_id" in row:
        _rename(alipay, "accounts", "user_id", row["user_id"], "logon_id", row["logon_id"])


def _replay_one(alipay: Alipay, event: Event) -> None:
    at = datetime.fromisoformat(event["at"])
    then = replace(alipay, config=replace(alipay.config, clock=lambda: at), faults=Faults())
    try:
        _KINDS[event["kind"]](then, event)
    except (GatewayError, payer.CannotPay) as refusal:
        raise CannotReplay(f"{event['kind']} {event['out_no']}: {refusal}") from refusal


def _do(alipay: Alipay, method: str, **biz: Any) -> None:
    known = fields.methods()[method]
    fields.check(known, biz)
    gateway.HANDLERS[method](alipay, Ask(known, biz, None, None, is_certified=True))


def _freeze(alipay: Alipay, event: Event) -> None:
    """FREEZE: out_no, amount_fen, title, payer (logon id)[, gateway_no = auth_no]."""
    if _is_frozen(alipay, event["out_no"]):
        return
    _do(
        alipay,
        "alipay.fund.auth.order.voucher.create",
        out_order_no=event["out_no"],
        out_request_no=event["out_no"],
        order_title=event["title"],
        amount=money.yuan(event["amount_fen"]),
        product_code=event.get("product_code", "PRE_AUTH"),
    )
    payer.confirm(alipay, event["out_no"], event["payer"])
    _number(alipay, event, "freezes", "auth_no", "out_order_no")


def _is_frozen(alipay: Alipay, out_no: str) -> bool:
    try:
        return freezes.by_out_order_no(alipay, out_no).status != "INIT"
    except LookupError:
        return False


def _capture(alipay: Alipay, event: Event) -> None:
    """CAPTURE: out_no, amount_fen, auth_no, subject[, gateway_no = trade_no]."""
    with alipay.transaction() as conn:
        freeze = freezes.find(conn, "auth_no", event["auth_no"], at=alipay.now())
        if freeze is None or freeze.payer is None:
            raise CannotReplay(f"CAPTURE {event['out_no']}: no paid freeze {event['auth_no']}")
        buyer_id = books.by_id(conn, freeze.payer).user_id
    _do(
        alipay,
        "alipay.trade.pay",
        out_trade_no=event["out_no"],
        subject=event["subject"],
        total_amount=money.yuan(event["amount_fen"]),
        product_code=freeze.product_code,
        auth_no=event["auth_no"],
        buyer_id=buyer_id,
    )
    _number(alipay, event, "trades", "trade_no", "out_trade_no")


def _unfreeze(alipay: Alipay, event: Event) -> None:
    """UNFREEZE: out_no, amount_fen, auth_no[, remark, gateway_no = operation_id]."""
    _do(
        alipay,
        "alipay.fund.auth.order.unfreeze",
        auth_no=event["auth_no"],
        out_request_no=event["out_no"],
        amount=money.yuan(event["amount_fen"]),
        remark=event.get("remark", "Release"),
    )
    _number(alipay, event, "freeze_operations", "operation_id", "out_request_no")


def _refund(alipay: Alipay, event: Event) -> None:
    """REFUND: out_no, amount_fen, capture_out_no."""
    _do(
        alipay,
        "alipay.trade.refund",
        out_trade_no=event["capture_out_no"],
        out_request_no=event["out_no"],
        refund_amount=money.yuan(event["amount_fen"]),
    )


def _transfer(alipay: Alipay, event: Event) -> None:
    """TRANSFER: out_no, amount_fen, logon_id, name, title[, gateway_no = order_id]."""
    _do(
        alipay,
        "alipay.fund.trans.uni.transfer",
        out_biz_no=event["out_no"],
        trans_amount=money.yuan(event["amount_fen"]),
        product_code="TRANS_ACCOUNT_NO_PWD",
        biz_scene="DIRECT_TRANSFER",
        order_title=event["title"],
        payee_info={
            "identity": event["logon_id"],
            "identity_type": "ALIPAY_LOGON_ID",
            "name": event["name"],
        },
    )
    _number(alipay, event, "transfers", "order_id", "out_biz_no")


_KINDS: dict[str, Callable[[Alipay, Event], None]] = {
    "FREEZE": _freeze,
    "CAPTURE": _capture,
    "UNFREEZE": _unfreeze,
    "REFUND": _refund,
    "TRANSFER": _transfer,
}


def _number(alipay: Alipay, event: Event, table: str, column: str, own: str) -> None:
    """Give the row the number that the other side already knows it by."""
    if "gateway_no" in event:
        _rename(alipay, table, column, event["gateway_no"], own, event["out_no"])


def _rename(alipay: Alipay, table: str, column: str, value: str, own: str, out_no: str) -> None:
    with alipay.transaction() as conn:
        conn.execute(
            sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
                sql.Identifier(table), sql.Identifier(column), sql.Identifier(own)
            ),
            [value, out_no],
        )
