"""A bare Django page: what `startproject` gives, with a login and one list of 20 rows.

The settings are those that Django writes into a new project: its middleware, its sessions and its
users in the database, its context processors. The page asks for 20 orders by primary key and draws
them with a list template that extends a base one, five columns each, with a link and a date.
Nothing is made slow, nothing is tuned; the connection to the database stays open as ours does.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from bench.player import serve

BASE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body>
<header><nav><ul>
  <li><a href="{% url 'orders' %}">Orders</a></li>
  {% if user.is_authenticated %}<li>{{ user.username }}</li>{% endif %}
</ul></nav></header>
{% if messages %}<ul>{% for message in messages %}<li>{{ message }}</li>{% endfor %}</ul>{% endif %}
<main>{% block content %}{% endblock %}</main>
</body>
</html>
"""
LIST = """{% extends "base.html" %}
{% block title %}Orders{% endblock %}
{% block content %}<h1>Orders</h1>
<table><thead><tr><th>Number</th><th>Theme</th><th>State</th><th>Price</th><th>Sent</th></tr></thead>
<tbody>
{% for order in orders %}<tr>
  <td><a href="{% url 'order' order.pk %}">{{ order.pk }}</a></td>
  <td>{{ order.theme }}</td>
  <td>{{ order.get_state_display }}</td>
  <td>{{ order.price }}</td>
  <td>{{ order.sent_at|date }}</td>
</tr>{% endfor %}
</tbody></table>
{% endblock %}
"""
ROWS, SHOWN = 1_000, 20


def database(url: str) -> dict[str, Any]:
    """Open between requests and looked at before each, as ours is (see `vtask.settings`)."""
    parts = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts["dbname"],
        "USER": parts.get("user", ""),
        "HOST": parts.get("host", ""),
        "PORT": parts.get("port", ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


settings.configure(
    ROOT_URLCONF="bench.bare",
    SECRET_KEY="known-to-everybody",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": database(os.environ["BARE_DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                # As files are: compiled once.
                "loaders": [
                    (
                        "django.template.loaders.cached.Loader",
                        [
                            (
                                "django.template.loaders.locmem.Loader",
                                {"base.html": BASE, "orders.html": LIST},
                            )
                        ],
                    )
                ],
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


class Order(models.Model):
    """A row as plain as the page."""

    STATES = {"OPEN": "Open", "DONE": "Done"}
    theme = models.CharField(max_length=60)
    state = models.CharField(max_length=12, choices=STATES)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    sent_at = models.DateTimeField()
    objects: models.Manager[Any] = models.Manager()

    class Meta:
        app_label = "bare"

    def __str__(self) -> str:
        return self.theme


@login_required
def orders(request: HttpRequest) -> HttpResponse:
    return render(request, "orders.html", {"orders": Order.objects.order_by("-pk")[:SHOWN]})


@login_required
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """Only where the links of the list lead."""
    return HttpResponse(str(pk))


urlpatterns = [path("", orders, name="orders"), path("orders/<int:pk>/", order, name="order")]
application = get_wsgi_application()


def prepare() -> dict[str, str]:
    """The tables, the rows, and a login: its cookie."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Order)
    sent = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    Order.objects.bulk_create(
        Order(theme=f"Theme {n}", state="OPEN", price=800, sent_at=sent + timedelta(hours=n))
        for n in range(ROWS)
    )
    browser = Client()
    browser.force_login(get_user_model().objects.create_user("somebody"))
    name = settings.SESSION_COOKIE_NAME
    return {"cookie": f"{name}={browser.cookies[name].value}"}


if __name__ == "__main__":
    serve({"prepare": prepare})
