"""Instants on the wire: wall clock of UTC+8, to the second."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
_FORMAT = "%Y-%m-%d %H:%M:%S"
_TIMEOUT = re.compile(r"([1-9]\d{0,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
DEFAULT_TIMEOUT = timedelta(minutes=15)
LONGEST_TIMEOUT = timedelta(days=15)


def wire(at: datetime) -> str:
    """Write an instant as Alipay does."""
    return at.astimezone(CHINA).strftime(_FORMAT)


def read(text: str) -> datetime:
    """Read an instant from the wire; raises ValueError."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=CHINA).astimezone(UTC)


def timeout(text: str | None) -> timedelta:
    """Read a confirm window such as 90m, 2h or 15d (1 minute to 15 days)."""
    if text is None:
        return DEFAULT_TIMEOUT
    match = _TIMEOUT.fullmatch(text)
    if match is None or (length := int(match[1]) * _UNITS[match[2]]) > LONGEST_TIMEOUT:
        raise ValueError(f"not a timeout between 1m and 15d: {text!r}")
    return length


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first instant of a Chinese day and of the day after."""
    start = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    return start, start + timedelta(days=1)
