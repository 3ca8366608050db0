"""The visitors of the pages: who they are, which pages they open, and their logins."""

from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from creators.models import Creator
from tasks.models import Task
from tests.builders import ops, queries_of

# The first merchant is a big one.
MERCHANT = 1
BACKEND = "accounts.backends.PeopleBackend"


def visits() -> dict[str, Any]:
    """For each page of the case its address, the cookie of who may see it, and its queries."""
    task = Task.objects.filter(merchant_id=MERCHANT).earliest("pk")
    merchant = _browser(User.objects.get(pk=MERCHANT))
    creator = _browser(Creator.objects.earliest("pk").user)
    pages = {
        "merchant's tasks": (reverse("tasks:tasks"), merchant),
        "a task": (reverse("tasks:task", args=[task.pk]), merchant),
        "statement": (reverse("tasks:statement"), merchant),
        "creator's home": (reverse("tasks:home"), creator),
        "orders in the admin": (reverse("admin:tasks_order_changelist"), _browser(ops())),
    }
    return {
        "pages": {
            name: (path, _cookie(browser), queries_of(browser, path))
            for name, (path, browser) in pages.items()
        }
    }


def _browser(user: User) -> Client:
    browser = Client(headers={"host": "localhost", "accept-language": "en"})
    browser.force_login(user, BACKEND)
    return browser


def _cookie(browser: Client) -> str:
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={browser.cookies[name].value}"


DOINGS = {"visits": visits}
