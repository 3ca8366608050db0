"""The living page of the look: every token with its contrast, every component in its variants.

It is made of the real components and of objects that no database knows, so what it shows is what
the pages show.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import Role
from core import charts, clock
from core.charts import Chart, Series, Span
from creators.models import Creator
from tasks.models import Order
from tasks.states import State

TOKENS = settings.BASE_DIR / "static" / "src" / "look" / "tokens.css"
COLOUR = re.compile(r"--v-([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
# Text on what it stands on (WCAG AA asks for 4.5), and lines and shapes that carry meaning (3).
TEXTS = (
    ("ink", "paper"), ("ink", "card"), ("ink", "card-2"), ("ink", "brand-soft"),
    ("ink", "warm-soft"), ("ink", "good-soft"), ("ink", "bad-soft"), ("ink", "calm-soft"),
    ("ink-soft", "paper"), ("ink-soft", "card"), ("ink-soft", "card-2"), ("ink-soft", "grey-soft"),
    ("ink-soft", "brand-soft"), ("brand", "card"), ("brand", "paper"), ("brand-deep", "brand-soft"),
    ("on-brand", "brand"), ("on-bad", "bad"), ("bad", "card"), ("bad", "bad-soft"),
    ("warm", "card"), ("warm", "warm-soft"), ("good", "card"), ("good", "good-soft"),
    ("calm", "calm-soft"),
)  # fmt: skip
SHAPES = (
    ("field", "card"), ("brand", "card"), ("calm", "card"), ("warm", "card"), ("plum", "card"),
    ("good", "card"), ("bad", "card"), ("grey", "card"),
)  # fmt: skip
SIZES = ("xs", "s", "m", "l", "xl", "xxl")
ROUND = ("s", "m", "l", "pill")


@dataclass(frozen=True)
class Contrast:
    """How well one token is seen on another: the ratio by day and by night, and the least."""

    front: str
    back: str
    least: float
    looks: tuple[tuple[str, str, str, float], ...]


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """For everybody in the demo, elsewhere for staff."""
    if settings.VTASK_ENV != "demo" and getattr(request.user, "role", None) != Role.OPS:
        raise Http404
    at = clock.now()
    facts = {
        "colours": colours(),
        "contrasts": [*contrasts(TEXTS, least=4.5), *contrasts(SHAPES, least=3)],
        "sizes": SIZES,
        "rounds": ROUND,
        "panes": [("light", samples(at, "light")), ("dark", samples(at, "dark"))],
    }
    return render(request, "pages/styleguide.html", facts)


# The tokens


@cache
def colours() -> dict[str, tuple[str, str]]:
    """Each colour by day and by night, as the stylesheet says it."""
    found = COLOUR.findall(TOKENS.read_text(encoding="utf-8"))
    return {name: (day, night) for name, day, night in found}


def contrasts(pairs: tuple[tuple[str, str], ...], *, least: float) -> Iterator[Contrast]:
    known = colours()
    for front, back in pairs:
        looks = tuple(
            (theme, ink, paper, contrast(ink, paper))
            for theme, ink, paper in zip(("light", "dark"), known[front], known[back], strict=True)
        )
        yield Contrast(front, back, least, looks)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# What the components show


class Question(forms.Form):
    """A field of each kind."""

    theme = forms.CharField(label=gettext_lazy("Theme"), initial="春季新品精华试用")
    requirements = forms.CharField(
        label=gettext_lazy("Requirements"), widget=forms.Textarea(attrs={"rows": 3})
    )
    price = forms.CharField(label=gettext_lazy("Price"), required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"), choices=[("a", "微淘"), ("b", "有好货")]
    )
    agrees = forms.BooleanField(label=gettext_lazy("Accepting orders"), initial=True)
    quality = forms.ChoiceField(
        label=gettext_lazy("Quality"),
        choices=[(str(n), str(n)) for n in range(1, 6)],
        initial="4",
        widget=forms.RadioSelect(attrs={"class": "stars"}),
    )


def questions(theme: str) -> dict[str, forms.Form]:
    wrong = Question({f"{theme}-wrong-theme": "x" * 3}, prefix=f"{theme}-wrong")
    wrong.is_valid()
    return {"form": Question(prefix=theme), "wrong": wrong}


def samples(at: datetime, theme: str) -> dict[str, Any]:
    """Everything that one pane shows; ids differ between the panes."""
    return {
        **questions(theme),
        "at": at,
        "is_first": theme == "light",
        "orders": [Order(state=state) for state in State],
        "moments": {
            "days": at + timedelta(days=3, hours=5),
            "near": at + timedelta(hours=5, minutes=7),
            "over": at - timedelta(hours=1),
        },
        "creators": creators(),
        "events": events(at),
        "lines": preview(),
        "steps": steps(),
        "tabs": tabs(),
        "page": Paginator(range(60), 20).page(2),
        "files": files(),
        "messages": messages(),
        "charts": pictures(at),
        "bell": {"count": 3, "text": "3"},
    }


def creators() -> list[SimpleNamespace]:
    """Two creators as a list shows them: one chosen, one plain."""
    first = Creator(
        pk=1,
        nickname="小鹿的美妆实验室",
        introduction="化学专业毕业，喜欢翻成分表，把复杂的配方讲成大白话。",
        followers=86_000,
        avg_reads=24_700,
    )
    second = Creator(pk=2, nickname="阿辛的护肤笔记", followers=1_840_000, avg_reads=9_120)
    return [
        SimpleNamespace(row=first, price_fen=343_000, chosen=True),
        SimpleNamespace(row=second, price_fen=29_900, chosen=False),
    ]


def events(at: datetime) -> list[dict[str, Any]]:
    """An order's story, newest first."""
    return [
        {"title": State.CONFIRMED.label, "at": at + timedelta(days=9), "tone": "next"},
        {
            "title": State.DELIVERED.label,
            "at": at - timedelta(hours=2),
            "who": "小鹿的美妆实验室",
            "note": "https://weitao.vtask.example/u/1/0",
            "tone": "",
        },
        {"title": State.ACCEPTED.label, "at": at - timedelta(days=2), "tone": "good"},
        {
            "title": State.DECLINED.label,
            "at": at - timedelta(days=3),
            "tone": "bad",
            "fen": 343_000,
        },
    ]


def preview() -> list[dict[str, Any]]:
    """Who gets what when an order is confirmed (N1)."""
    return [
        {"label": "小鹿的美妆实验室", "note": _("The creator receives"), "fen": 274_400},
        {"label": "vtask", "note": _("Platform fee"), "fen": 68_600},
    ]


def steps() -> list[dict[str, str]]:
    labels = (_("Brief"), _("Choose creators"), _("Pay"))
    states = ("done", "now", "next")
    return [
        {"label": label, "status": status, "url": "#stepper"}
        for label, status in zip(labels, states, strict=True)
    ]


def tabs() -> list[dict[str, Any]]:
    labels = (_("Awaiting payment"), _("In progress"), _("Completed"), _("Closed"))
    counts = (2, 14, 128, 7)
    return [
        {"label": label, "url": "#tabs", "count": count, "current": count == 14}
        for label, count in zip(labels, counts, strict=True)
    ]


def files() -> list[dict[str, Any]]:
    return [
        {"name": "产品图.jpg", "url": "#files", "kind": "picture", "size": 184_320},
        {"name": "拍摄要求.pdf", "url": "#files", "kind": "document", "size": 1_204_224},
        {"name": "https://shop.vtask.example/item/1", "url": "#files", "kind": "link"},
    ]


class Note(SimpleNamespace):
    """A message of the last action, as Django's own: its text and its tags."""

    def __str__(self) -> str:
        return str(self.text)


def messages() -> list[Note]:
    return [
        Note(tags="success", text=_("Saved.")),
        Note(tags="error", text=_("There is nothing here")),
    ]


def pictures(at: datetime) -> list[Chart]:
    """A chart of each kind, and an empty one."""
    today = timezone.localdate(at)
    days = [today - timedelta(days=n) for n in reversed(range(14))]
    visits = [212, 340, 298, 1_204, 980, 760, 1_430, 2_210, 1_870, 1_320, 1_100, 940, 1_510, 1_690]
    visitors = [n * 7 // 10 for n in visits]
    months = [(today.replace(day=1) - timedelta(days=30 * n)).replace(day=1) for n in (4, 3, 2, 1)]
    months.append(today.replace(day=1))
    earned = Series(_("Net"), [120_000, 343_000, 274_000, 548_000, 617_400])
    regions = ["广东", "浙江", "江苏", "上海", "四川"]
    return [
        charts.line(
            _("Reads"), days, [Series(_("Reads"), visits), Series(_("Visitors"), visitors)]
        ),
        charts.bars(_("Earned"), months, [earned], money=True),
        charts.bars(
            _("Region"), regions, [Series(_("Share"), [24, 18, 12, 9, 7])], percent=True, lying=True
        ),
        charts.shares(
            _("Gender"), [_("Women"), _("Men"), _("Not known")], [68, 27, 5], percent=True
        ),
        charts.spans(_("Path of the order"), path(at), at=at),
        charts.line(_("Reads"), [], []),
    ]


def path(at: datetime) -> list[Span]:
    hour = timedelta(hours=1)
    return [
        Span(State.UNPAID.label, at - 130 * hour, at - 120 * hour, "wait"),
        Span(State.PAID.label, at - 120 * hour, at - 96 * hour, "wait"),
        Span(State.ACCEPTED.label, at - 96 * hour, at - 20 * hour, "run"),
        Span(State.DELIVERED.label, at - 20 * hour, None, "brand"),
    ]
