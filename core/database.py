"""Cursors for the statements that are sent all the time."""

from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.postgresql import base

BINARY = 1
# Per connection: the forms of the engine's statements are a few dozen, and so are the questions of
# pages. What comes on top pushes the one out that was not asked for longest.
MOST_PREPARED = 300


class PreparedCursor(base.ServerBindingCursor):  # type: ignore[misc, name-defined]
    """Sends values beside the statement, and gets the answers in binary form."""

    # django-pghistory puts a statement of its own before those of cursors without a name, and two
    # statements cannot be prepared as one. So what it tracks must not be written through this one.
    name = "prepared"
    server: Any  # Django's side of the connection

    def execute(self, query: Any, params: Any = None, **told: Any) -> Any:
        done = super().execute(query, params, **told)
        if self.server.queries_logged:
            # Django looks here for what it logs; the values were sent beside the statement.
            self._query = Logged(self.server.ops.compose_sql(query, params).encode())
        return done


class Logged(NamedTuple):
    """A statement with its values."""

    query: bytes


class PlanningCursor(PreparedCursor):
    """The same, but the server plans each statement for its very values."""

    def execute(self, query: Any, params: Any = None, **told: Any) -> Any:
        return super().execute(query, params, **{**told, "prepare": False})


def prepared_cursor() -> Any:
    """A cursor whose statements the server plans only once when they come again and again.

    Statements must say the types of their values where these do not follow from the columns. What
    is sent is counted and logged as everything else is.
    """
    return _opened(PreparedCursor)


def planning_cursor() -> Any:
    """One for statements whose best plan depends on their values."""
    return _opened(PlanningCursor)


def _opened(kind: type[Any]) -> Any:
    # The connection itself: the name that Django has for it looks for it at each step.
    server: Any = connections[DEFAULT_DB_ALIAS]
    server.close_if_health_check_failed()
    server.ensure_connection()
    server.connection.prepared_max = MOST_PREPARED
    raw = kind(server.connection)
    raw.format, raw.server = BINARY, server
    return server._prepare_cursor(raw)  # noqa: SLF001
