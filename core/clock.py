"""The one clock. Only edges (views, jobs, commands, admin actions) read it and pass `at=` on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F

# Within `asked_once`: how far the clock is ahead, as soon as it is known.
_ahead: ContextVar[list[int] | None] = ContextVar("ahead", default=None)


class UnableToMoveClock(ValueError):
    """The clock cannot be moved here, or not in this direction."""


def now() -> datetime:
    """The instant at which everything happens: aware, UTC."""
    real = datetime.now(UTC)  # noqa: TID251  (the one place)
    return real + timedelta(hours=offset_hours())


def offset_hours() -> int:
    """Hours by which the demo's clock was moved forward; always 0, and unasked, elsewhere."""
    if not settings.CLOCK_MOVABLE:
        return 0
    known = _ahead.get()
    if known:
        return known[0]
    hours = _asked()
    if known is not None:
        known.append(hours)
    return hours


def _asked() -> int:
    from core.models import ClockOffset

    return ClockOffset.objects.filter(id=1).values_list("hours", flat=True).first() or 0


@contextmanager
def asked_once() -> Iterator[None]:
    """Within, which is the time of a request, the database tells only once how far the clock is
    ahead; who moves it there sees it moved.
    """
    token = _ahead.set([])
    try:
        yield
    finally:
        _ahead.reset(token)


def move(hours: int) -> None:
    """Move the demo's clock forward. Never back: what has happened stays in the past."""
    from core.models import ClockOffset

    if not settings.CLOCK_MOVABLE:
        raise UnableToMoveClock("the clock is movable in the demo and in tests only")
    if hours <= 0:
        raise UnableToMoveClock("the clock moves forward only")
    ClockOffset.objects.get_or_create(id=1)
    ClockOffset.objects.filter(id=1).update(hours=F("hours") + hours)
    known = _ahead.get()
    if known is not None:
        known.clear()
