"""The least that Django can do: one view with a template of 20 rows, no database, no middleware."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

PAGE = """<!doctype html><title>{{ title }}</title><table>
{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.name }}</td><td>{{ row.money }}</td>
</tr>{% endfor %}</table>"""
ROWS = [{"number": n, "name": f"Task {n}", "money": f"¥{n * 100}.00"} for n in range(20)]


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(template().render({"title": "Tasks", "rows": ROWS}, request))


@cache
def template() -> Any:
    """Compiled once, as a template in a file is."""
    return engines["django"].from_string(PAGE)


urlpatterns = [path("", page)]
settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="known-to-everybody",
    ALLOWED_HOSTS=["*"],
    USE_TZ=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
application = get_wsgi_application()
