"""What every page may show about the person who looks at it."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import PROFILES, Role, User
from core.light import address


def person(request: HttpRequest) -> dict[str, Any]:
    """The banner of those who are not active, and the creator's switch (V6)."""
    user = getattr(request, "user", None)
    facts: dict[str, Any] = {"set_language_url": address("accounts:language")}
    if not isinstance(user, User):
        return facts
    profile = profile_of(user)
    facts["account_banner"] = banner(getattr(profile, "status", ""))
    if user.role == Role.CREATOR and profile is not None:
        facts["accepting_url"] = address("creators:accepting")
        facts["is_accepting"] = profile.is_accepting
    return facts


def profile_of(user: User) -> Any:
    """The merchant or the creator that this person is, or None."""
    return getattr(user, PROFILES.get(Role(user.role), ""), None)


def banner(status: str) -> str:
    """What a person who is not active reads on top of every page."""
    return {
        "PENDING": _("Our staff will look at your profile and activate you. Please complete it."),
        "SUSPENDED": _("You are suspended. Orders that run go on. Please write to our staff."),
    }.get(status, "")
