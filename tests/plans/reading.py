"""What the database is asked, and how it goes about it.

Each statement is run once more in the very transaction that sends it, with its own values, so that
the rows are counted that it looks at.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from tests.plans.world import BIG

# So many rows of one big table, and no more than half of them, may one statement look at: more than
# a page or a batch needs, less than a whole table has.
MOST_ROWS = 5_000

Plan = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    """One statement, who sent it, and how it is carried out."""

    source: str
    sql: str
    plan: Plan

    def nodes(self) -> Iterator[Plan]:
        return _nodes(self.plan)

    def indexes(self) -> Iterator[str]:
        """The indexes that find or order something. Those that were only walked along to count a
        whole table are none, whichever of them it was; a partial one has found by its condition.
        """
        for node in self.nodes():
            yield from node.get("Conflict Arbiter Indexes", [])
            is_count = node["Node Type"] == "Index Only Scan" and "Index Cond" not in node
            if "Index Name" in node and not is_count:
                yield node["Index Name"]

    def faults(self, sizes: dict[str, int]) -> Iterator[str]:
        """Where it reads more of a big table than it needs; `sizes` is how many rows each has."""
        for node in self.nodes():
            table, rows = node.get("Relation Name", ""), rows_read(node)
            if table not in BIG or not rows:
                continue
            if node["Node Type"] == "Seq Scan":
                yield f"{table} from end to end"
            elif rows > min(MOST_ROWS, sizes[table] // 2):
                yield f"{rows} rows of {table}"


def rows_read(node: Plan) -> int:
    """What a node looked at, thrown away or not."""
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    rows = node.get("Actual Rows", 0) + sum(node.get(name, 0) for name in removed)
    return int(rows * node.get("Actual Loops", 0))


def _nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


@dataclass
class Reader:
    """Collects what is sent while it listens, each statement once, and counts all of them."""

    explains: bool = True
    found: list[Statement] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    source: str = ""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def listens(self, source: str) -> Iterator[None]:
        self.source = source
        self.counts[source] = 0
        with connection.execute_wrapper(self):
            yield

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.counts[self.source] += 1
        if self.explains and not many and (prefix := explained(sql)):
            key = (sql, repr(params))
            if key not in self._seen:
                self._seen.add(key)
                self.found.append(Statement(self.source, sql, _explain(prefix, sql, params)))
        return execute(sql, params, many, context)


def explained(sql: str) -> str:
    """How a statement is asked for its plan; "" for what has none."""
    word = sql.lstrip().upper()
    if word.startswith(("SELECT", "(SELECT", "WITH", "UPDATE", "DELETE")) and "NEXTVAL" not in word:
        return "explain (analyze, timing off, format json) "
    return "explain (format json) " if "ON CONFLICT" in word else ""


def _explain(prefix: str, sql: str, params: Any) -> Plan:
    """What the statement does on the way is undone: it is sent again in earnest."""
    with connection.connection.cursor() as cursor:
        cursor.execute("savepoint explained")
        cursor.execute(prefix + sql, params)
        told = cursor.fetchone()[0]
        cursor.execute("rollback to savepoint explained")
    plan: Plan = (told if isinstance(told, list) else json.loads(told))[0]["Plan"]
    return plan


@dataclass(frozen=True)
class Index:
    """One index of one of our own tables, as the database knows it."""

    name: str
    table: str
    columns: tuple[str, ...]
    is_unique: bool
    is_partial: bool
    bytes: int

    @classmethod
    def all(cls) -> "list[Index]":
        with connection.cursor() as cursor:
            cursor.execute(INDEXES)
            return [
                cls(name, table, tuple(columns), unique, partial, size)
                for name, table, columns, unique, partial, size in cursor.fetchall()
            ]

    def begins(self, other: "Index") -> bool:
        """Whether whatever this one finds is found by the other one as well."""
        return (
            self.table == other.table
            and self.name != other.name
            and not (self.is_unique or self.is_partial or other.is_partial)
            and other.columns[: len(self.columns)] == self.columns
        )


# The columns with their operators' class and order, in words.
INDEXES = """
select c.relname, t.relname,
  array(select split_part(pg_get_indexdef(i.indexrelid, n, true), ' ', 1) || i.indclass[n - 1]::text
    from generate_series(1, i.indnkeyatts) n),
  i.indisunique, i.indpred is not null, pg_relation_size(c.oid)
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
  join pg_namespace s on s.oid = t.relnamespace
where s.nspname = 'public'
  and t.relname ~ '^(accounts|core|creators|merchants|policy|reads|settlement|tasks)_'
order by 2, 1
"""
