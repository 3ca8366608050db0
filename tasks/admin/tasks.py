"""Tasks: the brief as it was sent, and its orders."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    SinceFilter,
    link,
    money_column,
    text_column,
    time_column,
)
from tasks.admin.orders import state_badge
from tasks.models import Order, Task


class OrderInline(ReadOnlyInline):
    model = Order
    fields = readonly_fields = (
        "number",
        text_column("creator", gettext_lazy("creator")),
        "shown_state",
        money_column(Order, "price_fen", gettext_lazy("price")),
        time_column(Order, "sent_at"),
        time_column(Order, "paid_at"),
        time_column(Order, "closed_at"),
        "trouble",
    )
    show_change_link = False
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        rows: QuerySet[Order] = super().get_queryset(request)
        return rows.select_related("creator")

    @admin.display(description=gettext_lazy("order"))
    def number(self, order: Order) -> str:
        return link("admin:tasks_order_change", order.pk, order.pk)

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, order: Order) -> str:
        return state_badge(order.state)


class SentFilter(SinceFilter):
    title = gettext_lazy("sent")
    field = "sent_at"


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """One brief (V10) and the orders that it was sent out as."""

    list_display = (
        "id",
        "theme",
        text_column("merchant", gettext_lazy("merchant")),
        "channel",
        "content_format",
        "order_count",
        time_column(Task, "sent_at"),
        time_column(Task, "start_at"),
        time_column(Task, "due_at"),
    )
    list_display_links = ("id", "theme")
    list_filter = (SentFilter, ("sent_at", admin.EmptyFieldListFilter), "channel")
    list_select_related = ("merchant", "channel")
    search_fields = ("theme", "merchant__company_name")
    search_help_text = gettext_lazy("Number, theme or company")
    ordering = ("-id",)
    fields = readonly_fields = (
        "theme",
        "shown_merchant",
        "requirements",
        "channel",
        "content_format",
        "campaign",
        *(
            time_column(Task, name)
            for name in ("start_at", "due_at", "created_at", "changed_at", "sent_at", "deleted_at")
        ),
    )
    inlines = (OrderInline,)
    change_form_template = "admin/task.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        rows: QuerySet[Task] = super().get_queryset(request)
        # For the rows of a page alone: a join would count the orders of all tasks for each page.
        orders = Order.objects.filter(task=OuterRef("pk")).order_by().values("task")
        sent = orders.annotate(sent=Count("pk")).values("sent")
        return rows.annotate(orders_sent=Coalesce(Subquery(sent), 0))

    @admin.display(description=gettext_lazy("orders"), ordering="orders_sent")
    def order_count(self, task: Any) -> int:
        return int(task.orders_sent)

    @admin.display(description=gettext_lazy("merchant"))
    def shown_merchant(self, task: Task) -> str:
        return link("admin:merchants_merchant_change", task.merchant_id, task.merchant)

    def page_of(self, row: Any, at: datetime) -> dict[str, Any]:
        return {"attachments": row.attachments.all()}
