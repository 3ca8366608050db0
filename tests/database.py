"""How a test that really commits cleans up: everything goes but what migrations put there.

The triggers refuse to empty the append-only tables, so they are switched off for the moment of the
flush; and domains, channels and permissions stay, as they would in production.
"""

from collections.abc import Sequence
from typing import Any

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


def install() -> None:
    DatabaseOperations.sql_flush = _flush_what_tests_write  # type: ignore[method-assign, assignment]
