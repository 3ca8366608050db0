"""The big world is filled and walked through once; what was seen there is what the tests judge."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from tests.access.world import a_world
from tests.plans import walks, world
from tests.plans.reading import Index, Reader, Statement


@dataclass(frozen=True)
class Seen:
    """What was asked of the big world, how large its tables are, and which indexes they have."""

    statements: list[Statement]
    of_rich: dict[str, int]  # how many statements each page sends to somebody with a history
    of_new: dict[str, int]  # and to somebody with the first few orders
    sizes: dict[str, int]
    indexes: list[Index]


@pytest.fixture(scope="session")
def seen(django_db_setup: None, django_db_blocker: Any) -> Seen:
    reader = Reader()
    with django_db_blocker.unblock(), world.own_database():
        sizes = {table: _count(table) for table in world.BIG}
        indexes = Index.all()
        walks.everything(reader)
        of_rich, of_new = walks.counts(walks.rich_people), walks.counts(a_world)
    return Seen(reader.found, of_rich, of_new, sizes, indexes)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return int(cursor.fetchone()[0])
