"""Queries that Django puts together once.

To turn a query into SQL costs more than the database needs to answer it. A page asks the same few
each time, only with other numbers in them; so their SQL is kept, and the numbers are put in. Where
the way to the rows is the same whoever asks, the server keeps its plan as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql

from core.database import planning_cursor, prepared_cursor

# What stands for the values while the SQL is made; no query of ours names them by accident.
NUMBER = 7_310_054_862_917
INSTANT = datetime(1, 1, 2, tzinfo=UTC)
DAY = date(1, 1, 2)

MOST = 2**63  # what a column of numbers does not hold

Value = int | datetime | date | tuple[int, ...]
NOWHERE: dict[type, Value] = {
    int: -1,
    tuple: (-1,),
    datetime: INSTANT - timedelta(days=1),
    date: DAY - timedelta(days=1),
}
Row = TypeVar("Row")


def kept(make: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
    """`make(*values, **shape)` as a function that gives its rows. `values` are numbers,
    instants, days, and tuples of numbers of which one is to fit (`__in`), which must not decide how
    the query looks; what does is told by name, as `shape`.

    >>> of_merchant = kept(lambda merchant_id: Task.objects.filter(merchant=merchant_id))
    >>> of_merchant(7)
    """
    return _keeping(make, planning_cursor)


def prepared(make: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
    """The same for a query that the server plans once for all values. Not for one whose best plan
    depends on how many rows there are, as of a list that is ordered and cut off.
    """
    return _keeping(make, prepared_cursor)


def again(rows: QuerySet[Any, Row]) -> list[Row]:
    """The rows of a query that is made anew each time, as that of a list which can be filtered. All
    its values stand in it, so the server keeps the plan of one that comes again word by word.
    """
    try:
        return _made(rows, ()).asked({}, prepared_cursor)
    except EmptyResultSet:
        return []


def _keeping(
    make: Callable[..., QuerySet[Any, Row]], cursor: Callable[[], Any]
) -> Callable[..., list[Row]]:
    @cache
    def made(kinds: tuple[type, ...], **shape: Any) -> "Made":
        stand = map(_standing_for, range(len(kinds)), kinds)
        values = [(one,) if kind is tuple else one for one, kind in zip(stand, kinds, strict=True)]
        return _made(make(*values, **shape), kinds)

    def asked(*values: Value, **shape: Any) -> list[Row]:
        if any(isinstance(value, int) and abs(value) >= MOST for value in values):
            return []  # an address may have any number in it; no row has
        kinds = tuple(type(value) for value in values)
        placed = {_standing_for(n, kind): values[n] for n, kind in enumerate(kinds)}
        return made(kinds, **shape).asked(placed, cursor)

    return asked


@dataclass(frozen=True, slots=True)
class Made:
    """A query with its SQL, and what its values become in it, by name."""

    rows: QuerySet[Any, Any]
    compiler: Any
    converters: dict[int, Any]
    sql: str
    values: dict[str, Any]

    def asked(self, placed: dict[Value, Value], opened: Callable[[], Any]) -> list[Any]:
        with opened() as cursor:
            values = {name: _placed(value, placed) for name, value in self.values.items()}
            cursor.execute(self.sql, values)
            answer = Answer(self, cursor.fetchall())
        found: Any = self.rows.all()
        found.query.get_compiler = lambda *_args, **_told: answer
        return list(found)


def _made(rows: Any, kinds: tuple[type, ...]) -> Made:
    compiler = rows.query.get_compiler(connection=connection)
    text, params = compiler.as_sql()
    for n, kind in enumerate(kinds):
        stands = _standing_for(n, kind)
        if not any(_placed(param, {stands: NOWHERE[kind]}) != param for param in params):
            raise ValueError(f"value {n} is not among the parameters of {text}")
    placed = {_standing_for(n, kind): NOWHERE[kind] for n, kind in enumerate(kinds)}
    values: dict[str, Any] = {}
    written = [_written(param, placed, values) for param in params]
    columns = [column for column, *_more in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    told = text.replace("%%", "%%%%") % tuple(written)
    for name, param in values.items():
        if isinstance(_placed(param, placed), list):
            told = _any_of(told, name)
    return Made(rows, compiler, converters, told, values)


def _any_of(text: str, name: str) -> str:
    """A list of numbers is one value, however many they are."""
    one_of, any_of = f"IN (%({name})s)", f"= ANY(%({name})s)"
    if text.count(f"%({name})s") != text.count(one_of):
        raise ValueError(f"some numbers are not looked for with __in: {text}")
    return text.replace(one_of, any_of)


def _written(param: Any, placed: dict[Value, Value], values: dict[str, Any]) -> str:
    """A value by its name, the same one each time it comes; all else as it is, for the plan."""
    if _placed(param, placed) == param:
        return sql.quote(param, connection.connection).replace("%", "%%")
    for name, value in values.items():
        if (type(value), value) == (type(param), param):
            return f"%({name})s"
    name = f"value_{len(values)}"
    values[name] = param
    return f"%({name})s"


class Answer:
    """In place of the compiler of a query, with the rows that have come."""

    def __init__(self, made: Made, rows: list[Any]) -> None:
        self.compiler, self.converters, self.rows = made.compiler, made.converters, rows
        self.select, self.klass_info = made.compiler.select, made.compiler.klass_info
        self.annotation_col_map = made.compiler.annotation_col_map

    def execute_sql(self, **_told: Any) -> list[Any]:
        return self.rows

    def results_iter(
        self, _results: Any = None, *, tuple_expected: bool = False, **_told: Any
    ) -> Iterator[Any]:
        if not self.converters:
            return iter(self.rows)
        converted: Iterator[Any] = self.compiler.apply_converters(self.rows, self.converters)
        return map(tuple, converted) if tuple_expected else converted


def _standing_for(n: int, kind: type) -> Value:
    if kind in (int, tuple):
        return NUMBER + n
    return (INSTANT if kind is datetime else DAY) + timedelta(days=n)


def _placed(param: Any, placed: dict[Value, Value]) -> Any:
    """The value in its place; a name that is made of a number (`merchant:7`) has it inside."""
    if isinstance(param, str):
        for stands, value in placed.items():
            if isinstance(stands, int) and str(stands) in param:
                return param.replace(str(stands), str(value))
    elif isinstance(param, int | date) and param in placed:
        # Numbers come in the types of their columns.
        kind: Any = type(param)
        value = placed[param]
        if isinstance(value, tuple):
            return [kind(one) for one in value]
        return kind(value) if isinstance(param, int) else value
    return param
