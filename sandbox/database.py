"""The database of the local Alipay: made when missing, its schema applied at every start."""

from importlib import resources
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[tuple[Any, ...]]
Pool = ConnectionPool[Connection]

# Two processes that start together must not run the same DDL at once.
_SCHEMA_LOCK = 0x416C6970


def create_if_missing(url: str) -> None:
    """Create the database through the maintenance database `postgres`."""
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as conn:
        known = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            _create(conn, name)


def _create(conn: Connection, name: str) -> None:
    try:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return  # somebody else made it between the look and the statement


def apply_schema(url: str) -> None:
    """Apply schema.sql; repeating it changes nothing."""
    text = resources.files(__package__).joinpath("schema.sql").read_bytes()
    with psycopg.connect(url) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
        conn.execute("SET LOCAL client_min_messages = warning")
        conn.execute(text)


def open_pool(url: str) -> Pool:
    """Open a small pool; READ COMMITTED with row locks is all that is needed."""
    create_if_missing(url)
    apply_schema(url)
    return ConnectionPool(url, min_size=1, max_size=12, open=True, timeout=20)


def lock_id(conn: Connection, *parts: str) -> None:
    """Let requests that carry the same id wait for each other until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["|".join(parts)])


def serial(conn: Connection) -> int:
    """Return a number that was never given before."""
    row = conn.execute("SELECT nextval('serial_numbers')").fetchone()
    assert row is not None
    return int(row[0])
