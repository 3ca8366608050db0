"""A cursor for the few statements that are sent all the time."""

from typing import Any

from django.db import connection
from django.db.backends.postgresql import base

BINARY = 1


def prepared_cursor() -> Any:
    """A cursor that sends its values beside the statement, so that the server plans a statement
    that comes again and again only once, and that gets its answers in binary form.

    Statements must say the types of their values where these do not follow from the columns. What
    is sent is counted and logged as everything else is.
    """
    server: Any = connection
    server.ensure_connection()
    raw = base.ServerBindingCursor(server.connection)  # type: ignore[attr-defined]
    raw.format = BINARY
    return server._prepare_cursor(raw)  # noqa: SLF001
