"""The bill of each day: fetched when it is there, compared, and again while it differs."""

from datetime import date, datetime, timedelta
from itertools import chain

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Q

from settlement.gateway import bill as gateway
from settlement.models import Bill, ReconItem, ReconRun
from settlement.recon import bills, items, lines, totals
from settlement.recon.calendar import SKEW, bounds, day_of
from settlement.recon.items import Difference

log = structlog.get_logger()

LATE_AFTER = timedelta(hours=48)  # after the end of its day; usually it is there by nine
MOST_DAYS = 31
DAY = timedelta(days=1)
WORKED_ON = 7 * DAY  # so long a day that differs is fetched and compared again
AGAIN = timedelta(hours=6)

Result = ReconRun.Result
COMPARED = (items.Level.BILL, items.Level.TOTALS)


def run(*, today: date, at: datetime) -> list[ReconRun]:
    """Reconcile every day that waits for it, oldest first. `today` is the gateway's day.

    The first run only says that today is the first day: what was there before has no bill of ours.
    """
    if not ReconRun.objects.exists():
        ReconRun.objects.create(at=at, day=today, result=Result.WAITING, note="BEGINS")
    return [run for day in due(today=today, at=at) if (run := _one(day, at)) is not None]


def _one(day: date, at: datetime) -> ReconRun | None:
    """One day; one that breaks must not stop the others."""
    try:
        return reconcile(day, at=at)
    except (OperationalError, InterfaceError):
        raise  # a server that is away is no day's fault; the next run tries again
    except Exception:
        log.exception("day_not_reconciled", day=str(day))
        return None


def first_lost_day(since: datetime) -> date:
    """The day from which on bills may tell of what a backup of this instant does not know."""
    return day_of(since - SKEW)


def due(*, today: date, at: datetime) -> list[date]:
    """Past days without a bill, since the first day; and days that differ, anew."""
    began = ReconRun.objects.order_by("day").values_list("day", flat=True).first()
    first = max(began or today, today - MOST_DAYS * DAY)
    days = [first + n * DAY for n in range((today - first).days)]
    have = set(Bill.objects.filter(day__in=days).values_list("day", flat=True))
    return [day for day in days if day not in have or _differs(day, today, at)]


def reconcile(day: date, *, at: datetime) -> ReconRun:
    """Fetch one day's bill and compare it; idempotent. Outside any transaction."""
    try:
        fetched = gateway.fetch(day)
    except gateway.BillNotThereError as problem:
        return _without_bill(day, Result.WAITING, str(problem), at)
    except gateway.BillRefusedError as problem:
        return _without_bill(day, Result.REFUSED, str(problem), at)
    bill = bills.keep(day, fetched, at=at)
    lines.ask_about_returned_payouts(bill, at=at)
    return compare(bill, at=at)


def compare(bill: Bill, *, at: datetime) -> ReconRun:
    """Hold a kept bill against our books; what no longer differs is closed."""
    found = list(chain(lines.differences(bill), totals.differences(bill)))
    count = items.settle(Q(level__in=COMPARED, day=bill.day), found, at=at)
    return ReconRun.objects.create(
        at=at,
        day=bill.day,
        result=Result.DONE,
        rows=bill.rows.count(),
        differences=count,
    )


def _without_bill(day: date, result: str, problem: str, at: datetime) -> ReconRun:
    if at >= bounds(day)[1] + LATE_AFTER:
        late = Difference(
            f"late:{day}", items.Level.BILL, items.Kind.LATE, day=day, detail=problem[:200]
        )
        items.note(late, at=at)
    return ReconRun.objects.create(at=at, day=day, result=result, note=problem[:200])


def _differs(day: date, today: date, at: datetime) -> bool:
    if today - day > WORKED_ON:
        return False
    if not ReconItem.objects.filter(closed_at=None, level__in=COMPARED, day=day).exists():
        return False
    newest = ReconRun.objects.filter(day=day).order_by("-id").first()
    return newest is None or newest.at <= at - AGAIN
