"""The payer at the gateway's cashier: opens the page and presses the button, as a browser would."""

import re
import ssl
from collections.abc import Callable
from functools import cache

import httpx

# Confirms the freeze behind an address, from the account of this logon id.
Payer = Callable[[str, str], None]
TOKEN = re.compile(r'name="token" value="([^"]+)"')
TIMEOUT_SECONDS = 20


class UnableToPay(RuntimeError):
    """The cashier did not take the payment."""


def pay(code_url: str, logon_id: str) -> None:
    """Confirm a freeze on its page. Raises UnableToPay."""
    with httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False, verify=_trust()) as browser:
        page = browser.get(code_url)
        token = TOKEN.search(page.text)
        if page.status_code != httpx.codes.OK:
            raise UnableToPay(f"{code_url}: {page.status_code}")
        if token is None:  # paid or closed before: whoever asks the gateway will hear which
            return
        form = {"token": token[1], "other": logon_id, "action": "freeze"}
        done = browser.post(code_url, data=form)
        if done.status_code != httpx.codes.SEE_OTHER:
            raise UnableToPay(f"{code_url}: {done.status_code}")


@cache
def _trust() -> ssl.SSLContext:
    """Read once: it takes longer than the payment."""
    return httpx.create_ssl_context()
