"""Celery jobs of the money. Each finds in the database what is due; losing one only delays."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings

from core import clock
from settlement import check, worker
from settlement.recon import calendar, days, items, recheck, totals, watch


@shared_task
def pump() -> int:
    """Carry what is due to the gateway."""
    return worker.pump(clock.now)


@shared_task
def check_ledger() -> bool:
    """Rebuild every pocket from the transfers and compare; a difference stops payouts."""
    return check.run(at=clock.now()).is_ok


@shared_task
def take_totals() -> int:
    """Snapshot the parties' totals, so that reading them stays fast."""
    return check.take_totals(at=clock.now())


@shared_task
def recheck_operations() -> int:
    """Ask about what was closed lately: what the gateway says now must be what we have."""
    return recheck.run(clock.now)


@shared_task
def reconcile_days() -> int:
    """Compare the bills of the past days; how many days were looked at. The gateway's day is the
    true one: its clock is not moved with the demo's.
    """
    at = clock.now()
    today = calendar.day_of(at - timedelta(hours=clock.offset_hours()))
    return len(days.run(today=today, at=at))


@shared_task
def watch_clearing() -> int:
    """What has been on its way for more than a day is a difference."""
    at = clock.now()
    return items.settle(totals.CLEARING, totals.on_its_way(at=at), at=at)


@shared_task
def watch_freezes() -> int:
    """Ask about freezes that near their end; what the gateway ended by itself is taken in."""
    return watch.run(clock.now, freeze_max_days=settings.FREEZE_MAX_DAYS)


def ring() -> None:
    """Wake a worker. A dead broker must not hurt the request that rang: beat pumps anyway."""
    try:
        pump.apply_async(retry=False, expires=10)
    except Exception:  # the broker is away; the row waits for the next beat
        import structlog

        structlog.get_logger().warning("doorbell_lost")
