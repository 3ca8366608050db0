"""The policy in the admin: every number in force, how it came to be, and how it is changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.admin import ReadOnlyAdmin, Step, Visit, badge, text_column, time_column
from policy import queries
from policy.models import FeePolicy, PolicyChange
from policy.numbers import Limits, Policy
from policy.workflow import changes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

INSTANT = forms.DateTimeInput(
    attrs={"type": "datetime-local", "step": "60", "class": "ops-instant"}, format="%Y-%m-%dT%H:%M"
)
SOON = gettext_lazy("Leave it empty for: now.")


class ChangeForm(forms.Form):
    """One number, from an instant on, for a reason."""

    value = forms.IntegerField(label=gettext_lazy("New value"))
    effective_at = forms.DateTimeField(
        label=gettext_lazy("In force from"), help_text=SOON, required=False, widget=INSTANT
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=3,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any, limits: Limits) -> None:
        super().__init__(data)
        allowed = {"minimum": limits.minimum, "maximum": limits.maximum, "unit": limits.unit}
        self.fields["value"].help_text = (
            _("Between %(minimum)s and %(maximum)s %(unit)s.") % allowed
        )


@dataclass(frozen=True)
class Row:
    """A number as the page shows it."""

    key: str
    limits: Limits
    value: int
    since: datetime | None
    coming: PolicyChange | None
    url: str

    @property
    def is_changed(self) -> bool:
        return self.value != self.limits.default


def rows(at: datetime) -> list[Row]:
    """Every number of the policy at `at`, in two queries."""
    latest = queries.latest_changes(at)
    coming = queries.coming_changes(at)
    return [
        Row(
            key=key,
            limits=limits,
            value=latest[key].value if key in latest else limits.default,
            since=latest[key].effective_at if key in latest else None,
            coming=coming.get(key),
            url=reverse("admin:policy_number", args=[key]),
        )
        for key, limits in Policy.limits().items()
    ]


class NumberFilter(admin.SimpleListFilter):
    title = gettext_lazy("number")
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, limits.label) for key, limits in Policy.limits().items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PolicyChange]
    ) -> QuerySet[PolicyChange]:
        return queryset.filter(key=self.value()) if self.value() else queryset


@admin.register(PolicyChange)
class PolicyChangeAdmin(ReadOnlyAdmin):
    """The history of all numbers, and the page on which they are changed."""

    list_display = (
        "number",
        "value",
        time_column(PolicyChange, "effective_at"),
        time_column(PolicyChange, "made_at"),
        text_column("made_by", gettext_lazy("made by")),
        "reason",
    )
    list_display_links = None
    list_filter = (NumberFilter,)
    list_select_related = ("made_by",)
    fields = readonly_fields = list_display

    @admin.display(description=gettext_lazy("number"), ordering="key")
    def number(self, change: PolicyChange) -> "StrOrPromise":
        limits = Policy.limits().get(change.key)
        return limits.label if limits else change.key

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("numbers/", wrap(self.numbers_view), name="policy_numbers"),
            path("numbers/<slug:key>/", wrap(self.number_view), name="policy_number"),
            *super().get_urls(),
        ]

    def numbers_view(self, request: HttpRequest) -> HttpResponse:
        """The page "Policy": every number with its rule, limits, and the value in force."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = clock.now()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Policy"),
            "rows": rows(at),
            "fee_bps": queries.fee_bps(at),
            "may_change": self.has_operate_permission(request),
        }
        return TemplateResponse(request, "admin/policy.html", context)

    def number_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """One number: its history, and the form that changes it."""
        limits = Policy.limits().get(key)
        if limits is None:
            raise Http404
        is_asked = request.method == "POST"
        is_allowed = self.has_operate_permission if is_asked else self.has_view_permission
        if not is_allowed(request):
            raise PermissionDenied
        at = clock.now()
        form = ChangeForm(request.POST if is_asked else None, limits)
        if is_asked and form.is_valid() and self._change(request, form, key, at):
            return redirect("admin:policy_numbers")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": limits.label,
            "form": form,
            "row": next(row for row in rows(at) if row.key == key),
            "history": PolicyChange.objects.filter(key=key).select_related("made_by"),
            "may_change": self.has_operate_permission(request),
            "at": at,
        }
        return TemplateResponse(request, "admin/policy_number.html", context)

    def _change(self, request: HttpRequest, form: ChangeForm, key: str, at: datetime) -> bool:
        given = form.cleaned_data
        try:
            change = changes.set_number(
                key,
                given["value"],
                effective_at=given["effective_at"] or at,
                reason=given["reason"],
                at=at,
                by=request.user.pk or 0,
            )
        except ValidationError as problem:
            form.add_error(None, problem)
            return False
        self.log_addition(request, change, given["reason"])
        messages.success(request, _("Changed. Orders already paid keep their terms."))
        return True


def end_fee(fee: FeePolicy, _data: dict[str, Any], visit: Visit) -> str | None:
    done = changes.end_fee(fee.pk, at=visit.at)
    return _("Ended. Orders already paid keep their fee.") if done else None


def is_running_or_coming(fee: Any) -> bool:
    return bool(fee.standing_code != "over")


END = Step(
    "end",
    gettext_lazy("End it now"),
    end_fee,
    applies=is_running_or_coming,
    explanation=gettext_lazy(
        "Orders paid from now on do not carry this fee. Orders already paid keep theirs."
    ),
    tone="danger",
)


class FeeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A fee that is still to begin; the instant is now when none is given."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("In force from"), help_text=SOON, required=False, widget=INSTANT
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Leave it empty for: until it is ended."),
        required=False,
        widget=INSTANT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = clock.now()

    def clean_starts_at(self) -> datetime:
        starts_at: datetime = self.cleaned_data["starts_at"] or self.at
        if starts_at < self.at:
            raise ValidationError(changes.NOT_IN_THE_PAST)
        return starts_at

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("After the start."))
        return data


PRESETS = (
    (gettext_lazy("Always 20 %"), "name=20+%25+always&rate_bps=2000&scope=ALWAYS"),
    (
        gettext_lazy("Inside a campaign 20 %"),
        "name=20+%25+inside+a+campaign&rate_bps=2000&scope=CAMPAIGN",
    ),
)


@admin.register(FeePolicy)
class FeePolicyAdmin(ReadOnlyAdmin):
    """Platform fees (V59): announced with a reason, and ended; never edited."""

    form = FeeForm
    list_display = (
        "name",
        "percent",
        "scope",
        "campaign",
        time_column(FeePolicy, "starts_at"),
        time_column(FeePolicy, "ends_at"),
        "standing",
        text_column("made_by", gettext_lazy("made by")),
        "reason",
    )
    list_filter = ("scope",)
    list_select_related = ("made_by",)
    fields = ("name", "rate_bps", "scope", "campaign", "starts_at", "ends_at", "reason")
    steps = (END,)
    list_before_template = "admin/fee_presets.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("policy.add_feepolicy"))

    def save_model(self, request: HttpRequest, obj: FeePolicy, form: Any, change: bool) -> None:
        changes.announce_fee(obj, at=form.at, by=request.user.pk or 0)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        add = reverse("admin:policy_feepolicy_add")
        presets = [{"label": label, "url": f"{add}?{facts}"} for label, facts in PRESETS]
        shown = presets if self.has_add_permission(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "presets": shown})

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeePolicy]:
        rows: QuerySet[FeePolicy] = super().get_queryset(request)
        return queries.with_standing(rows, clock.now())

    @admin.display(description=gettext_lazy("rate"), ordering="rate_bps")
    def percent(self, fee: FeePolicy) -> str:
        return f"{fee.rate_bps / 100:g} %"

    @admin.display(description=gettext_lazy("state"))
    def standing(self, fee: Any) -> str:
        labels = {
            "coming": badge(_("to come"), "wait"),
            "running": badge(_("in force"), "good"),
            "over": badge(_("over")),
        }
        return labels[fee.standing_code]
