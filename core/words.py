"""How amounts, counts, instants and spans of time are written for people."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils import formats, timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core import money

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

UNKNOWN = "–"
# Pages tell the same instants and days again and again, and writing one costs more than most tags.
KEPT = 8192


def yuan(fen: int | None) -> str:
    """Fen as plain text: 123450 is "1,234.50"."""
    return UNKNOWN if fen is None else money.yuan(fen)


def count(number: int | None) -> str:
    """A count in full: 12,345."""
    return UNKNOWN if number is None else f"{number:,}"


def counted(number: int, *, has_more: bool = False) -> str:
    """A count in full, or as far as was counted: 1,000+."""
    told = f"{number:,}"
    return _("%(number)s+") % {"number": told} if has_more else told


def compact(number: int | None) -> str:
    """A large count in few characters, in the reader's habit: 12.3k, 1.2万."""
    if number is None:
        return UNKNOWN
    if number < 10_000:
        return f"{number:,}"
    if (get_language() or "").startswith("zh"):
        unit, sign = 10_000, "万"
    else:
        unit, sign = (1_000_000, "M") if number >= 1_000_000 else (1_000, "k")
    return f"{number / unit:.1f}".removesuffix(".0") + sign


def day(of: date) -> str:
    """A calendar day: 2 Mar 2026."""
    return _day(of, pgettext("date format", "j M Y"))


def days(dates: Iterable[date]) -> list[str]:
    """Many of them, as above."""
    return _days(dates, pgettext("date format", "j M Y"))


def short_days(dates: Iterable[date]) -> list[str]:
    """Where the year is plain: 2 Mar."""
    return _days(dates, pgettext("date format", "j M"))


def _days(dates: Iterable[date], pattern: str) -> list[str]:
    language = get_language()
    return [_written_day(of, pattern, language) for of in dates]


def month(of: date) -> str:
    """A month: Mar 2026."""
    return _day(of, pgettext("date format", "M Y"))


def _day(of: date, pattern: str) -> str:
    return _written_day(date(of.year, of.month, of.day), pattern, get_language())


@lru_cache(maxsize=KEPT)
def _written_day(of: date, pattern: str, _language: str | None) -> str:
    return formats.date_format(of, pattern)


def absolute(at: datetime) -> str:
    """Day and time in the viewer's zone, in the reader's habit."""
    return _absolute(at, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=KEPT)
def _absolute(at: datetime, zone: tzinfo, _language: str | None) -> str:
    pattern = pgettext("date format", "j M Y, H:i")
    return formats.date_format(timezone.localtime(at, zone), pattern)


def exact(at: datetime) -> str:
    """The same with its zone, for the title of an instant."""
    return _exact(at, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=KEPT)
def _exact(at: datetime, zone: tzinfo, language: str | None) -> str:
    return f"{_absolute(at, zone, language)} {_zone_at(at, zone)}"


def instants(some: Iterable[datetime]) -> list[tuple[str, str]]:
    """Many of them, each without and with its zone."""
    zone, language = timezone.get_current_timezone(), get_language()
    return [(_absolute(at, zone, language), _exact(at, zone, language)) for at in some]


@lru_cache(maxsize=KEPT)
def _zone_at(at: datetime, zone: tzinfo) -> str:
    local = timezone.localtime(at, zone)
    return f"({local.tzname()}, UTC{local:%z})"


def zone(at: datetime) -> str:
    """The viewer's zone with its distance from UTC at that instant: Asia/Shanghai (UTC+08:00)."""
    distance = f"{timezone.localtime(at):%z}"
    return f"{timezone.get_current_timezone_name()} (UTC{distance[:3]}:{distance[3:]})"


def time_left(seconds: float) -> str:
    """What is left, in its two largest units."""
    return _("time is up") if seconds < 1 else duration(seconds)


def duration(seconds: float) -> str:
    """How long something is, in its two largest units; at least a minute."""
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if days and hours:
        return _("%(d)s d %(h)s h") % {"d": days, "h": hours}
    if days:
        return _("%(d)s d") % {"d": days}
    if hours:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes}
    return _("%(m)s min") % {"m": max(minutes, 1)}


def label(row: Model, name: str) -> str:
    """What the value of a choice is called, without a look at all choices each time."""
    value = getattr(row, name)
    return str(_labels(row.__class__, name).get(value, value))


@cache
def _labels(model: type[Model], name: str) -> "dict[Any, StrOrPromise]":
    field: Any = model._meta.get_field(name)
    return dict(field.flatchoices)
