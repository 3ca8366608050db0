"""The frame of the admin: what stands around each of its pages. The sidebar with the numbers of
what waits for somebody, and the alarms.

The library would work its frame out of the settings on every page, and ask for each number alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, DateTimeField, Func, IntegerField, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from core import clock
from core.admin import moment
from core.kept import prepared
from core.light import address, root
from settlement import queries as money
from settlement.models import Halt, LedgerCheck
from settlement.operations import overdue_since
from settlement.recon import items
from tasks.models import Dispute
from tasks.states import State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def open_disputes() -> QuerySet[Dispute]:
    return Dispute.objects.filter(order__state=State.DISPUTED)


# What waits


@dataclass(frozen=True, slots=True)
class Check:
    """The last ledger check: how many differences it found, and the first of them."""

    pk: int
    at: datetime
    found: int
    first: str


@dataclass
class Waiting:
    """What the frame tells: numbers of rows that wait for somebody, open halts, the last check."""

    numbers: dict[str, int] = field(default_factory=dict)
    halts: list[Halt] = field(default_factory=list)
    check: Check | None = None


def waiting(at: datetime) -> Waiting:
    """All of it in one statement, since every page tells it."""
    told = Waiting()
    for what, instant, found, scope, words, number in _told(overdue_since(at=at)):
        if what == "halt":
            told.halts.append(Halt(id=number, scope=scope, reason=words))
        elif what == "check":
            told.check = Check(number, instant, found, words)
        else:
            told.numbers[what] = number
    return told


Rows = QuerySet[Any, tuple[Any, ...]]


@prepared
def _told(stuck_since: datetime) -> Rows:
    found = Func("differences", function="jsonb_array_length", output_field=IntegerField())
    first = Coalesce(KeyTextTransform(0, "differences"), NO_WORDS)
    newest = LedgerCheck.objects.order_by("-id")[:1]
    check: Rows = newest.values_list(Value("check"), "at", found, NO_WORDS, first, "id")
    return check.union(
        money.open_halts().values_list(Value("halt"), "since", NONE, "scope", "reason", "id"),
        _counted("disputes", open_disputes()),
        _counted("operations", money.stuck_since(stuck_since)),
        _counted("differences", items.open_items()),
        all=True,
    )


def _counted(what: str, rows: QuerySet[Any]) -> Rows:
    alone: Rows = rows.order_by().values_list(Value(what), NEVER, NONE, NO_WORDS, NO_WORDS)
    counted: Rows = alone.annotate(Count("pk"))
    return counted


NONE, NO_WORDS = Value(0), Value("", output_field=TextField())
NEVER = Cast(Value(None), DateTimeField())


# The sidebar


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A page that the sidebar leads to, for those with the permission; `counts` names the number
    that stands beside it.
    """

    title: "StrOrPromise"
    icon: str
    page: str
    permission: str = ""
    counts: str = ""

    @property
    def url(self) -> str:
        return address(self.page)

    def is_for(self, person: Any) -> bool:
        if self.page == "ops_clock" and not settings.CLOCK_MOVABLE:
            return False
        return not self.permission or bool(person.has_perm(self.permission))


def _list(title: "StrOrPromise", icon: str, model: str, counts: str = "") -> Place:
    app, name = model.split(".")
    return Place(title, icon, f"admin:{app}_{name}_changelist", f"{app}.view_{name}", counts)


# What ops come for first, then people, money and policy.
GROUPS = (
    (
        gettext_lazy("Work"),
        (
            Place(gettext_lazy("Dashboard"), "space_dashboard", "admin:index"),
            _list(gettext_lazy("Disputes"), "gavel", "tasks.dispute", "disputes"),
            _list(gettext_lazy("Orders"), "receipt_long", "tasks.order"),
            _list(gettext_lazy("Tasks"), "assignment", "tasks.task"),
            Place(gettext_lazy("Clock"), "schedule", "ops_clock", "core.change_clockoffset"),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            _list(gettext_lazy("Merchants"), "storefront", "merchants.merchant"),
            _list(
                gettext_lazy("Payment accounts"),
                "account_balance_wallet",
                "merchants.paymentaccount",
            ),
            _list(gettext_lazy("Creators"), "brush", "creators.creator"),
            _list(gettext_lazy("Channel approvals"), "verified", "creators.creatorchannel"),
            _list(gettext_lazy("Logins"), "key", "accounts.user"),
        ),
    ),
    (
        gettext_lazy("Money"),
        (
            _list(gettext_lazy("Operations"), "sync_alt", "settlement.operation", "operations"),
            _list(gettext_lazy("Escrows"), "lock", "settlement.escrow"),
            _list(gettext_lazy("Transfers"), "moving", "settlement.transfer"),
            _list(gettext_lazy("Totals"), "functions", "settlement.total"),
            _list(gettext_lazy("Payout accounts"), "payments", "settlement.payoutaccount"),
            _list(gettext_lazy("Ledger checks"), "fact_check", "settlement.ledgercheck"),
            _list(gettext_lazy("Differences"), "difference", "settlement.reconitem", "differences"),
            _list(gettext_lazy("Comparisons with bills"), "calendar_month", "settlement.reconrun"),
            _list(gettext_lazy("Decisions by hand"), "how_to_reg", "settlement.manualdecision"),
            _list(gettext_lazy("Halts"), "front_hand", "settlement.halt"),
        ),
    ),
    (
        gettext_lazy("Policy"),
        (
            Place(
                gettext_lazy("Numbers"), "tune", "admin:policy_numbers", "policy.view_policychange"
            ),
            _list(gettext_lazy("Platform fees"), "percent", "policy.feepolicy"),
            _list(gettext_lazy("Domains"), "category", "creators.domain"),
            _list(gettext_lazy("Channels"), "hub", "creators.channel"),
        ),
    ),
)


PLACES = tuple(place for _title, places in GROUPS for place in places)


def navigation(request: HttpRequest, numbers: dict[str, int]) -> SafeString:
    """The groups of the sidebar with the places that this person may go to."""
    places = tuple(place for place in PLACES if place.is_for(request.user))
    here = next((place for place in places if _is_here(place, request.path)), None)
    counted = tuple(sorted(numbers.items()))
    return _drawn(places, here, counted, (get_language(), *root()))


def _is_here(place: Place, path: str) -> bool:
    """All pages lie below the dashboard; it is nobody's place but its own."""
    url = place.url
    return path == url if place.page == "admin:index" else path.startswith(url)


@lru_cache(maxsize=256)
def _drawn(
    places: tuple[Place, ...],
    here: Place | None,
    numbers: tuple[tuple[str, int], ...],
    _language_and_root: tuple[str | None, ...],
) -> SafeString:
    """The same for all who may go to the same places, so drawn once."""
    groups = [(title, [place for place in group if place in places]) for title, group in GROUPS]
    context = {"groups": groups, "here": here, "numbers": dict(numbers)}
    return SafeString(render_to_string("admin/_places.html", context))


def environment() -> str:
    """The label beside the title: that this is a demo, and how far its clock runs ahead."""
    if not settings.CLOCK_MOVABLE:
        return ""
    hours = clock.offset_hours()
    return _("Demo") if not hours else _("Demo, clock +%(hours)s h") % {"hours": hours}


# Alarms


@dataclass(frozen=True)
class Alarm:
    """Something that must not be overlooked, with the page where to look."""

    title: str
    text: str
    url: str


# The check is made every ten minutes.
CHECKED_WITHIN = timedelta(hours=2)


def alarms(found: Waiting, at: datetime) -> Iterator[Alarm]:
    """A halt that is open, and a ledger check that found a difference or has not been made for
    long.
    """
    for halt in found.halts:
        title = _("Stopped: %(scope)s.") % {"scope": halt.get_scope_display()}
        yield Alarm(title, halt.reason_text, address("admin:settlement_halt_change", halt.pk))
    check = found.check
    if check is None:
        return
    url = address("admin:settlement_ledgercheck_change", check.pk)
    if at - check.at > CHECKED_WITHIN:
        text = _("The last check is of %(at)s. One that takes too long ends without a result.")
        yield Alarm(
            _("The ledger is no longer being checked."), text % {"at": moment(check.at)}, url
        )
    if check.found:
        text = _("%(n)s differences, the first: %(first)s.")
        told = {"n": check.found, "first": check.first}
        yield Alarm(_("The ledger does not agree."), text % told, url)


# The site


class Site(UnfoldAdminSite):
    """The admin with this frame around its pages."""

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the frame shows; of the library's own, what its templates for the pages ask for."""
        frame = {
            **self._frame,
            "has_permission": self.has_permission(request),
            "available_apps": SimpleLazyObject(lambda: self.get_app_list(request)),
            "log_entries": self.get_log_entries(request),
        }
        if not frame["has_permission"]:
            return frame
        at = clock.now()
        found = waiting(at)
        return {
            **frame,
            "environment": environment(),
            "navigation": navigation(request, found.numbers),
            "alarms": list(alarms(found, at)),
        }

    @cached_property
    def _frame(self) -> dict[str, Any]:
        """The same for everybody."""
        return {
            "site_title": self._get_config("SITE_TITLE"),
            "site_header": self._get_config("SITE_HEADER"),
            "site_url": None,
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
            "form_classes": self._get_config("FORMS").get("classes"),
            "show_history": True,
            "theme": None,  # chosen in the admin itself; the site's pages have one of that name
        }
