"""Differences as rows: noted once, closed when they vanish, worked off by ops with a note."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from settlement.models import Halt, ReconItem

RESTORED = Halt.Reason.RESTORED  # the halt that open items of a restore keep up

Level, Kind = ReconItem.Level, ReconItem.Kind


@dataclass(frozen=True, slots=True)
class Difference:
    """What was found. `key` names it; amounts in fen, income above zero."""

    key: str
    level: str
    kind: str
    out_no: str = ""
    order_id: int | None = None
    day: date | None = None
    ours_fen: int | None = None
    theirs_fen: int | None = None
    detail: str = ""


class UnableToWorkOff(Exception):
    """The difference cannot be closed so; nothing was changed. The text is for who asked."""


def open_items() -> QuerySet[ReconItem]:
    """What waits for ops, newest first."""
    return ReconItem.objects.filter(closed_at=None)


def settle(scope: Q, found: Iterable[Difference], *, at: datetime) -> int:
    """Within `scope`, what is found now is open, and what is open and not found now has vanished.
    Returns how many were found.
    """
    differences = {difference.key: difference for difference in found}
    with transaction.atomic():
        open_items().filter(scope).exclude(key__in=differences).update(closed_at=at)
        for difference in differences.values():
            note(difference, at=at)
    return len(differences)


def note(difference: Difference, *, at: datetime) -> None:
    """Keep a difference once; one that ops have worked off stays so while it is the same."""
    newest = ReconItem.objects.filter(key=difference.key).order_by("-id").first()
    if newest is not None and _is_same(newest, difference):
        if newest.closed_at is None or newest.closed_by_id is not None:
            return
    elif newest is not None:
        open_items().filter(pk=newest.pk).update(closed_at=at)
    row = ReconItem(found_at=at, **_row(difference))
    ReconItem.objects.bulk_create([row], ignore_conflicts=True)


def work_off(item_id: int, note: str, *, at: datetime, by: int) -> bool:
    """Ops have dealt with a difference and say how; False when it was closed before. With the last
    one of a restore, sending goes on. Raises `UnableToWorkOff`.
    """
    if not note.strip():
        raise UnableToWorkOff(_("Say what was found and done."))
    with transaction.atomic():
        item = open_items().select_for_update().filter(pk=item_id).first()
        if item is None:
            return False
        item.closed_at, item.closed_by_id, item.note = at, by, note.strip()
        item.save(update_fields=["closed_at", "closed_by", "note"])
        if item.level == Level.RESTORE:
            lift_restore_halt(at=at)
    return True


def lift_restore_halt(*, at: datetime) -> bool:
    """Sending goes on after a restore when nothing that was lost is left to look at."""
    if open_items().filter(level=Level.RESTORE).exists():
        return False
    return bool(Halt.objects.filter(reason=RESTORED, cleared_at=None).update(cleared_at=at))


def _row(difference: Difference) -> dict[str, object]:
    return {**asdict(difference), "detail": difference.detail[:300]}


def _is_same(item: ReconItem, difference: Difference) -> bool:
    return all(getattr(item, name) == value for name, value in _row(difference).items())
