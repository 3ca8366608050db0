"""The role that the running site has in the database."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from vtask.management.commands.grant_app_role import append_only_tables

pytestmark = pytest.mark.django_db


def role() -> str:
    """Roles are the whole server's, so each parallel run of the tests has its own."""
    return f"app_of_{connection.settings_dict['NAME']}"


@pytest.fixture(autouse=True)
def _role() -> None:
    call_command("grant_app_role", role=role())


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role()}")
        cursor.execute(statement)
        cursor.execute("RESET ROLE")


def test_the_books_only_grow() -> None:
    assert append_only_tables()
    for table in append_only_tables():
        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                run(change)


def test_the_books_can_be_read() -> None:
    for table in append_only_tables():
        run(f"SELECT 1 FROM {table}")


def test_ordinary_tables_can_be_changed() -> None:
    run("UPDATE accounts_user SET name = name")
    run("DELETE FROM accounts_user")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE accounts_user CASCADE",
        "DROP TABLE accounts_user CASCADE",
        "CREATE TABLE extra (id int)",
        "ALTER TABLE accounts_user DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
    ],
)
def test_the_site_cannot_change_how_the_tables_are_made(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        run(statement)


def test_it_may_be_granted_again() -> None:
    call_command("grant_app_role", role=role())

    run("SELECT 1 FROM accounts_user")
