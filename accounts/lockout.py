"""Which login a failed attempt counts against (django-axes)."""

from typing import Any

from django.http import HttpRequest


def login_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """The e-mail address in one spelling, whichever form it was typed into."""
    given = dict(credentials or {})
    posted = getattr(request, "POST", {})
    for name in ("email", "username", "login"):
        value = given.get(name) or posted.get(name)
        if value:
            return str(value).strip().lower()
    return None
