from functools import cache
from typing import Any
from zoneinfo import available_timezones

from allauth.core import context
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User

ROLES = (
    (Role.MERCHANT, _("Merchant: I need content for my shop and pay creators for it.")),
    (Role.CREATOR, _("Creator: I make content and am paid for it.")),
)


class SignupForm(forms.Form):
    """What we ask beside e-mail and password. Staff are made by staff, never here."""

    role = forms.ChoiceField(
        label=_("I am a"),
        choices=ROLES,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=80)
    field_order = ("role", "name", "email", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = context.request
        if request is not None:
            self.fields["role"].initial = request.GET.get("role")

    def signup(self, request: HttpRequest, user: User) -> None:
        """The adapter has done everything together with the user."""


@cache
def time_zones() -> list[str]:
    """All zones named by a place; finding them reads a directory, so once is enough."""
    return sorted(zone for zone in available_timezones() if "/" in zone)


class PreferencesForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name", "language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"),
            required=False,
            choices=[("", _("As in the browser")), *settings.LANGUAGES],
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            required=False,
            choices=[("", settings.TIME_ZONE), *((zone, zone) for zone in time_zones())],
        )
