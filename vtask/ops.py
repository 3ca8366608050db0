"""Pages of the admin that belong to no single app: the dashboard, and the demo's clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from core import clock
from core.admin import fen, moment
from core.models import ClockOffset
from creators.models import Creator
from merchants.models import Merchant
from settlement import queries as money
from settlement.ledger import PLATFORM
from settlement.models import Operation
from settlement.pockets import FEE
from settlement.recon import items
from tasks import queries as orders
from tasks.models import Order
from vtask.admin_site import open_disputes

DAY_HOURS = 24
MOST_HOURS = 24 * 365


# Dashboard


@dataclass(frozen=True)
class Figure:
    """A number of the dashboard and the list behind it."""

    label: str
    value: str | int
    url: str = ""
    tone: str = ""


def dashboard(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What waits for ops, and whether the machine is well."""
    at = clock.now()
    disputes = open_disputes().select_related("order__task", "order__merchant", "order__creator")
    return {
        **context,
        "title": _("Dashboard"),
        "at": at,
        "waiting": waiting_for_people(),
        "machine": machine(at),
        "disputes": disputes.order_by("at", "id")[:8],
        "is_clock_movable": settings.CLOCK_MOVABLE,
    }


def waiting_for_people() -> list[Figure]:
    return [
        _counted(
            _("Merchants to activate"),
            Merchant.objects.filter(status="PENDING"),
            "admin:merchants_merchant_changelist",
            "status__exact=PENDING",
        ),
        _counted(
            _("Creators to activate"),
            Creator.objects.filter(status="PENDING"),
            "admin:creators_creator_changelist",
            "status__exact=PENDING",
        ),
        _counted(_("Open disputes"), open_disputes(), "admin:tasks_dispute_changelist", ""),
        _counted(
            _("Payouts blocked"),
            Order.objects.filter(trouble="PAYOUT_BLOCKED"),
            "admin:tasks_order_changelist",
            "trouble=PAYOUT_BLOCKED",
        ),
        _counted(
            _("Returns blocked"),
            Order.objects.filter(trouble="RETURN_BLOCKED"),
            "admin:tasks_order_changelist",
            "trouble=RETURN_BLOCKED",
        ),
        _counted(
            _("Confirmations held"),
            orders.held(),
            "admin:tasks_order_changelist",
            "confirmation=held",
            "bad",
        ),
    ]


def machine(at: datetime) -> list[Figure]:
    operations = "admin:settlement_operation_changelist"
    manual = Operation.objects.filter(money.MANUAL)
    return [
        _counted(_("Operations for a person"), manual, operations, "look=manual", "bad"),
        _counted(
            _("Decisions to approve"),
            money.waiting_for_second_person(),
            operations,
            "look=proposed",
        ),
        _counted(_("Operations stuck"), money.stuck(at), operations, "look=stuck", "bad"),
        _counted(
            _("Differences with the gateway"),
            items.open_items(),
            "admin:settlement_reconitem_changelist",
            "",
            "bad",
        ),
        _counted(
            _("Reminders not delivered in time"),
            orders.without_reminder(at),
            "admin:tasks_order_changelist",
            "confirmation=unreminded",
        ),
        _due(at),
        _last_check(),
        Figure(
            _("Fees earned"),
            fen(money.total_fen(PLATFORM, FEE)),
            f"{reverse('admin:settlement_transfer_changelist')}?q={PLATFORM}",
        ),
    ]


def _counted(label: str, rows: Any, name: str, query: str, tone: str = "wait") -> Figure:
    number = rows.count()
    url = reverse(name) + (f"?{query}" if query else "")
    return Figure(label, number, url, tone if number else "")


def _due(at: datetime) -> Figure:
    """What the clock has still to do; beat does it within seconds."""
    return Figure(_("Orders due now"), sum(orders.due_count(at).values()))


def _last_check() -> Figure:
    check = money.last_check()
    if check is None:
        return Figure(_("Last ledger check"), "–")
    url = reverse("admin:settlement_ledgercheck_change", args=[check.pk])
    label = _("Last ledger check, %(at)s") % {"at": moment(check.at)}
    return Figure(
        label, _("agrees") if check.is_ok else _("differs"), url, "" if check.is_ok else "bad"
    )


# The demo's clock


class MoveForm(forms.Form):
    """How far the clock is moved forward."""

    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=0, max_value=365, initial=0)
    hours = forms.IntegerField(label=gettext_lazy("Hours"), min_value=0, max_value=8760, initial=0)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        total = (data.get("days") or 0) * DAY_HOURS + (data.get("hours") or 0)
        if not self.errors and not 1 <= total <= MOST_HOURS:
            raise forms.ValidationError(
                _("Forward by at least an hour and at most a year."), code="range"
            )
        return {**data, "total": total}


# What the clock does by itself, by the verb that does it.
DUE = {
    "void": gettext_lazy("Unpaid at the start: void"),
    "lapse": gettext_lazy("Not accepted by the start: lapse"),
    "overdue": gettext_lazy("Not delivered in time: overdue"),
    "remind": gettext_lazy("Reminders to send"),
    "confirm": gettext_lazy("Deliveries to confirm"),
}
JUMPS = (
    (gettext_lazy("2 hours"), 0, 2),
    (gettext_lazy("1 day"), 1, 0),
    (gettext_lazy("3 days"), 3, 0),
    (gettext_lazy("10 days"), 10, 0),
)


@require_http_methods(["GET", "POST"])
def clock_page(request: HttpRequest) -> HttpResponse:
    """The time of the platform; in the demo ops move it forward, to watch ten days pass."""
    if not settings.CLOCK_MOVABLE:
        raise Http404
    if not request.user.has_perm("core.change_clockoffset"):
        raise PermissionDenied
    form = MoveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        _move(request, form.cleaned_data["total"])
        return redirect("ops_clock")
    at = clock.now()
    context = {
        **admin.site.each_context(request),
        "title": _("Clock"),
        "form": form,
        "at": at,
        "hours": clock.offset_hours(),
        "jumps": JUMPS,
        "due": [(DUE[verb], number) for verb, number in orders.due_count(at).items()],
        "unreminded": orders.without_reminder(at).count(),
    }
    return TemplateResponse(request, "admin/clock.html", context)


def _move(request: HttpRequest, hours: int) -> None:
    clock.move(hours)
    text = _("Moved forward by %(hours)s hours.") % {"hours": hours}
    LogEntry.objects.log_actions(
        request.user.pk or 0,
        ClockOffset.objects.filter(id=1),
        CHANGE,
        text,
        single_object=True,
    )
    messages.success(request, f"{text} {_('What became due happens within a minute.')}")


ops_clock = admin.site.admin_view(clock_page)
