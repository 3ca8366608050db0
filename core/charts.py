"""Charts as plain values: what is drawn by ECharts and what stands in the table beside it.

A chart is made by `line`, `bars`, `shares` or `spans` and shown by `{% chart it %}`. It holds no
looks: colours, sizes and motion are the page's. Values are whole numbers: counts, fen (`money`) or
percent (`percent`); None is a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from core import words

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (wall-clock time of the viewer)

COUNT, MONEY, PERCENT = "count", "money", "percent"
LINE, BARS, LYING, SHARES, SPANS = "line", "bars", "lying", "shares", "spans"


@dataclass(frozen=True)
class Series:
    """One row of values with its name; a value per label."""

    name: "StrOrPromise"
    values: Sequence[int | None]


@dataclass(frozen=True)
class Span:
    """A stretch of time; one without an end runs still. Tones are those of the badges."""

    name: "StrOrPromise"
    start_at: datetime
    end_at: datetime | None = None
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """What `{% chart %}` draws: the figure, its table, and what a screen reader says of it."""

    kind: str
    title: str
    labels: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    unit: str = COUNT
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    summary: str = ""
    bars_at: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @property
    def is_empty(self) -> bool:
        """Nothing to draw: no labels, or not one value above or below zero."""
        if self.kind == SPANS:
            return not self.bars_at
        return not any(value for series in self.series for value in series.values)

    @property
    def size(self) -> int:
        """How many rows a lying chart or an order's path needs (at most 12); 0 for the others."""
        return min(len(self.labels), 12) if self.kind in {LYING, SPANS} else 0

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "labels": self.labels,
            "series": [{"name": str(one.name), "values": list(one.values)} for one in self.series],
            "spans": self.bars_at,
        }


def line(
    title: "StrOrPromise",
    labels: "Sequence[StrOrPromise | date]",
    series: Sequence[Series],
    *,
    money: bool = False,
    percent: bool = False,
) -> Chart:
    """Values along days, months or other labels; with `money` they are fen."""
    return _plotted(LINE, title, labels, series, _unit(money=money, percent=percent))


def bars(
    title: "StrOrPromise",
    labels: "Sequence[StrOrPromise | date]",
    series: Sequence[Series],
    *,
    money: bool = False,
    percent: bool = False,
    lying: bool = False,
) -> Chart:
    """Values side by side; `lying` ones have room for long labels."""
    kind = LYING if lying else BARS
    return _plotted(kind, title, labels, series, _unit(money=money, percent=percent))


def shares(
    title: "StrOrPromise",
    labels: "Sequence[StrOrPromise]",
    values: Sequence[int | None],
    *,
    money: bool = False,
    percent: bool = False,
) -> Chart:
    """Parts of a whole, in the order given; a donut with its legend."""
    unit = _unit(money=money, percent=percent)
    named = tuple(str(label) for label in labels)
    texts = [written(value, unit) for value in values]
    if unit == PERCENT:
        head: tuple[str, ...] = (_("Part"), _("Share"))
        rows: tuple[tuple[str, ...], ...] = tuple(zip(named, texts, strict=True))
    else:
        head = (_("Part"), _("Amount") if unit == MONEY else _("Count"), _("Share"))
        rows = tuple(zip(named, texts, _parts(values), strict=True))
    series = (Series(str(title), tuple(values)),)
    return Chart(SHARES, str(title), named, series, unit, head, rows, _most(named, series, unit))


def spans(title: "StrOrPromise", spans: Sequence[Span], *, at: datetime) -> Chart:
    """An order's path: what lasted from when to when; what runs still is drawn up to `at`."""
    names = tuple(str(span.name) for span in spans)
    head = (_("Step"), _("From"), _("To"), _("Took"))
    rows = tuple(_told(span, at) for span in spans)
    drawn = tuple(_drawn(span, row, at) for span, row in zip(spans, rows, strict=True))
    summary = "; ".join(f"{row[0]}: {row[3]}" for row in rows)
    return Chart(SPANS, str(title), names, (), COUNT, head, rows, summary, drawn)


def written(value: int | None, unit: str) -> str:
    """A value as the table shows it, in full."""
    if value is None:
        return words.UNKNOWN
    if unit == MONEY:
        return f"¥{words.yuan(value)}"
    return f"{value} %" if unit == PERCENT else f"{value:,}"


def _unit(*, money: bool, percent: bool) -> str:
    if money and percent:
        raise ValueError("a chart shows money or percent, not both")
    return MONEY if money else PERCENT if percent else COUNT


def _plotted(
    kind: str,
    title: "StrOrPromise",
    labels: "Sequence[StrOrPromise | date]",
    series: Sequence[Series],
    unit: str,
) -> Chart:
    kept = tuple(Series(str(one.name), tuple(one.values)) for one in series)
    if any(len(one.values) != len(labels) for one in kept):
        raise ValueError("each series has one value per label")
    head_word, short, full = _labelled(labels)
    columns = [[written(value, unit) for value in one.values] for one in kept]
    head = (head_word, *(str(one.name) for one in kept))
    rows = tuple(zip(full, *columns, strict=True))
    return Chart(kind, str(title), short, kept, unit, head, rows, _most(full, kept, unit))


def _labelled(
    labels: "Sequence[StrOrPromise | date]",
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The name of the labels' column, the labels for the axis, and those for the table."""
    dates = [label for label in labels if isinstance(label, date)]
    if not dates or len(dates) < len(labels):
        texts = tuple(str(label) for label in labels)
        return _("Part"), texts, texts
    if len(dates) > 1 and all(of.day == 1 for of in dates):
        texts = tuple(words.month(of) for of in dates)
        return _("Month"), texts, texts
    return _("Day"), tuple(words.short_days(dates)), tuple(words.days(dates))


def _most(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    """Where each series is at its highest, for those who do not see the picture."""
    told = []
    for one in series:
        known = [(value, label) for value, label in zip(one.values, labels, strict=True) if value]
        if known:
            value, label = max(known, key=lambda pair: pair[0])
            facts = {"name": one.name, "value": written(value, unit), "label": label}
            told.append(_("%(name)s: at most %(value)s (%(label)s)") % facts)
    return "; ".join(told)


def _parts(values: Sequence[int | None]) -> list[str]:
    whole = sum(value or 0 for value in values)
    return [f"{(value or 0) * 100 / whole:.1f} %" if whole else words.UNKNOWN for value in values]


def _told(span: Span, at: datetime) -> tuple[str, str, str, str]:
    until = span.end_at or at
    lasted = words.duration((until - span.start_at).total_seconds())
    end = words.absolute(span.end_at) if span.end_at else _("runs still")
    return str(span.name), words.absolute(span.start_at), end, lasted


def _drawn(span: Span, row: tuple[str, ...], at: datetime) -> dict[str, Any]:
    until = max(span.end_at or at, span.start_at)
    return {
        "from": _wall_ms(span.start_at),
        "to": _wall_ms(until),
        "open": span.end_at is None,
        "tone": span.tone,
        "text": f"{row[1]} – {row[2]} ({row[3]})",
    }


def _wall_ms(at: datetime) -> int:
    """Milliseconds of the wall clock in the viewer's zone: the axis has no zone of its own."""
    local = timezone.localtime(at).replace(tzinfo=None)
    return (local - EPOCH) // timedelta(milliseconds=1)
