"""The sums, read by day and by link, with an index whatever there is of them."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reads import queries
from reads.models import ReadDay
from reads.queries import Reads

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V60")]

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def a_day(
    owner: int, *, kind: str = "d", number: int = 1, day: date = MONDAY, reads: Reads
) -> None:
    ReadDay.objects.create(
        owner=owner,
        kind=kind,
        number=number,
        day=day,
        visits=reads.visits,
        visitors=reads.visitors,
    )


def test_every_day_of_the_span_is_there_with_or_without_reads() -> None:
    a_day(1, reads=Reads(5, 3))
    a_day(1, number=2, reads=Reads(1, 1))
    a_day(2, day=MONDAY + 2 * DAY, reads=Reads(4, 4))
    a_day(1, kind="p", reads=Reads(90, 90))
    a_day(3, reads=Reads(90, 90))
    a_day(1, day=MONDAY - 2 * DAY, reads=Reads(90, 90))
    found = queries.per_day([1, 2], "d", since=MONDAY - DAY, until=MONDAY + 2 * DAY)
    assert found == [
        (MONDAY - DAY, 0, 0),
        (MONDAY, 6, 4),
        (MONDAY + DAY, 0, 0),
        (MONDAY + 2 * DAY, 4, 4),
    ]


def test_a_span_that_ends_before_it_begins_is_empty() -> None:
    assert queries.per_day([1], "d", since=MONDAY, until=MONDAY - DAY) == []


def test_of_a_very_long_span_the_last_days_are_given() -> None:
    found = queries.per_day([1], "d", since=MONDAY - 5000 * DAY, until=MONDAY)
    assert len(found) == queries.LONGEST_DAYS
    assert found[-1] == (MONDAY, 0, 0)


def test_the_sums_of_links_are_over_all_days() -> None:
    a_day(1, reads=Reads(5, 3))
    a_day(1, day=MONDAY + DAY, reads=Reads(2, 2))
    a_day(1, kind="p", number=9, reads=Reads(1, 1))
    a_day(2, reads=Reads(90, 90))
    assert queries.of_links([1]) == {(1, "d", 1): Reads(7, 5), (1, "p", 9): Reads(1, 1)}


@pytest.mark.parametrize(
    "read",
    [
        lambda: queries.per_day([17, 18], "d", since=MONDAY - 30 * DAY, until=MONDAY),
        lambda: queries.of_links([17, 18]),
    ],
    ids=["by day", "by link"],
)
def test_few_owners_are_found_by_the_index(read: Callable[[], object]) -> None:
    ReadDay.objects.bulk_create(
        ReadDay(owner=owner, kind="d", number=1, day=MONDAY - day * DAY, visits=1, visitors=1)
        for owner in range(200)
        for day in range(40)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze reads_readday")
        with CaptureQueriesContext(connection) as captured:
            read()
        [query] = captured.captured_queries
        cursor.execute(f"explain {query['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "read_day_once" in plan
    assert "Seq Scan" not in plan


def test_new_visits_are_found_by_the_index_among_those_added_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into reads_visit (owner, kind, number, day, device, visits, counted)"
            " select n, 'd', 1, '2026-03-02', decode(md5(n::text), 'hex'), 1, (n > 5)::int"
            " from generate_series(1, 20000) n"
        )
        cursor.execute("analyze reads_visit")
        cursor.execute("explain select id from reads_visit where counted < visits order by id")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "visit_new" in plan
