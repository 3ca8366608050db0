"""The small parts that every page is made of: money, states, instants, icons, fields."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core import money as fen_money

register = template.Library()

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


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as plain text: 123450 is "1,234.50"."""
    return "–" if fen is None else fen_money.yuan(fen)


@register.inclusion_tag("components/money.html")
def money(fen: int | None, size: str = "") -> dict[str, Any]:
    """An amount of fen with its sign."""
    return {"amount": yuan(fen), "known": fen is not None, "size": size}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; it stands beside words, or carries its own in `label`."""
    href = f"{static('dist/icons.svg')}#{name}"
    if not label:
        return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
    )


@register.inclusion_tag("components/state_badge.html")
def state_badge(order: Any) -> dict[str, Any]:
    """The state of an order in its own words (V30 to V41)."""
    return {
        "label": order.get_state_display(),
        "tone": TONES.get(order.state, ""),
        "state": order.state,
    }


@register.inclusion_tag("components/badge.html")
def badge(label: str, tone: str = "") -> dict[str, Any]:
    """Any short word in the shape of a state; tones: wait, run, brand, good, bad."""
    return {"label": label, "tone": tone}


def absolute(at: datetime) -> str:
    """Day and time in the viewer's zone, in the reader's habit."""
    return formats.date_format(timezone.localtime(at), pgettext("date format", "j M Y, H:i"))


@register.inclusion_tag("components/moment.html")
def moment(at: datetime | None) -> dict[str, Any]:
    """An instant in the viewer's zone, exact in the title."""
    if at is None:
        return {"at": None}
    return {"at": at, "text": absolute(at), "title": exact(at)}


def exact(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{absolute(at)} ({local:%Z}, UTC{local:%z})"


@register.filter
def time_left(seconds: float) -> str:
    """What is left, in its two largest units."""
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if whole <= 0:
        return _("time is up")
    if days:
        return (
            _("%(d)s d %(h)s h") % {"d": days, "h": hours} if hours else _("%(d)s d") % {"d": days}
        )
    if hours:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes}
    return _("%(m)s min") % {"m": max(minutes, 1)}


@register.inclusion_tag("components/countdown.html")
def countdown(until: datetime | None, at: datetime) -> dict[str, Any]:
    """The time from `at` (the page's instant) until then; a script keeps it running."""
    if until is None:
        return {"until": None}
    left = until - at
    return {
        "until": until,
        "at": at,
        "text": time_left(left.total_seconds()),
        "title": exact(until),
        "near": timedelta(0) < left <= NEAR,
        "over": left <= timedelta(0),
    }


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


@register.filter
def compact(number: int | None) -> str:
    """A large count in few characters, in the reader's habit: 12.3k, 1.2万."""
    if number is None:
        return "–"
    if number < 10_000:
        return f"{number:,}"
    unit, sign = (10_000, "万") if (get_language() or "").startswith("zh") else (1_000, "k")
    return f"{number / unit:.1f}".removesuffix(".0") + sign
