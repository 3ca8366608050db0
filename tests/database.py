"""How a test that really commits cleans up: everything goes but what migrations put there.

The triggers refuse to empty the append-only tables, so they are switched off for the moment of the
flush; and domains, channels and permissions stay, as they would in production.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "creators_domain",
    "creators_channel",
}

_sql_flush = DatabaseOperations.sql_flush


def _flush_what_tests_write(
    self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any
) -> list[str]:
    statements = _sql_flush(self, style, [t for t in tables if t not in KEPT], **options)
    return [
        "SET session_replication_role = replica",
        *statements,
        "SET session_replication_role = origin",
    ]


def _drop_it_whoever_looks(self: Any, test_database_name: str, verbosity: int) -> None:
    """After the last test: a thread of a browser's server may still hold a connection."""
    self.connection.close_pool()
    name = self.connection.ops.quote_name(test_database_name)
    with self._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def install() -> None:
    DatabaseOperations.sql_flush = _flush_what_tests_write  # type: ignore[method-assign, assignment]
    DatabaseCreation._destroy_test_db = _drop_it_whoever_looks  # type: ignore[attr-defined]
