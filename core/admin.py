"""What the admin pages of all apps share: rows that nobody edits by hand, and steps with a reason.

A row comes from verbs and stays as it is. What staff may do with it are its `steps`: each is a page
with a form, shows what will happen to the money where money moves (N1), and makes one domain call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from core import clock
from core.admin_actions import ReasonForm
from core.admin_lists import NearPages, safe
from core.kept import again
from core.money import yuan
from core.templatetags.ui import absolute

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOTHING = "–"
SHORT = 10
# A cell of the admin costs much; a list of more rows takes longer than a page may.
ROWS_PER_PAGE = 25
# How the standing of a merchant or creator looks.
STANDING_TONES = {"PENDING": "wait", "ACTIVE": "good", "SUSPENDED": "bad"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a member of staff: who, when, and the form that the click came from (N20)."""

    user: Any
    at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what will happen: an amount in fen, or words."""

    label: "StrOrPromise"
    fen: int | None = None
    text: "StrOrPromise" = ""


MakeForm = Callable[[Any, QueryDict | None], forms.Form]
Do = Callable[[Any, dict[str, Any], Visit], "StrOrPromise | None"]
Foresee = Callable[[Any, dict[str, Any], Visit], list[Line]]


def reason_form(_row: Any, data: QueryDict | None) -> forms.Form:
    return ReasonForm(data)


@dataclass(frozen=True)
class Step:
    """Something staff may do with one row.

    `do` makes the one domain call and says what was done; None when it had been done before.
    `foresee` tells what will happen. With `asks_again` it needs the form, so the page comes twice:
    first the form, then what will happen and a button. `facts` is what to judge by. `shows` answers
    with a page of its own.
    """

    name: str
    label: "StrOrPromise"
    do: Do
    applies: Callable[[Any], bool] = lambda _row: True
    form: MakeForm = reason_form
    facts: Callable[[Any], list[Line]] | None = None
    foresee: Foresee | None = None
    asks_again: bool = False
    explanation: "StrOrPromise" = ""
    refusals: tuple[type[Exception], ...] = ()
    tone: str = ""
    shows: Callable[[Any], dict[str, Any]] | None = None
    answer_template: str = ""


class NobodyEdits:
    """Nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(NobodyEdits, TabularInline):
    """Rows below another one, to read."""

    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True
    hide_title = True


class PlainRows(ChangeList):
    """A list whose rows are plain values by their names: to make objects of them costs more than
    all else of a list.
    """

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        names = self.model_admin.list_values
        rows: QuerySet[Any] = self.result_list
        self.result_list = again(rows.values_list("pk", *names, named=True))


class ListedAdmin(ModelAdmin):
    """A list that costs the same, however long it is."""

    show_full_result_count = False
    list_per_page = ROWS_PER_PAGE
    # What the list reads, where its rows are wide and joined: their columns get plain values.
    list_values: tuple[str, ...] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PlainRows if self.list_values else ChangeList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        *args: Any,
        **kwargs: Any,
    ) -> Paginator[Any]:
        """Whoever may do something to all rows must know how many they are."""
        if self.get_actions(request):
            return Paginator(queryset, per_page)
        return NearPages(queryset, per_page, page=_number(request.GET.get(PAGE_VAR)))


def _number(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdigit() and len(told) <= 9 else 1


class ReadOnlyAdmin(NobodyEdits, ListedAdmin):
    """A list and a page per row, both to read, and the steps that lead from a row."""

    steps: tuple[Step, ...] = ()
    number_lookup = "pk"  # what a number alone is looked for in
    actions: Any = ()
    change_form_template = "admin/read_only.html"

    def has_operate_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff with the right to change such rows may take the steps; nobody edits fields."""
        opts = self.model._meta
        return bool(request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A number alone is looked for as such, in one index."""
        term = search_term.strip()
        if term.isascii() and term.isdigit() and len(term) <= 18:
            return queryset.filter(**{self.number_lookup: int(term)}), False
        found: tuple[QuerySet[Any], bool] = super().get_search_results(
            request, queryset, search_term
        )
        return found

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:object_id>/{step.name}/",
                self.admin_site.admin_view(self.step_view),
                {"name": step.name},
                name=self._step_url_name(step),
            )
            for step in self.steps
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if row is not None:
            context["steps"] = self.steps_of(request, row)
            context.update(self.page_of(row, clock.now()))
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def page_of(self, row: Any, at: datetime) -> dict[str, Any]:
        """What the template of a row's page shows besides its fields."""
        return {}

    def steps_of(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """The buttons of a row's page."""
        if not self.has_operate_permission(request, row):
            return []
        return [
            {"label": step.label, "tone": step.tone, "url": self.step_url(step, row.pk)}
            for step in self.steps
            if step.applies(row)
        ]

    def step_url(self, step: Step, pk: int) -> str:
        return reverse(f"admin:{self._step_url_name(step)}", args=[pk])

    def _step_url_name(self, step: Step) -> str:
        opts = self.model._meta
        return f"{opts.app_label}_{opts.model_name}_{step.name}"

    def step_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        """GET shows the form and what will happen; POST does it, or shows why it cannot be done."""
        if not self.has_operate_permission(request):
            raise PermissionDenied
        step = next(step for step in self.steps if step.name == name)
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        visit = Visit(request.user, clock.now(), token_of(request))
        form = step.form(row, request.POST if request.method == "POST" else None)
        seen = Seen(step, form, visit)
        try:
            if request.method != "POST":
                seen.foresee(row, {})
            elif form.is_valid() and step.asks_again and "confirm" not in request.POST:
                seen.foresee(row, form.cleaned_data)
                seen.is_confirming = True
            elif form.is_valid():
                return self._take(request, step, row, form, visit)
        except step.refusals as refusal:
            seen.refusal = str(refusal)
        return self._step_page(request, row, seen)

    def _take(
        self, request: HttpRequest, step: Step, row: Any, form: forms.Form, visit: Visit
    ) -> HttpResponse:
        """The step and its entry in the log commit together."""
        with transaction.atomic():
            said = step.do(row, form.cleaned_data, visit)
            if said is not None:
                self.log_change(request, row, audit(step.label, said, form.cleaned_data))
        if step.shows is not None:
            return self._answer_page(request, step, row)
        if said is None:
            messages.info(request, _("This had been done before. Nothing was changed."))
        else:
            messages.success(request, str(said))
        opts = self.model._meta
        return redirect(f"admin:{opts.app_label}_{opts.model_name}_change", row.pk)

    def _step_page(self, request: HttpRequest, row: Any, seen: "Seen") -> TemplateResponse:
        return TemplateResponse(
            request,
            "admin/step.html",
            {
                **self._context(request, row),
                "title": seen.step.label,
                "step": seen.step,
                "form": seen.form,
                "facts": seen.step.facts(row) if seen.step.facts else [],
                "lines": seen.lines,
                "is_confirming": seen.is_confirming,
                "refusal": seen.refusal,
                "token": seen.visit.token,
            },
        )

    def _answer_page(self, request: HttpRequest, step: Step, row: Any) -> TemplateResponse:
        assert step.shows is not None
        context = {**self._context(request, row), "title": step.label, **step.shows(row)}
        return TemplateResponse(request, step.answer_template, context)

    def _context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        opts = self.model._meta
        back = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
        return {
            **self.admin_site.each_context(request),
            "opts": opts,
            "row": row,
            "back_url": back,
        }


@dataclass
class Seen:
    """What the page of a step shows."""

    step: Step
    form: forms.Form
    visit: Visit
    lines: list[Line] | None = None
    refusal: str = ""
    is_confirming: bool = False

    def foresee(self, row: Any, data: dict[str, Any]) -> None:
        """A step that needs the form to foresee anything foresees nothing without it."""
        if self.step.foresee is not None and (data or not self.step.asks_again):
            self.lines = self.step.foresee(row, data, self.visit)


def token_of(request: HttpRequest) -> str:
    """The key of this form, made when it is first shown: sent twice, it acts once (N20)."""
    given = request.POST.get("form_key", "")
    is_ours = given.isalnum() and given.isascii() and len(given) <= 40
    return given if is_ours else uuid4().hex


def audit(label: "StrOrPromise", said: "StrOrPromise", data: dict[str, Any]) -> str:
    """The line of the log: the step, what it did, and the reason that was given."""
    reason = str(data.get("reason") or data.get("evidence") or "")
    return " ".join(part for part in (f"{label}.", str(said), reason) if part)


Column = Callable[[Any], str]


def money_column(model: type[Model], name: str, label: "StrOrPromise" = "") -> Column:
    """A column of fen, shown as yuan; nothing is a dash, so that the eye finds what there is."""
    return column(name, label or field_label(model, name), lambda amount: fen(amount or None))


def time_column(model: type[Model], name: str) -> Column:
    """A column of instants."""
    return column(name, field_label(model, name), lambda at: nowrap(moment(at)))


def text_column(name: str, label: "StrOrPromise", *, order_by: str = "") -> Column:
    """A column of whatever has a text, a related row for example, under a name of its own."""
    return column(
        name, label, lambda value: NOTHING if value is None else str(value), order_by=order_by
    )


def field_label(model: type[Model], name: str) -> "StrOrPromise":
    """What a field is called, to be translated when it is shown."""
    label: StrOrPromise = getattr(model._meta.get_field(name), "verbose_name", name)
    return label


def column(
    name: str, label: "StrOrPromise", show: Callable[[Any], str], *, order_by: str = ""
) -> Column:
    """A column that shows one value of a row, and each value that rows share but once. `order_by`
    is the field that it is sorted by, where the name is no field.
    """

    def drawn(row: Any) -> str:
        return show(getattr(row, name))

    drawn.__name__ = name
    drawn.of_value = (name, show)  # type: ignore[attr-defined]
    shown: Column = admin.display(description=label, ordering=order_by or name)(drawn)
    return shown


class SinceFilter(admin.SimpleListFilter):
    """Rows by age, by the platform's clock. Subclasses name the field of the instant."""

    parameter_name = "since"
    title = gettext_lazy("time")
    field = "at"
    SPANS = {"1": timedelta(days=1), "7": timedelta(days=7), "30": timedelta(days=30)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("1", gettext_lazy("Last 24 hours")),
            ("7", gettext_lazy("Last 7 days")),
            ("30", gettext_lazy("Last 30 days")),
            ("old", gettext_lazy("Older")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value == "old":
            limit = clock.now() - self.SPANS["30"]
            return queryset.filter(**{f"{self.field}__lt": limit})
        if value in self.SPANS:
            return queryset.filter(**{f"{self.field}__gte": clock.now() - self.SPANS[value]})
        return queryset


def moment(at: datetime | None) -> str:
    """An instant in the reader's zone."""
    return NOTHING if at is None else absolute(at)


def fen(amount: int | None) -> str:
    """An amount of fen as yuan."""
    return NOTHING if amount is None else f"¥{yuan(amount)}"


def nowrap(text: str) -> str:
    """Text that stays on one line of a list."""
    return SafeString(f'<span class="ops-nowrap">{safe(text)}</span>')


def coded(words: "StrOrPromise", code: str) -> str:
    """Words for a code; the code itself, by which receipts and logs name it, on pointing at it."""
    return format_html('<span class="ops-nowrap" title="{}">{}</span>', code, words)


def short(number: str) -> str:
    """The beginning of a long number, the whole of it on pointing at it."""
    if len(number) <= SHORT:
        return number or NOTHING
    return format_html('<code class="ops-nowrap" title="{}">{}…</code>', number, number[:SHORT])


def link(name: str, pk: Any, text: Any) -> str:
    """A link to the admin page of a row."""
    return format_html('<a class="ops-link" href="{}">{}</a>', reverse(name, args=[pk]), text)


def links(name: str, pks: Iterable[int], most: int = 3) -> str:
    """Links to the first few rows, and how many more there are."""
    numbers: Sequence[int] = list(pks)
    shown = [link(name, pk, pk) for pk in numbers[:most]]
    more = f" +{len(numbers) - most}" if len(numbers) > most else ""
    body = format_html(", ".join(["{}"] * len(shown)), *shown) if shown else NOTHING
    return format_html("{}{}", body, more)


def badge(label: Any, tone: str = "") -> str:
    """A short word in the shape of a state; tones: wait, run, brand, good, bad."""
    return SafeString(f'<span class="ops-badge ops-{tone or "plain"}">{safe(label)}</span>')
