"""The journey command against a real server, the real cashier and a worker beside it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.test import override_settings
from werkzeug.serving import WSGIRequestHandler, make_server

from core import clock
from sandbox.app import create_app
from settlement import check, operations, worker
from settlement.models import Operation
from tasks.jobs import send_messages, sweep_all
from tasks.models import Order
from tests import alipay as alipays
from tests.builders import a_creator, a_merchant, a_user, ops
from vtask.demo_world import logins
from vtask.demo_world.browser import Person, Stuck
from vtask.demo_world.journey import ENDINGS
from vtask.demo_world.people import MAIL, MERCHANT, OPS, PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


class Quiet(WSGIRequestHandler):
    def log(self, *_told: Any) -> None:
        """A cashier that works has nothing to say."""


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """The site with a local Alipay at its side; nobody works yet."""
    house = alipays.local_alipay()
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    config = replace(house.house.config, public_url=address, open_accounts=True)
    server.app = create_app(config)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told = {"ALIPAY_GATEWAY_URL": f"{address}/gateway.do", "SITE_URL": live_server.url}
    with override_settings(**{**house.settings, **told}):
        yield live_server.url
    server.shutdown()
    thread.join()
    server.server_close()


def people(creators: int) -> None:
    a_merchant(user=a_user("MERCHANT", email=MERCHANT, password=PASSWORD))
    for number in range(creators):
        user = a_user("CREATOR", email=f"creator{number}@{MAIL}", password=PASSWORD)
        a_creator(user=user, payout=f"payee{number}@example.com")
    staff = ops(email=OPS, password=PASSWORD, has_second_factor=False)
    TOTP.activate(staff, logins.TOTP_SECRET)


def work() -> None:
    """What the clock, notices and workers do meanwhile."""
    sweep_all()
    send_messages()
    for number in Operation.objects.filter(resolved_at=None).values_list("pk", flat=True):
        operations.ring_for(number, at=clock.now())
    worker.pump(clock.now)


def journey(site: str, orders: int) -> str:
    said = StringIO()
    with patch("vtask.management.commands.journey.Command.wait", staticmethod(work)):
        call_command("journey", orders=orders, base_url=site, stdout=said)
    return said.getvalue()


def test_a_journey_brings_an_order_to_every_ending_and_ends_with_ledger_ok(site: str) -> None:
    people(creators=len(ENDINGS))
    said = journey(site, len(ENDINGS))
    assert "gateway:  agrees on all" in said
    assert said.splitlines()[-1].startswith("ledger ok")
    assert sorted(Order.objects.values_list("state", flat=True)) == sorted(ENDINGS.values())
    assert check.run(at=clock.now()).differences == []


def test_a_difference_at_the_gateway_fails_the_journey(site: str) -> None:
    people(creators=1)
    differs = patch("vtask.management.commands.journey.at_the_gateway", return_value=(1, ["no"]))
    with differs, pytest.raises(CommandError, match="says otherwise"):
        journey(site, 1)


def test_too_few_creators_end_the_journey_with_the_reason(site: str) -> None:
    people(creators=1)
    with pytest.raises(CommandError, match="only 1 of 2 creators"):
        journey(site, 2)


def test_without_a_demo_world_there_is_no_journey() -> None:
    with pytest.raises(CommandError, match="no demo world"):
        call_command("journey")


@override_settings(CLOCK_MOVABLE=False)
def test_where_the_clock_stands_firm_there_is_no_journey() -> None:
    with pytest.raises(CommandError, match="in a demo only"):
        call_command("journey")


def test_a_form_that_comes_back_says_why(site: str) -> None:
    a_user(email=MERCHANT, password=PASSWORD)
    person = Person(site)
    with pytest.raises(Stuck, match="login"):
        person.submit(person.open("/accounts/login/"), {"login": MERCHANT, "password": "wrong"})
    person.close()
