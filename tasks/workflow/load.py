"""Loading orders with their money, in the one order of locks: orders by id, then their escrows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from core.database import prepared_cursor
from settlement.models import Escrow, Operation
from tasks.models import Order
from tasks.workflow.decision import Case, Verb

FROM = """
  from tasks_order o
  join settlement_escrow e on e.order_id = o.id
  join creators_creator c on c.id = o.creator_id
"""


def lock(order_ids: Sequence[int], *, with_operation: bool = False) -> list[Case]:
    """The orders with their escrows, locked until the transaction ends; ids that do not exist are
    missing.
    """
    where, params = _these(order_ids)
    return _cases(f"{where} order by o.id for update of o, e", params, with_operation)


def lock_asked(operation_id: int, *, with_operation: bool = False) -> list[Case]:
    """All orders that a gateway operation is about, with their escrows, locked in the same way."""
    asked = "select order_id from settlement_operationorder where operation_id = %s::bigint"
    where = f" where o.id in ({asked}) order by o.id for update of o, e"
    return _cases(where, [operation_id], with_operation)


def lock_due(verb: Verb, *, at: datetime, size: int) -> list[Case]:
    """What is due for the clock's verb, oldest first, without what others hold and without what
    waits for the gateway.

    The order of locks is kept: rows that cannot be locked at once are passed over.
    """
    return _cases(*due(verb, at=at, size=size))


def due(verb: Verb, *, at: datetime, size: int) -> tuple[str, list[Any]]:
    """The condition of `lock_due` and its values: what one partial index holds, for each verb."""
    (source,) = verb.sources
    waiting = "" if verb.name == "void" else " and e.open_operation_id is null"
    only = "".join(f" and o.{column} is not null" for column in verb.due_with)
    where = (
        f" where o.state = '{source.value}' and o.{verb.due} <= %s{only}{waiting}"
        f" order by o.{verb.due}, o.id limit %s for update of o, e skip locked"
    )
    return where, [at, size]


def look(order_ids: Sequence[int], *, with_operation: bool = False) -> list[Case]:
    """The same without a lock, for a preview."""
    where, params = _these(order_ids)
    return _cases(f"{where} order by o.id", params, with_operation)


def _these(order_ids: Sequence[int]) -> tuple[str, list[Any]]:
    """A single order is looked for by its number: that plan is the same for all of them and kept,
    while the plan for a list depends on how long it is.
    """
    if len(order_ids) == 1:
        return " where o.id = %s::bigint", [order_ids[0]]
    return " where o.id = any(%s::bigint[])", [list(order_ids)]


def _cases(where: str, params: list[Any], with_operation: bool = False) -> list[Case]:
    with prepared_cursor() as cursor:
        cursor.execute(_select() + where, params)
        rows = cursor.fetchall()
    cut = len(fields(Order))
    cases = [_case(row[:cut], row[cut:-1], row[-1]) for row in rows]
    if with_operation:
        _add_operations(cases)
    return cases


def _case(
    order_row: tuple[Any, ...], escrow_row: tuple[Any, ...], payout_account_id: int | None
) -> Case:
    order = Order.from_db("default", fields(Order), order_row)
    escrow = Escrow.from_db("default", fields(Escrow), escrow_row)
    return Case(
        order,
        escrow,
        payout_account_id,
        order_was=order.__dict__.copy(),
        escrow_was=escrow.__dict__.copy(),
    )


def _add_operations(cases: Iterable[Case]) -> None:
    """The open operations, locked after the escrows."""
    ids = {case.escrow.open_operation_id for case in cases}
    operations = (
        {
            operation.pk: operation
            for operation in Operation.objects.select_for_update()
            .filter(pk__in=[pk for pk in ids if pk is not None])
            .order_by("pk")
        }
        if connection.in_atomic_block
        else Operation.objects.in_bulk([pk for pk in ids if pk])
    )
    for case in cases:
        if case.escrow.open_operation_id is not None:
            case.operation = operations[case.escrow.open_operation_id]


@cache
def _select() -> str:
    columns = [f"o.{field.column}" for field in _concrete(Order)]
    columns += [f"e.{field.column}" for field in _concrete(Escrow)]
    return f"select {', '.join(columns)}, c.payout_account_id {FROM}"


@cache
def fields(model: type[Model]) -> list[str]:
    """The attributes of a model that are columns, in the order in which they are loaded."""
    return [field.attname for field in _concrete(model)]


def _concrete(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.concrete_fields)
