"""Differences in the admin: a list of what is open, one step to work them off, nothing else."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from settlement.models import ReconItem, ReconRun
from settlement.recon import calendar, items
from settlement.recon.items import Difference
from tests.admin.pages import log, staff, text, url
from tests.orders import DAY, NOW

pytestmark = pytest.mark.django_db

NOTE = "The bank's fee, booked by hand on the third"


def a_difference(key: str = "bill:2026-03-02:X:out") -> ReconItem:
    day = calendar.day_of(NOW)
    items.note(
        Difference(key, "BILL", "UNKNOWN", out_no=f"NO-{key}", day=day, theirs_fen=-1_050), at=NOW
    )
    return ReconItem.objects.get(key=key, closed_at=None)


@pytest.fixture
def browser() -> Client:
    return staff()


def test_the_list_shows_what_is_open(browser: Client) -> None:
    item, gone = a_difference(), a_difference("b")
    ReconItem.objects.filter(pk=gone.pk).update(closed_at=NOW)
    page = url("settlement_reconitem_changelist")
    assert text(browser.get(page)).count("-10.50") == 1
    assert text(browser.get(f"{page}?shown=closed")).count("-10.50") == 1
    assert text(browser.get(f"{page}?shown=all")).count("-10.50") == 2
    assert item.out_no in text(browser.get(page))


def test_a_difference_is_worked_off_with_a_note_once(browser: Client) -> None:
    item = a_difference()
    step = url("settlement_reconitem_work_off", item.pk)
    assert "moves no money" in text(browser.get(step))
    assert text(browser.post(step, {"reason": "  "}))
    assert items.open_items().count() == 1
    assert browser.post(step, {"reason": NOTE}).status_code == 302
    item.refresh_from_db()
    assert (item.note, item.closed_by is not None) == (NOTE, True)
    assert log()[0] == f"Work off. Worked off. {NOTE}"
    browser.post(step, {"reason": "again"})
    item.refresh_from_db()
    assert item.note == NOTE
    assert "worked off" in text(browser.get(url("settlement_reconitem_change", item.pk)))


def test_who_may_only_look_works_nothing_off() -> None:
    item = a_difference()
    step = url("settlement_reconitem_work_off", item.pk)
    assert staff(is_superuser=False).post(step, {"reason": NOTE}).status_code == 403
    assert items.open_items().count() == 1


def test_what_was_found_and_what_was_closed_never_changes() -> None:
    item = a_difference()
    rows = ReconItem.objects.filter(pk=item.pk)
    for change in ({"theirs_fen": 0}, {"key": "another"}, {"found_at": NOW + DAY}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            rows.update(**change)
    rows.update(closed_at=NOW)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        rows.update(closed_at=None)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()


def test_the_comparisons_are_listed_and_the_dashboard_counts_what_is_open(browser: Client) -> None:
    a_difference()
    day = calendar.day_of(NOW)
    ReconRun.objects.create(at=NOW, day=day, result="DONE", rows=3, differences=1)
    assert "compared" in text(browser.get(url("settlement_reconrun_changelist")))
    assert "Differences with the gateway" in text(browser.get(url("index")))
