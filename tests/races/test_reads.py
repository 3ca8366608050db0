"""Two visits at once: a device stays one visitor, and no visit is summed up twice or lost (V60)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from reads import codes, counting
from reads.counting import Link
from reads.models import DaySalt, ReadDay, Visit
from tests.orders import LINK, an_order
from tests.races.racing import LONGEST_S, Runner, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("V60", "N20")]

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ONE = Link(owner=7, kind="d", number=1)


def visits(who: str = "anna") -> Callable[[], None]:
    def visit() -> None:
        counting.count(ONE, network="203.0.113.7", user_agent=who, at=NOON)

    return visit


def sums() -> tuple[int, int]:
    counting.roll_up()
    return ReadDay.objects.values_list("visits", "visitors").get()


def test_two_visits_of_one_device_at_once_are_one_visitor() -> None:
    assert together(*[visits()] * 6) == [None] * 6
    assert Visit.objects.count() == 1
    assert sums() == (6, 1)


def test_many_devices_at_once_write_their_own_rows() -> None:
    assert together(*[visits(f"reader {number}") for number in range(8)]) == [None] * 8
    assert sums() == (8, 8)


def test_the_first_visitors_of_a_day_agree_on_its_salt() -> None:
    together(*[visits() for _ in range(6)])
    assert DaySalt.objects.count() == 1
    assert Visit.objects.count() == 1


def test_jobs_and_visitors_at_once_neither_lose_nor_double_a_visit() -> None:
    def visit_often() -> None:
        for number in range(15):
            counting.count(ONE, network="203.0.113.7", user_agent=f"reader {number % 5}", at=NOON)

    def add_up() -> None:
        for _ in range(15):
            counting.roll_up(size=2)

    assert together(visit_often, visit_often, add_up, add_up) == [None] * 4
    while counting.roll_up():
        pass
    assert ReadDay.objects.values_list("visits", "visitors").get() == (30, 5)


@contextmanager
def somebody_holds(statement: str) -> Iterator[None]:
    """Another connection holds what the statement locks until the block ends."""
    held, over = Event(), Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            held.set()
            over.wait(LONGEST_S)

    holder = Runner(hold)
    holder.start()
    assert held.wait(LONGEST_S)
    try:
        yield
    finally:
        over.set()
        holder.join(LONGEST_S)


def test_a_job_passes_over_the_row_that_a_visitor_is_writing() -> None:
    for who in ("anna", "ben"):
        visits(who)()
    with somebody_holds(
        "select 1 from reads_visit where id = (select min(id) from reads_visit) for update"
    ):
        assert counting.roll_up() == 1
    assert counting.roll_up() == 1
    assert ReadDay.objects.values_list("visits", "visitors").get() == (2, 2)


def test_a_visitor_does_not_wait_for_a_lock() -> None:
    visits()()
    with (
        patch.object(counting, "PATIENCE_MS", 20),
        somebody_holds("lock table reads_visit in exclusive mode"),
        pytest.raises(DatabaseError, match="lock timeout"),
    ):
        visits()()
    assert sums() == (1, 1)


def test_the_reader_arrives_while_the_table_is_locked() -> None:
    order = an_order("DELIVERED")
    path = f"/r/{codes.encode('d', order.deliveries.get().pk)}/"
    answers: list[Any] = []
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1"
    with (
        patch.object(counting, "PATIENCE_MS", 20),
        somebody_holds("lock table reads_visit in exclusive mode"),
    ):
        answers.append(Client(headers={"user-agent": agent}).get(path))
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, LINK)]
    assert not Visit.objects.exists()
