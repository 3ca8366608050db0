"""Combinations of settings that must not start: `manage.py check` and every start refuse them."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from vtask.keys import KEYS

SHORTEST_KEY = 32
LOOPBACK = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104 - an address to refuse
Found = Iterator[tuple[str, str]]


@register(Tags.security)
def settings_fit_together(*_args: Any, **_kwargs: Any) -> list[CheckMessage]:
    """All that is wrong, each with its number."""
    wanted: list[Callable[[], Found]] = [_field_keys]
    if settings.IS_PRODUCTION:
        wanted += [_looseness, _known_keys, _mail, _gateway, _addresses]
    return [Error(text, id=f"vtask.{number}") for check in wanted for number, text in check()]


def _field_keys() -> Found:
    """A key of the wrong form would be found at the first private field only."""
    if not settings.FIELD_KEYS:
        yield "E001", "FIELD_KEYS is empty: private fields cannot be encrypted."
    for number, key in enumerate(settings.FIELD_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield "E002", f"Key {number} of FIELD_KEYS is not a Fernet key."


def _looseness() -> Found:
    if settings.DEBUG:
        yield "E010", "Production must not run with DEBUG."
    if settings.CLOCK_MOVABLE:
        yield "E011", "Production must not run with a clock that can be moved."


def _known_keys() -> Found:
    """A key that stands in the source, or that can be guessed."""
    for name in KEYS:
        for key in settings.FIELD_KEYS if name == "FIELD_KEYS" else [getattr(settings, name)]:
            if key in settings.TEST_KEYS.values():
                yield "E020", f"{name} is the key of the tests."
            elif len(key) < SHORTEST_KEY:
                yield "E021", f"{name} has fewer than {SHORTEST_KEY} characters."


def _mail() -> Found:
    """The clock releases money after reminders that were delivered (N4), so there must be somebody
    who delivers them; and whoever knows the secret can hold it, with a message he has seen.
    """
    if not settings.EMAIL_HOST:
        yield "E050", "EMAIL_HOST must be set: a reminder in a file would count as delivered."
    if settings.MAIL_BOUNCE_SECRET and len(settings.MAIL_BOUNCE_SECRET) < SHORTEST_KEY:
        yield "E051", f"MAIL_BOUNCE_SECRET has fewer than {SHORTEST_KEY} characters."


def _gateway() -> Found:
    address = urlsplit(settings.ALIPAY_GATEWAY_URL)
    if (address.hostname or "").startswith(LOOPBACK):
        yield "E030", "ALIPAY_GATEWAY_URL is on this machine: that is the local Alipay."
    elif address.scheme != "https":
        yield "E031", "ALIPAY_GATEWAY_URL must use https."
    if not settings.ALIPAY_APP_ID:
        yield "E032", "ALIPAY_APP_ID must be set."
    notify = urlsplit(settings.ALIPAY_NOTIFY_URL)
    if notify.query or notify.scheme != "https":
        # Alipay would send the query's parameters, and not sign them.
        yield "E033", "ALIPAY_NOTIFY_URL must use https and have no query."


def _addresses() -> Found:
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        yield "E040", "ALLOWED_HOSTS must name this site's hosts."
    if urlsplit(settings.SITE_URL).scheme != "https":
        yield "E041", "SITE_URL must use https."
