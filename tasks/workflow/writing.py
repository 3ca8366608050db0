"""The one statement that writes what a set of decisions changes: operations, orders, escrows,
transfers, events and messages, whatever the size of the set.

Each table's rows travel as one JSON document, which PostgreSQL takes apart. For one order that is
half the work of an array per column; and of orders and escrows only the columns that were changed
are named.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model

from core.database import prepared_cursor
from settlement.models import Escrow, Operation, OperationOrder, Transfer
from tasks.models import Order, OrderEvent, Outbox, Side
from tasks.workflow.decision import Actor

Row = dict[str, Any]
# The columns that the rows of one table have.
Shape = tuple[tuple[type[Model], tuple[str, ...]], ...]

# Two columns that no table has: the number of the operation that is inserted by this statement.
SHARE_OF, ASKS = "out_no", "open_no"
EXTRA = {SHARE_OF: "text", ASKS: "text"}
ALIASES: dict[type[Model], str] = {
    Operation: "p",  # first: shares and escrows point to the operations
    OperationOrder: "s",
    Order: "o",
    Escrow: "e",
    Transfer: "t",
    OrderEvent: "v",
    Outbox: "m",
}


def write(rows: Mapping[type[Model], Sequence[Row]]) -> None:
    """Insert or change these rows. Those of one table all have the same columns; orders and escrows
    have their key and what has changed.
    """
    shape = tuple((model, tuple(rows[model][0])) for model in ALIASES if rows.get(model))
    if shape:
        documents = [_document(rows[model]) for model, _ in shape]
        with prepared_cursor() as cursor:
            cursor.execute(_statement(shape), documents)


def event(order: Order, *, verb: str, source: str, at: datetime, by: Actor) -> Row:
    """The event that tells of a step of an order, which is in its new state: without money."""
    return {
        "order_id": order.pk,
        "at": at,
        "verb": verb,
        "source": source,
        "target": order.state,
        "role": by.role.value,
        "by_id": by.user_id,
        "money": [],
        "note": "",
    }


def message(order: Order, side: Side, kind: str, *, at: datetime) -> Row:
    """Somebody of the order is to be told something."""
    return {
        "order_id": order.pk,
        "kind": kind,
        "to": side.value,
        "party": order.merchant_id if side == Side.MERCHANT else order.creator_id,
        "at": at,
        "next_at": at,
        "trouble": "",
    }


def _document(rows: Sequence[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> str:
    """A few dozen are in use, since each verb changes the same columns every time."""
    parts = [f"{ALIASES[model]} as ({_part(model, names)})" for model, names in shape]
    return f"with {', '.join(parts)} select 1"


def _part(model: type[Model], names: tuple[str, ...]) -> str:
    if model in (Order, Escrow):
        return _update(model, names)
    source = f"from {_rows(model, names)}"
    taken = [f"d.{_quoted(name)}" for name in names]
    if model is OperationOrder:
        names = ("operation_id", *(name for name in names if name != SHARE_OF))
        taken = ["p.id", *(f"d.{_quoted(name)}" for name in names[1:])]
        source += f" join p using ({SHARE_OF})"
    told = " returning id, out_no" if model is Operation else ""
    columns = ", ".join(map(_quoted, names))
    return f"insert into {model._meta.db_table}({columns}) select {', '.join(taken)} {source}{told}"


def _update(model: type[Model], names: tuple[str, ...]) -> str:
    key, *changed = names
    source = f"from {_rows(model, names)}"
    sets = {name: f"d.{_quoted(name)}" for name in changed if name != ASKS}
    if ASKS in changed:
        source += f" left join p on p.out_no = d.{ASKS}"
        sets["open_operation_id"] = f"coalesce(p.id, {sets['open_operation_id']})"
    assigned = ", ".join(f"{_quoted(name)} = {value}" for name, value in sets.items())
    table = model._meta.db_table
    return f"update {table} w set {assigned} {source} where w.{key} = d.{key}"  # noqa: S608 - ours


def _rows(model: type[Model], names: tuple[str, ...]) -> str:
    """The rows of a document, as a table `d`."""
    types = _types(model) | EXTRA
    columns = ", ".join(f"{_quoted(name)} {types[name]}" for name in names)
    return f"json_to_recordset(%s::json) d({columns})"


@cache
def _types(model: type[Model]) -> dict[str, str]:
    """Without their lengths: what is too long is refused by the table and never cut off."""
    types = {f.attname: f.db_type(connection) or "text" for f in model._meta.concrete_fields}
    return {name: kind.partition("(")[0] for name, kind in types.items()}


def _quoted(name: str) -> str:
    return f'"{name}"'
