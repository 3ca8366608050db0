"""Everything that a set of decisions changes, written in a handful of statements whatever the size
of the set.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Field, Model

from settlement import ledger, operations
from settlement.kinds import Kind
from settlement.models import Escrow
from settlement.out_no import out_no
from tasks.models import Order, Side
from tasks.workflow.decision import Actor, Ask, Case, Decision, OnlyTogether, Verb

NEVER_CHANGED = {
    "id",
    "task_id",
    "merchant_id",
    "creator_id",
    "sent_at",
    "order_id",
    "open_operation_id",
}


@dataclass(slots=True)
class Drafted:
    """An operation to insert; a freeze gathers several orders."""

    out_no: str
    ask: Ask
    merchant_id: int
    shares: list[tuple[int, int]] = field(default_factory=list)

    @property
    def amount_fen(self) -> int:
        return sum(amount for _, amount in self.shares)


class Batch:
    """Collects decisions, then writes them all. Lives for one transaction."""

    def __init__(
        self,
        verb: Verb,
        *,
        at: datetime,
        by: Actor,
        token: str = "",
        ends: operations.End | None = None,
    ) -> None:
        self.verb, self.at, self.by, self.token, self.ends = verb, at, by, token, ends
        self.rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.drafted: dict[str, Drafted] = {}
        self.records: defaultdict[type[Model], list[Model]] = defaultdict(list)
        self.ended: defaultdict[tuple[int, str], int] = defaultdict(int)  # how many orders it had

    @property
    def asks_the_gateway(self) -> bool:
        return bool(self.drafted)

    def add(self, case: Case, decision: Decision, source: str) -> None:
        """Take in what was decided for one order that was in the state `source`."""
        order, escrow = case.order, case.escrow
        number = self._draft(case, decision.ask) if decision.ask else ""
        self._end_operation(escrow, decision)
        lines = ledger.post(
            escrow,
            decision.moves,
            payee=order.payee,
            at=self.at,
            asked=number,
            answered=decision.answers or (self.ends.out_no if self.ends else ""),
        )
        self.rows["transfer"] += [(*_transfer_row(line), digest) for line, digest in lines]
        self.rows["order"].append(tuple(getattr(order, name) for name in _changing(Order)))
        self.rows["escrow"].append(
            (
                *(getattr(escrow, name) for name in _changing(Escrow)),
                escrow.open_operation_id,
                number,
            )
        )
        money = [[line.code, line.debit, line.credit, line.amount_fen] for line, _ in lines]
        self.rows["event"].append(self._event(order, decision, source, money))
        self.rows["outbox"] += [
            (order.pk, kind, side.value, _party(order, side), self.at)
            for side, kind in decision.tell
        ]
        for record in decision.records:
            self.records[type(record)].append(record)

    def _end_operation(self, escrow: Escrow, decision: Decision) -> None:
        if self.ends is not None and escrow.open_operation_id == self.ends.operation_id:
            escrow.open_operation_id = None
        if decision.ends_operation and escrow.open_operation_id is not None:
            self.ended[escrow.open_operation_id, decision.ends_operation] += 1
            escrow.open_operation_id = None

    def _draft(self, case: Case, ask: Ask) -> str:
        """The number of the operation that this order's ask belongs to."""
        group = ask.together or f"order:{case.order.pk}"
        intent = _count_intent(case.escrow, ask.kind)
        if group not in self.drafted:
            number = _number(ask.kind, case.order.pk, intent)
            self.drafted[group] = Drafted(number, ask, case.order.merchant_id)
        drafted = self.drafted[group]
        drafted.shares.append((case.order.pk, ask.amount_fen))
        return drafted.out_no

    def _event(
        self, order: Order, decision: Decision, source: str, money: list[list[Any]]
    ) -> tuple[Any, ...]:
        return (
            order.pk,
            self.at,
            self.verb.name,
            source,
            order.state,
            self.by.role.value,
            self.by.user_id,
            json.dumps(money),
            decision.note[:500],
            json.dumps(terms_of(order)) if decision.with_terms else None,
            f"{self.token}:{order.pk}" if self.token else None,
        )

    def write(self) -> None:
        """One statement for orders, escrows, transfers, operations, events and messages; one more
        per kind of record. Raises `OnlyTogether`, with nothing written.
        """
        if not self.rows["order"] and self.ends is None:
            return
        for drafted in self.drafted.values():
            self.rows["operation"].append(self._operation(drafted))
            self.rows["share"] += [(drafted.out_no, *share) for share in drafted.shares]
        # An operation must be closed before the next one of its order is opened.
        if self.ends is not None:
            operations.close(self.ends, at=self.at)
        for (operation_id, state), orders in self.ended.items():
            if not operations.end(operation_id, state, orders=orders, at=self.at):
                raise OnlyTogether
        sql, widths = _statement()
        params: list[list[Any]] = []
        for name, width in widths:
            params += _columns(self.rows[name], width)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        for model, records in self.records.items():
            model._default_manager.bulk_create(records)  # noqa: SLF001

    def _operation(self, drafted: Drafted) -> tuple[Any, ...]:
        ask = drafted.ask
        request = dict(ask.request)
        if ask.kind == Kind.REFUND:
            request["capture_out_no"] = _number(Kind.CAPTURE, drafted.shares[0][0], 1)
        if ask.payout_account_id is not None:
            request["payout_account"] = ask.payout_account_id
        return (
            str(ask.kind),
            drafted.out_no,
            drafted.amount_fen,
            json.dumps(request),
            ask.payout_account_id,
            drafted.merchant_id,
            self.at,
            ask.expires_at,
        )


def terms_of(order: Order) -> dict[str, Any]:
    """The terms that an order was paid under, as its event keeps them (N2)."""
    return {
        "price_fen": order.price_fen,
        "auto_confirm_days": order.auto_confirm_days,
        "fee_bps": order.fee_bps,
        "fee_fen": order.fee_fen,
        "tax_fen": order.tax_fen,
        "net_fen": order.net_fen,
        "payee": order.payee,
    }


def _number(kind: str, order_id: int, intent: int) -> str:
    return out_no(kind, f"order:{order_id}", intent, secret=settings.ALIPAY_OUT_NO_SECRET.encode())


def _count_intent(escrow: Escrow, kind: str) -> int:
    """The how-manieth intent of its kind for the order this is; the number is derived from it."""
    if kind == Kind.FREEZE:
        escrow.freezes += 1
        return escrow.freezes
    if kind == Kind.CANCEL_FREEZE:
        return escrow.freezes
    if kind == Kind.TRANSFER:
        escrow.payouts += 1
        return escrow.payouts
    if kind in (Kind.UNFREEZE, Kind.REFUND):
        escrow.returns += 1
        return escrow.returns
    return 1


def _party(order: Order, side: Side) -> int:
    return order.merchant_id if side == Side.MERCHANT else order.creator_id


def _transfer_row(line: Any) -> tuple[Any, ...]:
    return (
        line.order_id,
        line.seq,
        line.code,
        line.debit,
        line.credit,
        line.amount_fen,
        line.debit_party,
        line.credit_party,
        line.operation,
        line.at,
        line.key,
    )


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    if not rows:
        return [[] for _ in range(width)]
    return [list(column) for column in zip(*rows, strict=True)]


@cache
def _changing(model: type[Model]) -> tuple[str, ...]:
    """The key of a model and the columns that the engine may change."""
    fields = model._meta.concrete_fields
    key = model._meta.pk
    assert key is not None
    return (key.attname, *(f.attname for f in fields if f.attname not in NEVER_CHANGED))


def _types(model: type[Model], names: tuple[str, ...]) -> list[str]:
    found: dict[str, Field[Any, Any]] = {f.attname: f for f in model._meta.concrete_fields}
    return [_array_type(found[name]) for name in names]


def _array_type(model_field: Field[Any, Any]) -> str:
    column_type = (model_field.db_type(connection) or "text").split("(")[0]
    return {"varchar": "text", "serial": "integer", "bigserial": "bigint"}.get(
        column_type, column_type
    )


TRANSFER = {
    "order_id": "bigint", "seq": "integer", "code": "text", "debit": "text", "credit": "text",
    "amount_fen": "bigint", "debit_party": "text", "credit_party": "text", "operation": "text",
    "at": "timestamptz", "key": "text", "hash": "text",
}  # fmt: skip
EVENT = {
    "order_id": "bigint", "at": "timestamptz", "verb": "text", "source": "text", "target": "text",
    "role": "text", "by_id": "bigint", "money": "jsonb", "note": "text", "terms": "jsonb",
    "token": "text",
}  # fmt: skip
OUTBOX = {
    "order_id": "bigint", "kind": "text", "to": "text", "party": "bigint", "at": "timestamptz",
}  # fmt: skip
OPERATION = {
    "kind": "text", "out_no": "text", "amount_fen": "bigint", "request": "jsonb",
    "payout_account_id": "bigint", "merchant_id": "bigint", "created_at": "timestamptz",
    "expires_at": "timestamptz",
}  # fmt: skip
SHARE = {"out_no": "text", "order_id": "bigint", "amount_fen": "bigint"}


@cache
def _statement() -> tuple[str, list[tuple[str, int]]]:
    """The one writing statement, and how many columns each part of it takes."""
    orders, escrows = _changing(Order), _changing(Escrow)
    order_types = dict(zip(orders, _types(Order, orders), strict=True))
    escrow_types = dict(zip(escrows, _types(Escrow, escrows), strict=True))
    escrow_types |= {"open_id": "bigint", "open_no": "text"}
    sql = f"""with
 p as (insert into settlement_operation({_names(OPERATION)}, owner, state, next_at, asks, sends,
         code_url, gateway_no, payer, trouble)
       select d.*, 'orders', 'READY', d.created_at, 0, 0, '', '', '', ''
       from {_unnest(OPERATION)}
       returning id, out_no),
 s as (insert into settlement_operationorder(operation_id, order_id, amount_fen)
       select p.id, d.order_id, d.amount_fen from {_unnest(SHARE)} join p using (out_no)),
 o as (update tasks_order t set {_sets(orders[1:])}
       from {_unnest(order_types)} where t.id = d.id),
 e as (update settlement_escrow t
       set {_sets(escrows[1:])}, open_operation_id = coalesce(p.id, d.open_id)
       from {_unnest(escrow_types)} left join p on p.out_no = d.open_no
       where t.order_id = d.order_id),
 t as (insert into settlement_transfer({_names(TRANSFER)}) select * from {_unnest(TRANSFER)}),
 v as (insert into tasks_orderevent({_names(EVENT)}) select * from {_unnest(EVENT)})
insert into tasks_outbox({_names(OUTBOX)}, next_at, trouble)
select d.*, d.at, '' from {_unnest(OUTBOX)}"""  # noqa: S608 - names of our own columns
    parts = [
        ("operation", OPERATION), ("share", SHARE), ("order", order_types),
        ("escrow", escrow_types), ("transfer", TRANSFER), ("event", EVENT), ("outbox", OUTBOX),
    ]  # fmt: skip
    return sql, [(name, len(columns)) for name, columns in parts]


def _names(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _sets(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}" = d."{name}"' for name in names)


def _unnest(columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    return f"unnest({arrays}) d({_names(columns)})"
