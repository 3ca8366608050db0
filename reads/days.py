"""Days as people in China count them: what is read at night belongs to the day that it is there."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))  # one offset since 1991


def day_of(at: datetime) -> date:
    """The China day of an instant."""
    return at.astimezone(CHINA).date()


def days(since: date, until: date) -> Iterator[date]:
    """Every day from `since` to `until`, both included."""
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)
