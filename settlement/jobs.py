"""Celery jobs of the money. Each finds in the database what is due; losing one only delays."""

from celery import shared_task

from core import clock
from settlement import check, worker


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


def ring() -> None:
    """Wake a worker. A dead broker must not hurt the request that rang: beat pumps anyway."""
    try:
        pump.apply_async(retry=False, expires=10)
    except Exception:  # the broker is away; the row waits for the next beat
        import structlog

        structlog.get_logger().warning("doorbell_lost")
