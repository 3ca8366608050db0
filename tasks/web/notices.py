"""The bell, the page of messages, and the choice of e-mails."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role, User
from accounts.web.context import profile_of
from accounts.web.views import next_page
from core import words
from tasks import notices
from tasks.letters import Told
from tasks.rules import REMINDERS
from tasks.web.edge import actor, edge, own_only, party_required
from tasks.wording import ALWAYS, TEXTS, kinds_of
from tasks.workflow import choices, seen

ALL, UNSEEN, NEEDING = "all", "unseen", "needs-you"


@dataclass
class Bell:
    """What the header shows of somebody's messages. Asks the database when it is drawn, and once;
    a page without a header asks nothing.
    """

    side: str
    party: int

    @cached_property
    def count(self) -> int:
        return notices.unseen_count(self.side, self.party)

    @property
    def text(self) -> str:
        return count_text(self.count)


def count_text(count: int) -> str:
    """The number as people see it; what was counted up to a limit says so."""
    return f"{count - 1}+" if count >= notices.MOST_COUNTED else str(count)


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the bell of merchants and creators; visitors and staff have none."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.role not in {Role.MERCHANT, Role.CREATOR}:
        return {}
    profile = profile_of(user)
    return {} if profile is None else {"bell": Bell(user.role, profile.pk)}


def opened(request: HttpRequest, order_id: int, *, at: datetime) -> dict[str, Any]:
    """For the page of an order: whoever opens it has seen all that he was told of it, so its bell
    no longer counts that. Like opening a letter this is a GET that leaves a mark: it changes no
    order, done twice it does nothing more, and a browser that only fetches ahead leaves none.
    """
    context = bell(request)
    shown = context.get("bell")
    if shown is None or not shown.count or not _is_looking(request):
        return context
    seen.see_order(order_id, at=at, by=actor(request.user))
    return {"bell": Bell(shown.side, shown.party)}


def _is_looking(request: HttpRequest) -> bool:
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return request.method == "GET" and "prefetch" not in purpose


@never_cache
@require_safe
@party_required
def count(request: HttpRequest) -> HttpResponse:
    """The bell's number, asked for again and again: 204 while it is what the page knows."""
    by = actor(request.user)
    shown = Bell(by.role, by.party)
    if request.GET.get("known") == shown.text:
        return HttpResponse(status=204)
    return _part("components/_bell_count.html", {"bell": shown})


@never_cache
@require_safe
@party_required
def latest(request: HttpRequest) -> HttpResponse:
    """What the bell shows when it is opened."""
    by = actor(request.user)
    return _part("tasks/_notices_latest.html", {"latest": notices.latest(by.role, by.party)})


def _part(template: str, context: dict[str, Any]) -> HttpResponse:
    """A part of a page, without what whole pages carry around it."""
    return HttpResponse(render_to_string(template, context))


FILTERS = (
    (ALL, gettext_lazy("All")),
    (UNSEEN, gettext_lazy("Unseen")),
    (NEEDING, gettext_lazy("Needs you")),
)
FOUND_BY = {ALL: notices.of_party, UNSEEN: notices.unseen, NEEDING: notices.needing}


@never_cache
@require_safe
@party_required
def list_page(request: HttpRequest) -> HttpResponse:
    """Everything that this person was told, newest first."""
    here = edge(request)
    which = request.GET.get("show", ALL)
    which = which if which in FOUND_BY else ALL
    rows = FOUND_BY[which](here.side, here.by.party)
    page = notices.page(rows, older_than=_number(request.GET.get("before", "")))
    shown = Bell(here.side, here.by.party)
    needing = notices.needing_count(here.side, here.by.party)
    context = {
        "bell": shown,
        "tabs": _tabs(request.path, which, {UNSEEN: shown.text, NEEDING: count_text(needing)}),
        "days": by_day(page.messages, at=here.at),
        "newest": page.messages[0].row.pk if page.messages else 0,
        "older_url": f"?show={which}&before={page.older_than}" if page.older_than else "",
        "is_first": "before" not in request.GET,
        "waiting": notices.still_needing(here.side, here.by.party, page.messages),
        "which": which,
        "at": here.at,
    }
    return render(request, "tasks/notices.html", context)


def _tabs(path: str, current: str, counts: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"{path}?show={name}",
            "count": counts.get(name),
            "current": name == current,
        }
        for name, label in FILTERS
    ]


def _number(text: str) -> int:
    """A key of a page as it came in an address; nonsense begins at the newest."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def by_day(found: list[Told], *, at: datetime) -> list[tuple[str, list[Told]]]:
    """Messages under the headings of their days, in the viewer's zone."""
    today = timezone.localtime(at).date()
    groups = groupby(found, key=lambda message: timezone.localtime(message.row.at).date())
    return [(day_text(day, today), list(members)) for day, members in groups]


def day_text(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    return _("Yesterday") if day == today - timedelta(days=1) else words.day(day)


@require_safe
@party_required
def go(request: HttpRequest, notice_id: int) -> HttpResponse:
    """To the order that a message is about; the message counts as seen."""
    here = edge(request)
    with own_only():
        row = seen.see(notice_id, at=here.at, by=here.by)
    return redirect("tasks:order", order_id=row.order_id)


@require_POST
@party_required
def see_all(request: HttpRequest) -> HttpResponse:
    """All that the page showed and everything older is seen."""
    here = edge(request)
    seen.see_all(_number(request.POST.get("up_to", "")), at=here.at, by=here.by)
    return redirect(next_page(request, reverse("tasks:notices")))


# The groups of the page on which people choose their e-mails.
GROUPS = (
    (
        gettext_lazy("Orders"),
        ("sent", "withdrawn", "received", "accepted", "declined", "void", "lapsed"),
    ),
    (gettext_lazy("Price offers"), ("price_offered", "price_accepted", "price_rejected")),
    (
        gettext_lazy("Deliveries and reviews"),
        ("secured", "delivered", "figures_reported", "overdue", "reviewed"),
    ),
    (gettext_lazy("Invoices"), ("invoice_wanted", "invoice_handed_in")),
)
REMINDERS_WHY = gettext_lazy("The clock may confirm a delivery only if its reminders reached you.")
MONEY_WHY = gettext_lazy("Your money never moves without your being told.")


@require_http_methods(["GET", "HEAD", "POST"])
@party_required
def choose(request: HttpRequest) -> HttpResponse:
    """Which e-mails the person wants, and which are always sent and why."""
    here = edge(request)
    if request.method == "POST":
        choices.choose(request.POST.getlist("kind"), by=here.by)
        messages.success(request, _("Saved."))
        return redirect("tasks:notice_choices")
    off = notices.switched_off(here.by.user_id or 0)
    context = {"groups": _groups(here.side, off), "locked": _locked(here.side)}
    return render(request, "tasks/notice_choices.html", context)


def _groups(side: str, off: set[str]) -> list[dict[str, Any]]:
    mine = set(notices.choosable(side))
    groups = [
        {"label": label, "kinds": [_kind(kind, off) for kind in kinds if kind in mine]}
        for label, kinds in GROUPS
    ]
    return [group for group in groups if group["kinds"]]


def _kind(kind: str, off: set[str]) -> dict[str, Any]:
    return {"name": kind, "text": TEXTS[kind], "is_on": kind not in off}


def _locked(side: str) -> list[dict[str, Any]]:
    """What is always sent, with the reason."""
    mine = [kind for kind in kinds_of(side) if kind in ALWAYS]
    parts = (
        (_("Reminders"), REMINDERS_WHY, [kind for kind in mine if kind in REMINDERS]),
        (_("Money and disputes"), MONEY_WHY, [kind for kind in mine if kind not in REMINDERS]),
    )
    return [
        {"label": label, "reason": reason, "texts": [TEXTS[kind] for kind in kinds]}
        for label, reason, kinds in parts
        if kinds
    ]
