"""Queries that Django puts together once.

To turn a query into SQL costs more than the database needs to answer it. A page asks the same few
each time, only with other numbers in them; so their SQL is kept, and the numbers are put in.
"""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

# What stands for the values while the SQL is made; no query of ours names them by accident.
NUMBER = 7_310_054_862_917
INSTANT = datetime(1, 1, 2, tzinfo=UTC)

MOST = 2**63  # what a column of numbers does not hold

Value = int | datetime
NOWHERE: dict[type, Value] = {int: -1, datetime: INSTANT - timedelta(days=1)}
Row = TypeVar("Row")


def kept(make: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
    """`make(*values, **shape)` as a function that gives its rows. `values` are numbers and
    instants, which must not decide how the query looks; what does is told by name, as `shape`.

    >>> of_merchant = kept(lambda merchant_id: Task.objects.filter(merchant=merchant_id))
    >>> of_merchant(7)
    """

    @cache
    def made(kinds: tuple[type, ...], **shape: Any) -> tuple[Any, Any, str, tuple[Any, ...]]:
        rows: Any = make(*map(_standing_for, range(len(kinds)), kinds), **shape)
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        for n, kind in enumerate(kinds):
            stands = _standing_for(n, kind)
            if not any(_placed(param, {stands: NOWHERE[kind]}) != param for param in params):
                raise ValueError(f"value {n} is not among the parameters of {sql}")
        return rows, compiler, sql, params

    def asked(*values: Value, **shape: Any) -> list[Row]:
        if any(isinstance(value, int) and abs(value) >= MOST for value in values):
            return []  # an address may have any number in it; no row has
        kinds = tuple(type(value) for value in values)
        rows, compiler, sql, params = made(kinds, **shape)
        placed = {_standing_for(n, kind): values[n] for n, kind in enumerate(kinds)}
        # A copy for this thread's connection, that answers with the SQL that is known.
        now = copy.copy(compiler)
        now.connection = connection
        told = sql, tuple([_placed(param, placed) for param in params])
        now.as_sql = lambda *_args, **_told: told
        found = rows.all()
        found.query.get_compiler = lambda *_args, **_told: now
        return list(found)

    return asked


def _standing_for(n: int, kind: type) -> Value:
    return INSTANT + timedelta(days=n) if kind is datetime else NUMBER + n


def _placed(param: Any, placed: dict[Value, Value]) -> Any:
    """The value in its place; a name that is made of a number (`merchant:7`) has it inside."""
    if isinstance(param, str):
        for stands, value in placed.items():
            if isinstance(stands, int) and str(stands) in param:
                return param.replace(str(stands), str(value))
    elif isinstance(param, int | datetime) and param in placed:
        # Numbers come in the types of their columns.
        kind: Any = type(param)
        return kind(placed[param]) if isinstance(param, int) else placed[param]
    return param
