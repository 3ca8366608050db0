"""All addresses of the site."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from vtask import health, ops, pages, styleguide, visitors

# The pages of each app; the addresses are theirs.
PAGES = ("accounts", "merchants", "creators", "settlement", "tasks")


def _pages() -> list[URLPattern | URLResolver]:
    """An app without pages is left out."""
    modules = [f"{app}.web.urls" for app in PAGES if find_spec(f"{app}.web")]
    return [path("", include(module)) for module in modules if find_spec(module)]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", visitors.landing, name="landing"),
    path("rules/", visitors.rules, name="rules"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/clock/", ops.ops_clock, name="ops_clock"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    *_pages(),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.broken
