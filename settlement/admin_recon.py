"""Differences between our books and the gateway's in the admin: a list to work off, with notes."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import (
    NOTHING,
    ReadOnlyAdmin,
    Step,
    Visit,
    badge,
    link,
    money_column,
    short,
    text_column,
    time_column,
)
from settlement.models import ReconItem, ReconRun
from settlement.recon import items

ORDER_PAGE = "admin:tasks_order_change"
RESULT_TONES = {ReconRun.Result.WAITING: "wait", ReconRun.Result.REFUSED: "bad"}


class NoteForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("What the difference was, and what was done about it."),
        min_length=3,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def note_form(_row: Any, data: QueryDict | None) -> forms.Form:
    return NoteForm(data)


def work_off(item: ReconItem, data: dict[str, Any], visit: Visit) -> str | None:
    if not items.work_off(item.pk, data["reason"], at=visit.at, by=visit.user.pk):
        return None
    return _("Worked off.")


WORK_OFF = Step(
    "work_off",
    gettext_lazy("Work off"),
    work_off,
    applies=lambda item: item.closed_at is None,
    form=note_form,
    explanation=gettext_lazy(
        "This moves no money. A difference that has gone is closed by itself; one that is worked "
        "off stays closed while it is the same."
    ),
    refusals=(items.UnableToWorkOff,),
)


class OpenFilter(admin.SimpleListFilter):
    """What is open, unless something else is asked for."""

    title = gettext_lazy("state")
    parameter_name = "shown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("closed", gettext_lazy("no longer open")),
            ("all", gettext_lazy("open and closed")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(closed_at__isnull=self.value() != "closed")


@admin.register(ReconItem)
class ReconItemAdmin(ReadOnlyAdmin):
    """Differences: found by the machine, closed by themselves or by a person with a note."""

    list_display = (
        time_column(ReconItem, "found_at"),
        "level",
        "kind",
        "day",
        "order",
        "number",
        money_column(ReconItem, "ours_fen", gettext_lazy("here")),
        money_column(ReconItem, "theirs_fen", gettext_lazy("there")),
        "state",
    )
    list_filter = (OpenFilter, "level", "kind")
    search_fields = ("out_no__exact",)
    search_help_text = gettext_lazy("Order number or operation")
    number_lookup = "order_id"
    list_select_related = ("closed_by",)
    ordering = ("-id",)
    fields = readonly_fields = (
        "level",
        "kind",
        "day",
        "order",
        "out_no",
        money_column(ReconItem, "ours_fen", gettext_lazy("here")),
        money_column(ReconItem, "theirs_fen", gettext_lazy("there")),
        "detail",
        time_column(ReconItem, "found_at"),
        "state",
        time_column(ReconItem, "closed_at"),
        text_column("closed_by", gettext_lazy("closed by")),
        "note",
    )
    steps = (WORK_OFF,)

    @admin.display(description=gettext_lazy("order"), ordering="order_id")
    def order(self, item: ReconItem) -> str:
        return NOTHING if item.order_id is None else link(ORDER_PAGE, item.order_id, item.order_id)

    @admin.display(description=gettext_lazy("operation"), ordering="out_no")
    def number(self, item: ReconItem) -> str:
        return short(item.out_no)

    @admin.display(description=gettext_lazy("state"))
    def state(self, item: ReconItem) -> str:
        if item.closed_at is None:
            return badge(_("open"), "bad")
        return badge(_("vanished") if item.closed_by_id is None else _("worked off"), "good")


@admin.register(ReconRun)
class ReconRunAdmin(ReadOnlyAdmin):
    """Each comparison with the bill of a day."""

    list_display = (time_column(ReconRun, "at"), "day", "outcome", "rows", "differences", "note")
    list_filter = ("result",)
    ordering = ("-id",)
    fields = readonly_fields = (
        time_column(ReconRun, "at"),
        "day",
        "outcome",
        "rows",
        "differences",
        "note",
    )

    @admin.display(description=gettext_lazy("result"), ordering="result")
    def outcome(self, run: ReconRun) -> str:
        tone = RESULT_TONES.get(ReconRun.Result(run.result))
        return badge(run.get_result_display(), tone or ("bad" if run.differences else "good"))
