from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.utils.translation import pgettext_lazy
from unfold.forms import UserCreationForm

from accounts.models import Role, User
from core import clock


class StaffCreationForm(UserCreationForm):
    """Makes a member of staff, who must set up a second factor before the admin opens."""

    name = forms.CharField(label=pgettext_lazy("person", "name"), max_length=80)

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        user.role, user.is_staff, user.joined_at = Role.OPS, True, clock.now()
        user.name = self.cleaned_data["name"]
        user.save()
        # Staff vouch for the address; without it no second factor could be set up.
        EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
        return user
