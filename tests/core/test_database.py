"""The cursor of the statements that are sent all the time."""

from datetime import UTC, datetime
from typing import Any

import pghistory
import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from core.database import MOST_PREPARED, prepared_cursor
from tasks.workflow import writing

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def plus_one(number: int) -> int:
    with prepared_cursor() as cursor:
        cursor.execute("select %s::bigint + 1 as next_number", [number])
        (found,) = cursor.fetchone()
    return int(found)


def test_a_statement_that_comes_often_is_planned_once() -> None:
    assert [plus_one(number) for number in range(12)] == list(range(1, 13))
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_prepared_statements where statement like '%%next_number'"
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_asked_over_a_connection_that_has_died() -> None:
    assert plus_one(1) == 2
    server: Any = connections[DEFAULT_DB_ALIAS]
    server.connection.close()
    server.health_check_enabled, server.health_check_done = True, False  # as of a next request
    assert plus_one(2) == 3


def test_a_connection_keeps_more_plans_than_there_are_questions() -> None:
    plus_one(1)
    server: Any = connection
    assert server.connection.prepared_max == MOST_PREPARED > 100


def test_an_instant_comes_back_as_it_went() -> None:
    with prepared_cursor() as cursor:
        cursor.execute("select %s::timestamptz", [AT])
        (found,) = cursor.fetchone()
    assert (found, found.utcoffset()) == (AT, AT.utcoffset())


def test_its_statements_are_logged_with_the_others() -> None:
    with CaptureQueriesContext(connection) as captured:
        plus_one(1)
    assert [query["sql"] for query in captured] == ["select 1::bigint + 1 as next_number"]


def test_it_can_be_used_within_a_request_whose_history_is_kept() -> None:
    with pghistory.context(user=1):
        assert [plus_one(number) for number in range(12)] == list(range(1, 13))


@pytest.mark.parametrize("model", writing.ALIASES, ids=lambda model: model.__name__)
def test_what_is_written_through_it_keeps_its_history_by_itself(model: type[Model]) -> None:
    assert not hasattr(model, "pgh_event_model")
    assert not [
        relation for relation in model._meta.related_objects if relation.name.startswith("pgh_")
    ]


def test_control_a_tracked_model_would_be_noticed() -> None:
    from merchants.models import Merchant

    assert hasattr(Merchant, "pgh_event_model")
