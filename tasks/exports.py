"""Files that people ask for: written row by row by a job, so that a page can show how far it is.

A file holds what its filters found when it was written. The rows are the queue: a job that was lost
is found again, and one that comes twice finds the file written.
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO
from zoneinfo import ZoneInfo

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models import TextChoices
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.files import RandomName
from core.money import plain
from tasks import earnings, statement
from tasks.earnings import Earning, Stage
from tasks.models import Export

BATCH = 1_000
KEPT = timedelta(days=7)
MOST_WAITING = 5
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Cells = list[str]


class Kind(TextChoices):
    STATEMENT = "statement", gettext_lazy("Statement")
    EARNINGS = "earnings", gettext_lazy("Earnings")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page was filtered by: days of the reader's zone (both included), and the words."""

    since: date | None = None
    until: date | None = None
    kind: str = ""
    search: str = ""

    @property
    def since_at(self) -> datetime | None:
        return statement.day_begins(self.since) if self.since else None

    @property
    def until_at(self) -> datetime | None:
        return statement.day_begins(self.until + timedelta(days=1)) if self.until else None

    def params(self) -> dict[str, str]:
        """As they are kept with the export."""
        told = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "kind": self.kind,
            "search": self.search,
        }
        return {name: value for name, value in told.items() if value}

    @classmethod
    def of(cls, params: dict[str, str]) -> "Filters":
        days = {
            name: date.fromisoformat(params[name]) if params.get(name) else None
            for name in ("since", "until")
        }
        return cls(**days, kind=params.get("kind", ""), search=params.get("search", ""))


class UnableToAsk(Exception):
    """This person has enough files being written; nothing was added."""


def ask(user: User, kind: Kind, filters: Filters, *, at: datetime) -> Export:
    """A new export, even when the same was asked for before: the books have gone on since. Raises
    UnableToAsk while five of this person's are being written.
    """
    if Export.objects.filter(user=user, state=Export.State.WAITING).count() >= MOST_WAITING:
        raise UnableToAsk
    return Export.objects.create(
        user=user,
        kind=kind,
        params=filters.params(),
        language=translation.get_language() or "en",
        time_zone=timezone.get_current_timezone_name(),
        created_at=at,
    )


def ask_again(export: Export) -> bool:
    """Let a failed export be written after all; False when it is not failed (any more)."""
    failed = Export.objects.filter(pk=export.pk, state=Export.State.FAILED)
    return bool(failed.update(state=Export.State.WAITING, rows_done=0, rows_total=0))


def waiting() -> list[int]:
    """The exports that nobody has written yet, the oldest first."""
    ids = Export.objects.filter(state=Export.State.WAITING).order_by("id")
    return list(ids.values_list("pk", flat=True))


def write(export_id: int, *, at: datetime, alive: Callable[[], object] = lambda: None) -> bool:
    """Write the file of an export and make it ready; False when it is no longer waiting.

    `alive` is called after each batch. Memory stays flat: the file grows on disk.
    """
    export = Export.objects.filter(pk=export_id, state=Export.State.WAITING).first()
    if export is None:
        return False
    with (
        translation.override(export.language),
        timezone.override(ZoneInfo(export.time_zone)),
        tempfile.TemporaryFile() as file,
    ):
        name = _write(export, file, alive) and _kept(file)
    return bool(name) and _ready(export, str(name), at)


def fail(export_id: int) -> None:
    """The file could not be written; its page offers to try again."""
    Export.objects.filter(pk=export_id, state=Export.State.WAITING).update(
        state=Export.State.FAILED
    )


def drop_old(*, at: datetime) -> int:
    """Delete the files of exports that are older than a week; how many. Their rows stay."""
    old = Export.objects.filter(created_at__lt=at - KEPT).exclude(file="").order_by("id")
    done = 0
    for export in old[:BATCH]:
        default_storage.delete(export.file)
        done += Export.objects.filter(pk=export.pk, file=export.file).update(file="")
    return done


def _write(export: Export, file: IO[bytes], alive: Callable[[], object]) -> bool:
    """The lines into the file; False when somebody else has finished the export meanwhile."""
    table = TABLES[Kind(export.kind)](export)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([harmless(cell) for cell in table.head])
    mine = Export.objects.filter(pk=export.pk, state=Export.State.WAITING)
    mine.update(rows_total=table.how_many, rows_done=0)
    done = 0
    for rows in table.batches:
        writer.writerows([harmless(cell) for cell in row] for row in rows)
        done += len(rows)
        alive()
        if not mine.update(rows_done=done):
            return False
    text.detach()
    return True


def _kept(file: IO[bytes]) -> str:
    file.seek(0)
    name = RandomName("exports")(None, "export.csv")
    return default_storage.save(name, File(file))


def _ready(export: Export, name: str, at: datetime) -> bool:
    """Hand the file to its export, unless it has one by now: then this one goes."""
    mine = Export.objects.filter(pk=export.pk, state=Export.State.WAITING)
    if mine.update(state=Export.State.READY, file=name, ready_at=at):
        return True
    default_storage.delete(name)
    return False


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what would be a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def stamp(at: datetime | None) -> str:
    """An instant in the reader's zone with its offset, to the second (ISO 8601)."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


def amount(fen: int | None) -> str:
    """Yuan with two decimals, no sign and no separators."""
    return "" if fen is None else plain(fen)


@dataclass(frozen=True)
class Table:
    """What a file is made of: its header, its rows in batches, and about how many there are."""

    head: Cells
    batches: Iterator[list[Cells]]
    how_many: int


def _statement(export: Export) -> Table:
    filters = Filters.of(export.params)
    asked = statement.wanted(
        export.user.merchant.pk,
        since=filters.since_at,
        until=filters.until_at,
        kinds=[filters.kind] if filters.kind else [],
        search=filters.search,
    )
    head = [
        _("When"), _("Movement"), _("In (yuan)"), _("Out (yuan)"), _("Moved (yuan)"),
        _("Held for you after it (yuan)"), _("Order"), _("Task"), _("Theme"), _("Creator"),
        _("Entry in the ledger"),
    ]  # fmt: skip
    kept = [n for n in range(len(head)) if asked.is_all or n != 5]
    batches = (
        [_only(kept, _line(row)) for row in rows] for rows in statement.batches(asked, size=BATCH)
    )
    return Table(_only(kept, head), batches, statement.how_many(asked))


def _only(kept: Iterable[int], cells: Cells) -> Cells:
    return [cells[n] for n in kept]


def _line(row: statement.Row) -> Cells:
    line, order = row.line, row.order
    return [
        stamp(line.at),
        row.label,
        amount(row.in_fen),
        amount(row.out_fen),
        "" if row.change_fen else amount(line.amount_fen),
        amount(row.held_fen),
        str(order.id),
        str(order.task_id),
        order.theme,
        order.nickname,
        line.key,
    ]


def _earnings(export: Export) -> Table:
    filters = Filters.of(export.params)
    orders = earnings.earnings(
        export.user.creator.pk,
        since=filters.since_at,
        until=filters.until_at,
        stage=Stage(filters.kind) if filters.kind else None,
        search=filters.search,
    )
    head = [
        _("Order"), _("Task"), _("Theme"), _("Merchant"), _("Stage"), _("Reward (yuan)"),
        _("Platform fee (yuan)"), _("Tax withheld (yuan)"), _("You receive (yuan)"),
        _("Returned to the merchant (yuan)"), _("Confirmed"), _("Paid out"),
    ]  # fmt: skip
    found = earnings.earning_batches(orders, size=BATCH)
    batches = ([_earning(row) for row in rows] for rows in found)
    return Table(head, batches, orders.count())


def _earning(row: Earning) -> Cells:
    order = row.order
    return [
        str(order.pk),
        str(order.task_id),
        order.task.theme,
        order.merchant.company_name,
        str(row.stage.label),
        amount(row.reward_fen),
        amount(row.fee_fen),
        amount(row.tax_fen),
        amount(row.net_fen),
        amount(row.returned_fen),
        stamp(order.confirmed_at),
        stamp(row.paid_out_at),
    ]


TABLES: dict[Kind, Callable[[Export], Table]] = {
    Kind.STATEMENT: _statement,
    Kind.EARNINGS: _earnings,
}
