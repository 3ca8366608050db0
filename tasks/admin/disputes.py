"""Disputes: what waits for a ruling, the oldest first (V40)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.admin import NOTHING, ReadOnlyAdmin, badge, fen, link, time_column
from core.templatetags.ui import time_left
from tasks.admin.steps import RULE
from tasks.models import Dispute
from tasks.states import State


class RuledFilter(admin.SimpleListFilter):
    """Open ones unless something else is asked for."""

    title = gettext_lazy("state")
    parameter_name = "ruled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Ruled")), ("all", gettext_lazy("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *others = super().choices(changelist)
        yield {**everything, "display": _("Open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Dispute]) -> QuerySet[Dispute]:
        if self.value() == "all":
            return queryset
        if self.value() == "yes":
            return queryset.exclude(order__state=State.DISPUTED)
        return queryset.filter(order__state=State.DISPUTED)


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Ops rule by the requirements as paid for (V11)."""

    list_display = (
        "shown_order",
        "theme",
        "merchant",
        "creator",
        "price",
        time_column(Dispute, "at"),
        "outcome",
        "rule",
    )
    list_display_links = ("theme",)
    list_filter = (RuledFilter,)
    list_select_related = ("order__task", "order__merchant", "order__creator", "order__ruling")
    search_fields = (
        "order__task__theme",
        "order__creator__nickname",
        "order__merchant__company_name",
    )
    search_help_text = gettext_lazy("Order number, theme, nickname or company")
    number_lookup = "order_id"
    ordering = ("at", "id")
    fields = readonly_fields = (
        "shown_order",
        "theme",
        "merchant",
        "creator",
        "price",
        time_column(Dispute, "at"),
        "reason",
        "outcome",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dispute]:
        rows: QuerySet[Dispute] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        # One look at the clock for the page, not one for each row.
        request.platform_now = clock.now()  # type: ignore[attr-defined]
        return super().changelist_view(request, extra_context)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        at: datetime | None = getattr(request, "platform_now", None)
        *columns, outcome, rule = super().get_list_display(request)
        return [*columns, waiting_since(at), outcome, rule]

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        if row.order.state != State.DISPUTED or not self.has_operate_permission(request, row):
            return []
        return [{"label": RULE.label, "tone": RULE.tone, "url": ruling_url(row)}]

    def has_operate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("tasks.change_order"))

    @admin.display(description=gettext_lazy("order"), ordering="order_id")
    def shown_order(self, dispute: Dispute) -> str:
        return link("admin:tasks_order_change", dispute.order_id, dispute.order_id)

    @admin.display(description=gettext_lazy("theme"))
    def theme(self, dispute: Dispute) -> str:
        return dispute.order.task.theme

    @admin.display(description=gettext_lazy("merchant"))
    def merchant(self, dispute: Dispute) -> str:
        return str(dispute.order.merchant)

    @admin.display(description=gettext_lazy("creator"))
    def creator(self, dispute: Dispute) -> str:
        return str(dispute.order.creator)

    @admin.display(description=gettext_lazy("price"))
    def price(self, dispute: Dispute) -> str:
        return fen(dispute.order.price_fen)

    @admin.display(description=gettext_lazy("outcome"))
    def outcome(self, dispute: Dispute) -> str:
        ruling = getattr(dispute.order, "ruling", None)
        if ruling is None:
            return badge(_("open"), "wait")
        shares = {"pay": fen(ruling.pay_fen), "refund": fen(ruling.refund_fen)}
        return _("%(pay)s paid, %(refund)s refunded") % shares

    @admin.display(description="")
    def rule(self, dispute: Dispute) -> str:
        if dispute.order.state != State.DISPUTED:
            return ""
        return format_html('<a class="ops-link" href="{}">{}</a>', ruling_url(dispute), _("Rule"))


def ruling_url(dispute: Dispute) -> str:
    return reverse("admin:tasks_order_rule", args=[dispute.order_id])


def waiting_since(at: datetime | None) -> Any:
    """The column that tells how long the two sides have been waiting at `at`."""

    @admin.display(description=gettext_lazy("waiting"), ordering="at")
    def waiting(dispute: Dispute) -> str:
        if at is None or dispute.order.state != State.DISPUTED:
            return NOTHING
        return time_left((at - dispute.at).total_seconds())

    return waiting
