"""Counting statements the same way on every side: what goes through Django's connection, savepoints
included, BEGIN and COMMIT not. Needs nothing but Django.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """How many statements were sent in this block."""
    told = {"queries": 0}

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        told["queries"] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield told
