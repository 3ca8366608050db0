from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries, Settings

from core import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_the_clock_shows_the_real_time_in_utc() -> None:
    with time_machine.travel(NOON, tick=False):
        assert clock.now() == NOON
        assert clock.now().tzinfo == UTC


def test_moved_forward_it_runs_ahead_and_further_moves_add_up() -> None:
    with time_machine.travel(NOON, tick=False):
        clock.move(24)
        clock.move(3)
        assert clock.now() == NOON + timedelta(hours=27)


@pytest.mark.parametrize("hours", [0, -1])
def test_it_never_moves_back(hours: int) -> None:
    with pytest.raises(clock.UnableToMoveClock):
        clock.move(hours)
    assert clock.offset_hours() == 0


def test_where_it_is_not_movable_it_cannot_be_moved_and_asks_no_database(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.CLOCK_MOVABLE = False
    with pytest.raises(clock.UnableToMoveClock), django_assert_num_queries(0):
        clock.move(1)
    with django_assert_num_queries(0):
        clock.now()


def test_reading_it_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        clock.now()


def test_in_a_request_it_is_asked_once_and_a_move_is_seen(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with time_machine.travel(NOON, tick=False), clock.asked_once():
        with django_assert_num_queries(1):
            assert [clock.now(), clock.now(), clock.offset_hours()] == [NOON, NOON, 0]
        clock.move(5)
        with django_assert_num_queries(1):
            assert [clock.now(), clock.now()] == [NOON + timedelta(hours=5)] * 2


def test_the_next_request_asks_anew(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(2):
        for _request in range(2):
            with clock.asked_once():
                clock.now()
