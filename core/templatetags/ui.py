"""The small parts that every page is made of: money, states, instants, icons, fields."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

from core.charts import Chart
from core.light import constant
from core.words import UNKNOWN, absolute, compact, count, exact, label, time_left, yuan
from core.words import instants as in_words

__all__ = ["TONES", "absolute", "compact", "count", "time_left", "yuan"]

register = template.Library()
for _filter in (compact, count, label, time_left, yuan):
    register.filter(_filter)

NEAR = timedelta(hours=24)
# What a state feels like to the one who reads it; the words themselves come from the state.
TONES = {
    "UNPAID": "wait",
    "PAID": "wait",
    "ACCEPTED": "run",
    "DELIVERED": "brand",
    "DISPUTED": "bad",
    "CONFIRMED": "good",
    "REVIEWED": "good",
}


# These stand on a page by the dozen, so they are written here: loading a template for one <span>
# costs ten times as much.


@register.simple_tag
def money(fen: int | None, size: str = "") -> SafeString:
    """An amount of fen with its sign; `size="big"` for the one that matters most."""
    look = f"money money-{escape(size)}" if size else "money"
    amount = UNKNOWN if fen is None else f'<span class="sign">¥</span>{yuan(fen)}'
    return SafeString(f'<span class="{look}">{amount}</span>')


@register.simple_tag
@constant
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; it stands beside words, or carries its own in `label`."""
    href = f"{sprite()}#{name}"
    if not label:
        return SafeString(
            f'<svg class="icon" aria-hidden="true"><use href="{escape(href)}"/></svg>'
        )
    told = conditional_escape(label)
    return SafeString(
        f'<svg class="icon" role="img" aria-label="{told}"><use href="{escape(href)}"/></svg>'
    )


@cache
def sprite() -> str:
    """The address of all icons; it stays the same while the site runs."""
    return static("dist/icons.svg")


@register.simple_tag
def state_badge(order: Any) -> SafeString:
    """The state of an order in its own words (V30 to V41)."""
    return state_mark(order.state, label(order, "state"))


def state_mark(state: str, words: str) -> SafeString:
    """The same where the words are known."""
    look = toned("state", TONES.get(state, ""))
    return format_html('<span class="{}" data-state="{}">{}</span>', look, state, words)


@register.simple_tag
@constant
def badge(label: str, tone: str = "") -> SafeString:
    """Any short word in the shape of a state; tones: wait, run, brand, good, bad."""
    return format_html('<span class="{}">{}</span>', toned("state", tone), label)


def toned(look: str, tone: str) -> str:
    return f"{look} {look}-{tone}" if tone else look


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """An instant in the viewer's zone, exact in the title."""
    return SafeString(UNKNOWN) if at is None else moments([at])[0]


def moments(instants: Sequence[datetime]) -> list[SafeString]:
    """Many of them: zone and language are asked for once."""
    return [
        SafeString(
            f'<time datetime="{at.isoformat()}" title="{escape(title)}">{escape(told)}</time>'
        )
        for at, (told, title) in zip(instants, in_words(instants), strict=True)
    ]


@register.simple_tag
def countdown(until: datetime | None, at: datetime) -> SafeString:
    """The time from `at` (the page's instant) until then; a script keeps it running."""
    if until is None:
        return SafeString(UNKNOWN)
    left = until - at
    urgency = " is-over" if left <= timedelta(0) else " is-near" if left <= NEAR else ""
    return format_html(
        '<span class="left{}">{}<time datetime="{}" data-now="{}" title="{}">{}</time></span>',
        urgency,
        icon("clock"),
        until.isoformat(),
        at.isoformat(),
        exact(until),
        time_left(left.total_seconds()),
    )


def widget_class(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, limit: int | None = None, hint: str = "", *, quiet: bool = False
) -> dict[str, Any]:
    """A labelled field with its hint and errors.

    `limit` (or the widget's `data-limit`) adds a counter; `quiet` leaves out "optional".
    """
    widget = bound.field.widget
    attrs: dict[str, str | bool] = {
        "class": f"{widget.attrs.get('class', '')} {widget_class(bound)}".strip()
    }
    limit = limit or widget.attrs.get("data-limit")
    if limit:
        attrs["data-counter"] = f"{bound.id_for_label}_count"
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "is_stars": "stars" in str(attrs["class"]),
        "quiet": quiet,
        "limit": limit,
        "hint": hint or bound.help_text,
        "used": len(str(bound.value() or "").replace("\r\n", "\n").strip()) if limit else 0,
    }


@register.simple_tag
def form_key() -> SafeString:
    """A token for this one form: sent twice, it acts once."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4().hex)


@register.filter
def initial(name: str) -> str:
    """The letter in place of a missing picture."""
    return (name or "?").strip()[:1].upper()


@register.inclusion_tag("components/metric.html")
def metric(
    label: str, value: object, note: object = "", icon: str = "", tone: str = ""
) -> dict[str, Any]:
    """A figure with its name, inside `<dl class="figures">`; the value may be drawn already."""
    return {"label": label, "value": value, "note": note, "symbol": icon, "tone": tone}


@register.inclusion_tag("components/chart.html")
def chart(chart: Chart, size: str = "", empty: str = "", *, quiet: bool = False) -> dict[str, Any]:
    """A chart with its table.

    `size="s"` is a small one, `empty` what it says without data; `quiet` leaves its title to
    screen readers, for where a heading says the same.
    """
    return {
        "chart": chart,
        "src": static("dist/charts.js"),
        "size": size,
        "empty": empty,
        "quiet": quiet,
    }
