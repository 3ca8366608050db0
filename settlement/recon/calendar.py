"""The gateway's days: they begin at midnight in China, which has had one offset since 1991."""

from datetime import date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
# Two clocks never agree: what we closed in the last minutes of a day is looked for a day later.
SKEW = timedelta(minutes=10)


def day_of(at: datetime) -> date:
    """The gateway's day of an instant."""
    return at.astimezone(CHINA).date()


def bounds(day: date) -> tuple[datetime, datetime]:
    """Its first instant and that of the next."""
    start = datetime.combine(day, time(), CHINA)
    return start, start + timedelta(days=1)


def window(day: date) -> tuple[datetime, datetime]:
    """What we recorded in it must be in the bill of the day, or in an older one."""
    start, end = bounds(day)
    return start - SKEW, end - SKEW
