"""A real browser before the real site, with the local Alipay and its cashier behind it."""

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from accounts.models import User
from core import clock
from sandbox import notices
from sandbox.alipay import Alipay
from sandbox.app import alipay_of, create_app
from settlement import worker
from tasks.jobs import send_messages, sweep_all
from tests import alipay as alipays
from tests.browsers import chromium
from tests.builders import PASSWORD

# Playwright's loop runs in this thread, and so do the database calls: one at a time.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


@dataclass
class Site:
    """The running site: people open pages in browsers of their own, and the test is the worker."""

    url: str
    browser: Browser
    alipay: Alipay
    complaints: list[str]

    def person(self, user: User | None = None, **options: Any) -> Page:
        """A browser of this person's own, logged in through the login page."""
        options = {"viewport": DESKTOP, "locale": "en-US", **options}
        page = self.browser.new_context(base_url=self.url, **options).new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._listen)
        page.on("response", self._look_at)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if user is not None:
            log_in(page, user)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        """Scripts that break and policies that are violated; what fails to load is named below."""
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _look_at(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def settle(self) -> None:
        """Alipay rings the site, and the worker carries what is due, until nothing is."""
        while notices.deliver_due(self.alipay, at=self.alipay.now()) + worker.pump(clock.now):
            pass

    def tick(self) -> None:
        """The clock's jobs, the letters, then the worker."""
        sweep_all()
        send_messages()
        self.settle()


def log_in(page: Page, user: User) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    factor = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if factor is not None:
        page.locator("input[name=code]").fill(code_of(factor))
        page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/" not in address)


def code_of(factor: Authenticator) -> str:
    """What the person's authenticator app would show now."""
    secret = TOTP(factor).instance.data["secret"]
    counter = next(iter(yield_hotp_counters_from_time()))
    return f"{hotp_value(decrypt(secret), counter):06d}"


class Quiet(WSGIRequestHandler):
    def log(self, *_told: Any) -> None:
        """A cashier that works has nothing to say."""


@pytest.fixture
def site(browser: Browser, live_server: Any) -> Iterator[Site]:
    house = alipays.local_alipay()
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    config = replace(house.house.config, public_url=address, open_accounts=True)
    server.app = create_app(config)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told = {
        **house.settings,
        "ALIPAY_GATEWAY_URL": f"{address}/gateway.do",
        "ALIPAY_NOTIFY_URL": f"{live_server.url}/settlement/notice/",
        "SITE_URL": live_server.url,
    }
    with override_settings(**told):
        started = Site(live_server.url, browser, alipay_of(server.app), [])
        yield started
        for context in browser.contexts:
            context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert started.complaints == []


def order_number(page: Page) -> int:
    """The number in the address of an order's page."""
    found = re.search(r"/orders/(\d+)/", page.url)
    assert found is not None, page.url
    return int(found[1])


def picture(folder: Path, name: str = "shot.png") -> str:
    """A small picture to upload."""
    path = folder / name
    Image.new("RGB", (40, 30), "teal").save(path)
    return str(path)
