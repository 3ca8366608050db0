"""All addresses of the site."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from vtask import health, pages

# The address part of each app's pages; the app that is not there yet is left out.
PAGES = {
    "core.web.urls": "",
    "accounts.web.urls": "accounts/",
    "merchants.web.urls": "merchant/",
    "creators.web.urls": "creator/",
    "settlement.web.urls": "settlement/",
    "tasks.web.urls": "",
}


def _pages() -> list[URLPattern | URLResolver]:
    return [path(start, include(name)) for name, start in PAGES.items() if find_spec(name)]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.landing, name="landing"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    *_pages(),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.broken
