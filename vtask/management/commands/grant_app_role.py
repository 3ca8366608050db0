"""The database role of the running site: it may add to the books, and never change them."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, models, transaction
from psycopg import sql

# Where apps name the tables that only grow: models or table names in APPEND_ONLY.
APPS_WITH_BOOKS = ("policy", "settlement", "tasks")


def append_only_tables() -> list[str]:
    """The tables of all apps to which rows are added and never changed."""
    modules = [import_module(f"{app}.models") for app in APPS_WITH_BOOKS if find_spec(app)]
    named = [entry for module in modules for entry in getattr(module, "APPEND_ONLY", ())]
    return [_table(entry) for entry in named]


def _table(entry: str | type[models.Model]) -> str:
    return entry if isinstance(entry, str) else entry._meta.db_table


class Command(BaseCommand):
    help = "Makes the role and grants it what the site needs, and no more. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default="vtask_app")

    def handle(self, *_args: Any, role: str, **_options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            statements = [] if cursor.fetchone() else [_of("CREATE ROLE {} NOLOGIN", role)]
            for statement in [*statements, *_grants(role)]:
                cursor.execute(statement.as_string(cursor.connection))


def _grants(role: str) -> list[sql.Composed]:
    growing = sql.SQL(", ").join(sql.Identifier(table) for table in append_only_tables())
    grants = [
        # Who connects may take on the role.
        _of("GRANT {} TO CURRENT_USER", role),
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC") + sql.SQL(""),
        _of("GRANT USAGE ON SCHEMA public TO {}", role),
        _of("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}", role),
        _of("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}", role),
        _of("REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {}", role),
    ]
    if append_only_tables():
        only_grow = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}")
        grants.append(only_grow.format(growing, sql.Identifier(role)))
    return grants


def _of(text: str, role: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(role))
