"""Visits are counted by device and day, summed up in sets, and then forgotten (V60)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reads import counting, jobs
from reads.counting import Link
from reads.models import DaySalt, ReadDay, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V60")]

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in China
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK = Link(owner=7, kind="d", number=1)
TODAY = date(2026, 3, 2)


def visit(link: Link = LINK, *, who: str = "anna", at: datetime = NOON) -> None:
    counting.count(link, network="203.0.113.7", user_agent=f"Mozilla/5.0 {who}", at=at)


def sums() -> list[tuple[int, str, int, date, int, int]]:
    columns = ("owner", "kind", "number", "day", "visits", "visitors")
    return list(ReadDay.objects.order_by("owner", "kind", "number", "day").values_list(*columns))


def test_a_device_is_one_visitor_however_often_it_comes() -> None:
    for who in ("anna", "anna", "ben", "anna"):
        visit(who=who)
    assert counting.roll_up() == 2
    assert sums() == [(7, "d", 1, TODAY, 4, 2)]


def test_what_comes_later_is_added_and_nothing_is_added_twice() -> None:
    visit()
    assert counting.roll_up() == 1
    assert counting.roll_up() == 0
    visit()
    visit(who="ben")
    assert counting.roll_up() == 2
    assert counting.roll_up() == 0
    assert sums() == [(7, "d", 1, TODAY, 3, 2)]


def test_each_link_has_sums_of_its_own() -> None:
    visit()
    visit(Link(7, "p", 1))
    visit(Link(8, "d", 1))
    visit(Link(7, "d", 2))
    counting.roll_up()
    assert [(*row[:3], *row[4:]) for row in sums()] == [
        (7, "d", 1, 1, 1),
        (7, "d", 2, 1, 1),
        (7, "p", 1, 1, 1),
        (8, "d", 1, 1, 1),
    ]


def test_the_day_begins_at_midnight_in_china() -> None:
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    visit(at=midnight - timedelta(microseconds=1))
    visit(at=midnight)
    counting.roll_up()
    assert [row[3:] for row in sums()] == [(TODAY, 1, 1), (TODAY + DAY, 1, 1)]


def test_a_flood_from_one_device_is_one_visitor_with_twenty_visits() -> None:
    for _ in range(counting.MOST_VISITS + 5):
        visit()
    counting.roll_up()
    visit()
    assert counting.roll_up() == 0
    assert sums() == [(7, "d", 1, TODAY, 20, 1)]


def test_rows_are_added_up_in_sets() -> None:
    for number in range(5):
        visit(who=f"reader {number}")
    assert [counting.roll_up(size=2) for _ in range(4)] == [2, 2, 1, 0]
    assert sums() == [(7, "d", 1, TODAY, 5, 5)]


def test_a_visit_writes_its_own_row_and_no_other() -> None:
    visit(who="ben")
    with CaptureQueriesContext(connection) as captured:
        visit()
    written = [q["sql"] for q in captured if "insert" in q["sql"].lower()]
    assert len(written) == 1
    assert "reads_visit" in written[0]
    assert not ReadDay.objects.exists()


# Nobody is followed


def test_neither_address_nor_browser_is_kept() -> None:
    visit()
    row = Visit.objects.get()
    kept = {field.name for field in Visit._meta.get_fields()}
    assert kept == {"id", "owner", "kind", "number", "day", "device", "visits", "counted"}
    assert len(bytes(row.device)) == 16
    assert b"anna" not in bytes(row.device)


def test_the_same_device_cannot_be_recognised_on_another_day_or_link() -> None:
    visit()
    visit(at=NOON + DAY)
    visit(Link(7, "d", 2))
    assert len({bytes(row.device) for row in Visit.objects.all()}) == 3


def test_a_day_has_one_salt_and_each_day_another() -> None:
    visit()
    visit(who="ben")
    visit(at=NOON + DAY)
    salts = [bytes(row.salt) for row in DaySalt.objects.order_by("day")]
    assert len(salts) == len(set(salts)) == 2
    assert all(len(salt) == 32 for salt in salts)


def test_devices_and_salts_go_a_day_later_and_the_sums_stay() -> None:
    visit()
    counting.roll_up()
    for days in (0, 1):
        assert counting.forget(at=NOON + days * DAY) == 0
    assert counting.forget(at=NOON + 2 * DAY) == 1
    assert not Visit.objects.exists()
    assert not DaySalt.objects.exists()
    assert sums() == [(7, "d", 1, TODAY, 1, 1)]


def test_what_was_not_added_up_yet_is_not_forgotten() -> None:
    visit()
    assert counting.forget(at=NOON + 30 * DAY) == 0
    assert (Visit.objects.count(), DaySalt.objects.count()) == (1, 1)
    with time_machine.travel(NOON + 30 * DAY, tick=False):
        assert jobs.roll_up() == 1
    assert (Visit.objects.count(), DaySalt.objects.count()) == (0, 0)
    assert sums() == [(7, "d", 1, TODAY, 1, 1)]


def test_the_job_goes_on_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "SIZE", 2)
    monkeypatch.setattr(counting.roll_up, "__kwdefaults__", {"size": 2})
    for number in range(5):
        visit(who=f"reader {number}")
    with time_machine.travel(NOON + HOUR, tick=False):
        assert jobs.roll_up() == 5
        assert jobs.roll_up() == 0
