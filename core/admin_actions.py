"""Actions of staff on rows: always with a reason, always in the log, one domain call per row."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock


class Change(Protocol):
    """What a verb answers: states before and after."""

    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


Perform = Callable[[Any, datetime], Change]
Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=3,
        max_length=500,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def reasoned_action(name: str, description: str | Promise, perform: Perform) -> Action:
    """An admin action that asks for a reason, calls `perform(row, at)` and logs the reason."""

    def run(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return _ask(modeladmin, request, queryset, form, name, description)
        at = clock.now()
        for row in queryset:
            change = perform(row, at)
            log(modeladmin, request, row, description, form.cleaned_data["reason"], change)
        return None

    run.__name__ = name
    action: Action = admin.action(permissions=["change"], description=str(description))(run)
    action.short_description = description  # type: ignore[attr-defined]
    return action


def log(
    modeladmin: Any,
    request: HttpRequest,
    row: Model,
    description: str | Promise,
    reason: str,
    change: Change,
) -> None:
    """Write who did what to which row and why, and tell the person who did it."""
    if change.before == change.after:
        messages.info(request, _("%(row)s: nothing to change.") % {"row": row})
        return
    text = f"{description}: {change.before} → {change.after}. {reason}"
    modeladmin.log_change(request, row, text)
    messages.success(request, f"{row}: {description}")


def _ask(
    modeladmin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    form: ReasonForm,
    name: str,
    description: str | Promise,
) -> TemplateResponse:
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.model._meta,
        "title": description,
        "rows": queryset,
        "form": form,
        "action": name,
        "checkbox": helpers.ACTION_CHECKBOX_NAME,
        "select_across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "core/reason.html", context)


def private_values_action(names: tuple[str, ...], permission: str = "change") -> Action:
    """An action that shows the private values of rows, once a reason is in the log."""
    description = gettext_lazy("Show private data")

    def run(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return _ask(modeladmin, request, queryset, form, "show_private", description)
        for row in queryset:
            modeladmin.log_change(request, row, f"{description}. {form.cleaned_data['reason']}")
        return _show(modeladmin, request, queryset, names, description)

    run.__name__ = "show_private"
    action: Action = admin.action(permissions=[permission])(run)
    action.short_description = description  # type: ignore[attr-defined]
    return action


def _show(
    modeladmin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    names: tuple[str, ...],
    description: str | Promise,
) -> TemplateResponse:
    fields = [modeladmin.model._meta.get_field(name) for name in names]
    rows = [
        (row, [(field.verbose_name, getattr(row, field.name)) for field in fields])
        for row in queryset
    ]
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.model._meta,
        "title": description,
        "rows": rows,
    }
    return TemplateResponse(request, "core/private.html", context)
