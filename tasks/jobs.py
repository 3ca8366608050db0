"""The clock: what is due is found by column and brought on by the same verbs as a click."""

from datetime import datetime

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import InterfaceError, OperationalError

from core import clock
from tasks import exports, messages
from tasks.workflow import SWEEPS, VERBS, engine
from tasks.workflow.decision import CLOCK, Verb

log = structlog.get_logger()

SIZE = 500
ROUNDS = 200
MAIL_ROUNDS = 5  # of a hundred letters each; a mail server takes many a second
EXPORT_LEASE_SECONDS = 120


@shared_task
def sweep(name: str) -> int:
    """Do one of the clock's verbs for everything that is due, in batches; how many orders moved."""
    at = clock.now()
    done = 0
    for _ in range(ROUNDS):
        outcomes = _batch(VERBS[name], at)
        moved = sum(outcome.result == engine.DONE for outcome in outcomes)
        done += moved
        if not moved:
            break
    return done


def _batch(verb: Verb, at: datetime) -> list[engine.Outcome]:
    """One batch. An order that breaks it must not stop the others: then each goes by itself."""
    try:
        return engine.sweep(verb, at=at, by=CLOCK, size=SIZE)
    except (OperationalError, InterfaceError):
        raise  # a server that is away is no order's fault; the next beat tries again
    except Exception:
        log.exception("sweep_broken", verb=verb.name)
    outcomes = []
    for order_id in engine.due(verb, at=at, size=SIZE):
        try:
            outcomes += engine.run(verb, [order_id], at=at, by=CLOCK)
        except Exception:
            log.exception("order_broken", verb=verb.name, order=order_id)
    return outcomes


@shared_task
def sweep_all() -> dict[str, int]:
    """Everything that time brings, one verb after the other."""
    return {verb.name: sweep(verb.name) for verb in SWEEPS}


@shared_task
def send_messages() -> int:
    """Tell people by e-mail what happened to their orders, in batches; how many were sent."""
    sent = 0
    for _ in range(MAIL_ROUNDS):
        now = messages.send_due(at=clock.now())
        sent += now
        if not now:
            break
    return sent


@shared_task(soft_time_limit=3600, time_limit=3660)
def write_exports() -> int:
    """Write the files that people asked for; how many. Each is written by one worker at a time, and
    one whose worker died waits two minutes at most.
    """
    return sum(_write_export(export_id) for export_id in exports.waiting())


def _write_export(export_id: int) -> bool:
    key = f"export-{export_id}"
    if not cache.add(key, True, EXPORT_LEASE_SECONDS):
        return False
    try:
        return exports.write(
            export_id, at=clock.now(), alive=lambda: cache.touch(key, EXPORT_LEASE_SECONDS)
        )
    except (OperationalError, InterfaceError):
        raise  # the next beat tries again
    except Exception:
        log.exception("export_broken", export=export_id)
        exports.fail(export_id)
        return False
    finally:
        cache.delete(key)


@shared_task
def drop_exports() -> int:
    """Delete the files that are older than a week."""
    return exports.drop_old(at=clock.now())


def ring_exports() -> None:
    """Wake a worker for an export; when the broker is away, the beat finds it."""
    try:
        write_exports.apply_async(retry=False, expires=30)
    except Exception:
        log.warning("doorbell_lost")
