"""Files of the books: what stands in them, and what happens when it goes wrong."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone, translation

from accounts.models import User
from policy.numbers import Policy
from tasks import exports, jobs, statement
from tasks.exports import Filters, Kind
from tasks.models import Export
from tests.builders import a_creator, a_merchant
from tests.orders import DAY, NOW, an_order
from tests.tasks.test_statement import a_busy_merchant, a_split

pytestmark = pytest.mark.django_db

FEE = Policy(fee_bps=2_000)


def an_export(user: User, what: Kind = Kind.STATEMENT, **filters: Any) -> Export:
    with translation.override("en"):
        return exports.ask(user, what, Filters(**filters), at=NOW)


def written(export: Export) -> str:
    """The file, after the job has written it."""
    with time_machine.travel(NOW + DAY, tick=False):
        assert jobs.write_exports() == 1
    export.refresh_from_db()
    with default_storage.open(export.file) as file:
        return bytes(file.read()).decode("utf-8-sig")


def rows(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(export), newline="")))


def test_a_statement_has_every_line_oldest_first_and_ends_with_what_is_held() -> None:
    merchant = a_busy_merchant(6)
    lines = rows(an_export(merchant.user))
    held = [line["Held for you after it (yuan)"] for line in lines]
    assert held[-1] == "200.06"
    assert held[-1] == f"{sum(p.fen for p in statement.holdings(merchant.pk).values()) / 100:.2f}"
    balance = 0
    for line in lines:
        balance += cents(line["In (yuan)"]) - cents(line["Out (yuan)"])
        assert cents(line["Held for you after it (yuan)"]) == balance
    assert len({line["Entry in the ledger"] for line in lines}) == len(lines) == 16


def cents(text: str) -> int:
    return int(text.replace(".", "") or "0")


def test_batches_of_any_size_give_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    merchant = a_busy_merchant(4)
    whole = written(an_export(merchant.user))
    monkeypatch.setattr(exports, "BATCH", 3)
    assert written(an_export(merchant.user)) == whole


def test_a_spreadsheet_can_open_it() -> None:
    order = an_order("PAID", theme='新品 "A", 试用', creator=a_creator(nickname="小鹿"))
    export = an_export(order.merchant.user)
    text = written(export)
    with default_storage.open(export.file) as file:
        assert file.read(3) == b"\xef\xbb\xbf"
    assert text.endswith("\r\n")
    assert '"新品 ""A"", 试用"' in text
    (line,) = csv.DictReader(io.StringIO(text, newline=""))
    assert line["Theme"] == '新品 "A", 试用'
    assert line["In (yuan)"] == "800.00"
    assert re.fullmatch(r"2026-03-02T12:\d\d:\d\d\+08:00", line["When"])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t="])
def test_no_cell_is_taken_for_a_formula(start: str) -> None:
    order = an_order("PAID", theme=f"{start}1+1", creator=a_creator(nickname=f"{start}cmd"))
    (line,) = rows(an_export(order.merchant.user))
    assert line["Theme"].startswith("'")
    assert line["Creator"] == f"'{start}cmd"


def test_the_header_and_the_words_are_in_the_readers_language() -> None:
    order = an_order("PAID")
    with translation.override("zh-hans"):
        export = exports.ask(order.merchant.user, Kind.STATEMENT, Filters(), at=NOW)
        head = str(translation.gettext("When"))
    assert written(export).split(",")[0] == head


def test_instants_are_in_the_readers_zone() -> None:
    order = an_order("PAID")
    with timezone.override("America/New_York"):
        export = an_export(order.merchant.user)
    (line,) = rows(export)
    assert line["When"].startswith("2026-03-01T23:00")
    assert line["When"].endswith("-05:00")


def test_the_filters_of_the_page_hold_and_leave_the_balance_out() -> None:
    merchant = a_busy_merchant(6)
    lines = rows(an_export(merchant.user, kind="return"))
    assert [line["Out (yuan)"] for line in lines] == ["100.01", "100.03", "100.05"]
    assert "Held for you after it (yuan)" not in lines[0]


def test_a_stretch_of_days_begins_with_what_was_held_then() -> None:
    merchant = a_busy_merchant(6)
    lines = rows(an_export(merchant.user, since=date(2026, 3, 4), until=date(2026, 3, 31)))
    assert 0 < len(lines) < 16
    assert lines[-1]["Held for you after it (yuan)"] == "200.06"


def test_earnings_have_a_row_for_each_order_with_its_shares() -> None:
    creator = a_creator(price_fen=80_000)
    a_split(an_order("DISPUTED", creator=creator, policy=FEE), refund_fen=30_000)
    an_order("ACCEPTED", creator=creator, policy=FEE)
    first, second = rows(an_export(creator.user, Kind.EARNINGS))
    names = ("Reward", "Platform fee", "Tax withheld", "You receive", "Returned to the merchant")
    assert [first[f"{n} (yuan)"] for n in names] == ["500.00", "100.00", "0.00", "400.00", "300.00"]
    assert (first["Stage"], second["Stage"]) == ("Paid out", "Expected")
    assert (second["Confirmed"], second["Paid out"]) == ("", "")


def test_it_holds_nothing_of_anybody_else() -> None:
    an_order("CONFIRMED")
    assert rows(an_export(a_merchant().user)) == []
    assert rows(an_export(a_creator().user, Kind.EARNINGS)) == []


def test_the_same_asked_twice_makes_two_files() -> None:
    user = an_order("PAID").merchant.user
    first, second = an_export(user), an_export(user)
    with time_machine.travel(NOW, tick=False):
        assert jobs.write_exports() == 2
    files = {Export.objects.get(pk=e.pk).file for e in (first, second)}
    assert len(files) == 2


def test_five_at_once_are_enough() -> None:
    user = a_merchant().user
    for _ in range(5):
        an_export(user)
    with pytest.raises(exports.UnableToAsk):
        an_export(user)
    assert Export.objects.count() == 5
    an_export(a_merchant().user)


def test_progress_is_told_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    export = an_export(a_busy_merchant(4).user)
    monkeypatch.setattr(exports, "BATCH", 5)
    seen: list[tuple[int, int]] = []
    exports.write(export.pk, at=NOW, alive=lambda: seen.append(progress(export)))
    assert seen == [(0, 11), (5, 11), (10, 11)]
    assert progress(export) == (11, 11)


def progress(export: Export) -> tuple[int, int]:
    now = Export.objects.get(pk=export.pk)
    return now.rows_done, now.rows_total


def test_a_file_that_cannot_be_written_is_failed_and_can_be_tried_again() -> None:
    export = an_export(an_order("PAID").merchant.user)
    with patch.object(exports, "_kept", side_effect=OSError("disk full")):
        assert jobs.write_exports() == 0
    export.refresh_from_db()
    assert (export.state, export.file) == ("FAILED", "")
    assert jobs.write_exports() == 0
    assert exports.ask_again(export) is True
    assert exports.ask_again(export) is False
    assert "800.00" in written(export)


def test_a_database_that_is_away_is_no_failure_of_the_file() -> None:
    export = an_export(an_order("PAID").merchant.user)
    with (
        patch.object(exports, "_kept", side_effect=OperationalError),
        pytest.raises(OperationalError),
    ):
        jobs.write_exports()
    assert "800.00" in written(export)


def test_two_workers_do_not_write_the_same_file() -> None:
    export = an_export(an_order("PAID").merchant.user)
    cache.set(f"export-{export.pk}", True)
    assert jobs.write_exports() == 0
    cache.delete(f"export-{export.pk}")
    assert "800.00" in written(export)


def test_who_comes_second_takes_his_file_away_again() -> None:
    """The lease was lost, and another worker has finished meanwhile."""
    export = an_export(an_order("PAID").merchant.user)
    kept = exports._kept
    names: list[str] = []

    def late(file: Any) -> str:
        Export.objects.filter(pk=export.pk).update(state="READY", file="exports/other.csv")
        names.append(kept(file))
        return names[0]

    with patch.object(exports, "_kept", side_effect=late):
        assert exports.write(export.pk, at=NOW) is False
    assert Export.objects.get(pk=export.pk).file == "exports/other.csv"
    assert not default_storage.exists(names[0])


@pytest.mark.parametrize(
    ("age", "is_gone"), [(timedelta(days=7), False), (timedelta(days=7, seconds=1), True)]
)
def test_files_are_deleted_after_a_week_and_their_rows_stay(age: timedelta, is_gone: bool) -> None:
    export = an_export(an_order("PAID").merchant.user)
    written(export)
    with at(NOW + age):
        assert jobs.drop_exports() == int(is_gone)
        assert jobs.drop_exports() == 0
    assert default_storage.exists(export.file) is not is_gone
    export.refresh_from_db()
    assert (export.state, export.file == "") == ("READY", is_gone)


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


def test_a_broken_export_does_not_stop_the_next() -> None:
    first, second = (an_export(an_order("PAID").merchant.user) for _ in range(2))
    write: Callable[..., bool] = exports.write

    def broken(export_id: int, **facts: Any) -> bool:
        if export_id == first.pk:
            raise RuntimeError("a defect that only this one meets")
        return write(export_id, **facts)

    with patch.object(exports, "write", side_effect=broken):
        assert jobs.write_exports() == 1
    assert [Export.objects.get(pk=e.pk).state for e in (first, second)] == ["FAILED", "READY"]


def test_a_lost_bell_is_no_lost_file() -> None:
    with patch.object(jobs.write_exports, "apply_async", side_effect=OSError):
        jobs.ring_exports()
