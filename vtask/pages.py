"""What every page carries around its content, and the error pages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core import clock, words
from core.light import address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Place:
    """A link of the navigation."""

    label: "StrOrPromise"
    icon: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Door:
    """Where a place lies; its path and all below it count as being there, unless `exact`, and so
    do the paths below `also`.
    """

    label: "StrOrPromise"
    symbol: str
    name: str
    exact: bool = False
    also: tuple[str, ...] = ()


# `symbol="…"` is how static/build.mjs finds the icons that Python names.
MERCHANT = (
    Door(_("Home"), symbol="home", name="tasks:home"),
    Door(_("Tasks"), symbol="clipboard-list", name="tasks:tasks", also=("/orders/",)),
    Door(_("New task"), symbol="circle-plus", name="tasks:new", exact=True),
    Door(_("Statement"), symbol="receipt", name="tasks:statement", also=("/exports/",)),
    Door(_("Company"), symbol="building-store", name="merchants:profile", also=("/merchant/",)),
)
CREATOR = (
    Door(_("Home"), symbol="home", name="tasks:home"),
    Door(_("Orders"), symbol="clipboard-list", name="tasks:orders"),
    Door(_("Earnings"), symbol="wallet", name="tasks:earnings", also=("/exports/",)),
    Door(
        _("Profile"),
        symbol="id",
        name="creators:profile",
        also=("/creator/works/", "/creator/audience/"),
    ),
    Door(_("Quotes"), symbol="tag", name="creators:quotes"),
)
OPS = (Door(_("Admin"), symbol="layout-dashboard", name="admin:index"),)
ACCOUNT = (
    Door(_("Settings"), symbol="settings", name="accounts:preferences"),
    Door(_("E-mail address"), symbol="mail", name="account_email"),
    Door(_("Password"), symbol="key", name="account_change_password"),
    Door(_("Second factor"), symbol="shield-lock", name="mfa_index"),
)
BY_ROLE = {Role.MERCHANT: MERCHANT, Role.CREATOR: CREATOR, Role.OPS: OPS}


def url_of(name: str) -> str:
    """The address of a page, or nothing when this installation does not have it."""
    try:
        return address(name)
    except NoReverseMatch:
        return ""


def places(doors: tuple[Door, ...], path: str) -> list[Place]:
    """The doors that exist here; of nested ones the longest that fits is the current one."""
    known = [(door, url_of(door.name)) for door in doors]
    fitting = [url for door, url in known if url and is_at(path, door, url)]
    current = max(fitting, key=len, default="")
    return [
        Place(door.label, door.symbol, url, current=url == current) for door, url in known if url
    ]


def is_at(path: str, door: Door, url: str) -> bool:
    return is_within(path, url, exact=door.exact) or path.startswith(door.also)


def is_within(path: str, url: str, *, exact: bool) -> bool:
    return path == url or (not exact and url != "/" and path.startswith(url))


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor of base.html."""
    user = getattr(request, "user", None)
    now = clock.now()
    context: dict[str, Any] = {
        "theme": chosen_theme(request),
        "login_url": url_of("account_login"),
        "signup_url": url_of("account_signup"),
        "logout_url": url_of("account_logout"),
        "rules_url": url_of("rules"),
        "home_url": "/",
        "page_now": now,
        "page_zone": words.zone(now),
        "clock_offset_hours": clock.offset_hours(),
    }
    if user is None or not user.is_authenticated:
        return context
    context["nav_items"] = places(BY_ROLE.get(user.role, ()), request.path)
    context["account_items"] = places(ACCOUNT, request.path)
    context["home_url"] = home_of(user)
    context["zone_url"] = url_of("accounts:preferences")
    return context


def chosen_theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("theme", "")
    return theme if theme in {"light", "dark"} else ""


def home_of(user: Any) -> str:
    """Where a person begins after the login."""
    return url_of("admin:index" if user.role == Role.OPS else "tasks:home") or "/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed; what to do is said, the technical reason is not."""
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Locked out after too many bad passwords, or over a rate limit."""
    return render(request, "429.html", status=429)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database, which may be what is broken."""
    from django.template.loader import render_to_string

    return HttpResponse(render_to_string("500.html"), status=500)
