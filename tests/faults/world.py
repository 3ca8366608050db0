"""One place for the crash points: people, an Alipay process, a web process, and orders that are
brought to a step and then on to their end.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import psycopg
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from core import clock
from creators.models import Creator
from merchants.models import Merchant
from policy.numbers import Policy
from settlement import worker
from settlement.kinds import Kind
from settlement.models import Escrow, Operation
from tasks import workflow
from tasks.models import Order, OrderEvent
from tasks.workflow import engine, pay
from tasks.workflow.decision import CLOCK, Actor, Verb
from tasks.workflow.deliver import Content
from tests.builders import a_creator, a_merchant
from tests.faults import alipay as alipays
from tests.faults import invariants, processes
from tests.faults.alipay import Alipay
from tests.faults.invariants import Past
from tests.faults.processes import Told
from tests.faults.waiting import eventually
from tests.orders import LINK, a_sent_task

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(seconds=61)
NOTICES = ("no notice", "notice first", "doubled notice")
ROUNDS = 40
CSRF = "a" * 32


@dataclass
class World:
    """Alipay and a healthy web server run; the test's own process is the worker that heals."""

    alipay: Alipay
    told: Told
    web: str = ""
    past: Past = field(default_factory=lambda: Past(clock.now()))

    @property
    def notify_url(self) -> str:
        return f"{self.web}/settlement/notice/"

    @cached_property
    def merchant(self) -> Merchant:
        return a_merchant()

    @cached_property
    def creator(self) -> Creator:
        return a_creator(payout="payee@example.com")

    # orders

    def unpaid(self, creator: Creator | None = None, **times: datetime) -> Order:
        at = clock.now()
        facts: dict[str, Any] = {"start_at": at + 2 * DAY, "due_at": at + 7 * DAY, "at": at} | times
        task = a_sent_task(creator or self.creator, merchant=self.merchant, **facts)
        return task.orders.get()

    def asks_to_pay(self, order: Order, notify_url: str = "", policy: Policy | None = None) -> None:
        pay.start(
            order.task_id,
            at=clock.now(),
            by=Actor.merchant(self.merchant),
            policy=policy or Policy(),
            notify_url=notify_url or self.notify_url,
            return_url=f"{self.web}/",
        )

    def waiting_for_payer(self, notify_url: str = "", **facts: Any) -> Order:
        """An order whose payer sees the cashier."""
        order = self.unpaid(**facts)
        self.asks_to_pay(order, notify_url)
        worker.pump(clock.now)
        return order

    def paid(self, notify_url: str = "", **facts: Any) -> Order:
        order = self.waiting_for_payer(notify_url, **facts)
        assert self.alipay.payer_confirms(operation(order).out_no)
        self.settles(order)
        return fresh(order)

    def accepted(self, notify_url: str = "", **facts: Any) -> Order:
        order = self.paid(notify_url, **facts)
        self.does(workflow.ACCEPT, order, self.by_creator(order))
        self.settles(order)
        return fresh(order)

    def delivered(self, **facts: Any) -> Order:
        order = self.accepted(**facts)
        self.does(workflow.DELIVER, order, self.by_creator(order), given=Content(LINK))
        return fresh(order)

    def by_creator(self, order: Order) -> Actor:
        return Actor.creator(order.creator)

    def does(
        self, verb: Verb, order: Order, by: Actor, *, at: datetime | None = None, given: Any = None
    ) -> None:
        engine.run_one(verb, order.pk, at=at or clock.now(), by=by, given=given)

    # the gateway's operation of each kind, READY

    def asked_for(self, kind: Kind) -> tuple[Order, datetime]:
        """An order with an operation of this kind that no worker has touched, and when to carry
        it.
        """
        return ASKED[kind](self)

    # healing

    def settles(self, order: Order) -> None:
        """Workers go on, with the clock of what they wait for, until the order waits no more."""
        for _ in range(ROUNDS):
            waiting = Escrow.objects.select_related("open_operation").get(pk=order.pk)
            if waiting.open_operation is None:
                return
            op = waiting.open_operation
            at = max(op.next_at, op.lease_until or op.next_at, clock.now())
            worker.pump(standing_still(at))
        raise AssertionError(f"order {order.pk} still waits: {list(invariants.open_operations())}")

    def is_sound(self) -> None:
        assert invariants.violations(self.alipay, self.past) == []

    def database_drops_others(self) -> None:
        """Every connection to the database but our own is cut, in the middle of what it does."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    @contextmanager
    def loses_what_follows(self) -> Iterator[None]:
        """A backup is taken now; what the block does is lost, and the backup restored."""
        name = connection.settings_dict["NAME"]
        connection.close()
        copy = f"{name}_backup"
        with server(name) as maintenance:
            maintenance.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        yield
        connection.close()
        with to_database("postgres") as maintenance:
            # From now on nothing more is kept there, so that what is lost is known to the last.
            maintenance.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        with server(name) as maintenance:
            maintenance.execute(f"ALTER DATABASE {name} RENAME TO {name}_lost")
            maintenance.execute(f"ALTER DATABASE {copy} RENAME TO {name}")
            maintenance.execute(f"ALTER DATABASE {name}_lost ALLOW_CONNECTIONS true")
        self.past.lost_notices.update(notices_kept_in(f"{name}_lost"))
        with server(f"{name}_lost") as maintenance:
            maintenance.execute(f"DROP DATABASE {name}_lost WITH (FORCE)")

    # notices

    def notices_come(self, how: str) -> None:
        """What Alipay will do about the next operation: `no notice`, `notice first`, `doubled`."""
        if how == "no notice":
            self.alipay.fault("notify_none", times=None)
        if how == "doubled notice":
            self.alipay.fault("notify_dup", times=None, copies=2)

    def notices_arrived(self) -> None:
        """Returns when Alipay has nothing more to tell."""

        def is_told() -> bool:
            self.alipay.delivers_notices()
            return all(notice["delivered_at"] for notice in self.alipay.notices())

        eventually(is_told, within=60, what="every notice is taken")

    # a person with a browser

    def browser(self, user: User, web: str) -> httpx.Client:
        client = Client()
        client.force_login(user, "accounts.backends.PeopleBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
        return httpx.Client(
            base_url=web, cookies=cookies, trust_env=False, verify=False, timeout=60
        )


@contextmanager
def server(name: str) -> Iterator[Any]:
    """The database server, by its maintenance database; nobody is left in the database `name`."""
    with to_database("postgres") as maintenance:
        maintenance.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND pid <> pg_backend_pid()",
            [name],
        )
        yield maintenance


def to_database(name: str) -> "psycopg.Connection[Any]":
    told = connection.get_connection_params()
    host, user = told.get("host"), told.get("user")
    return psycopg.connect(host=host, user=user, dbname=name, autocommit=True)


def notices_kept_in(name: str) -> set[str]:
    with to_database(name) as lost:
        return {row[0] for row in lost.execute("SELECT notify_id FROM settlement_notice")}


def press(browser: httpx.Client, path: str, form_key: str, **fields: str) -> httpx.Response:
    """The button of a page, with the form's own key."""
    form = {"csrfmiddlewaretoken": CSRF, "form_key": form_key, **fields}
    return browser.post(path, data=form)


def _asked_for_capture(world: World) -> tuple[Order, datetime]:
    order = world.paid()
    world.does(workflow.ACCEPT, order, world.by_creator(order))
    return order, clock.now()


def _asked_for_release(world: World) -> tuple[Order, datetime]:
    order = world.paid()
    world.does(workflow.DECLINE, order, world.by_creator(order), given="不合适")
    return order, clock.now()


def _asked_for_refund(world: World) -> tuple[Order, datetime]:
    order = world.accepted()
    world.does(workflow.OVERDUE, order, CLOCK, at=order.due_at)
    return order, order.due_at


def _asked_for_payout(world: World) -> tuple[Order, datetime]:
    order = world.delivered()
    world.does(workflow.CONFIRM, order, Actor.merchant(world.merchant))
    return order, clock.now()


def _asked_for_payment(world: World) -> tuple[Order, datetime]:
    """A freeze that the payer has confirmed, and our next query is due."""
    order = world.waiting_for_payer()
    assert world.alipay.payer_confirms(operation(order).out_no)
    return order, clock.now() + timedelta(seconds=30)


def _asked_for_cancellation(world: World) -> tuple[Order, datetime]:
    order = world.waiting_for_payer()
    world.does(workflow.CANCEL_PAYMENT, order, Actor.merchant(world.merchant))
    return order, clock.now()


ASKED: dict[Kind, Callable[[World], tuple[Order, datetime]]] = {
    Kind.FREEZE: _asked_for_payment,
    Kind.CANCEL_FREEZE: _asked_for_cancellation,
    Kind.CAPTURE: _asked_for_capture,
    Kind.UNFREEZE: _asked_for_release,
    Kind.REFUND: _asked_for_refund,
    Kind.TRANSFER: _asked_for_payout,
}
# Where an order and its money are when the operation has succeeded.
ENDS: dict[Kind, tuple[str, str]] = {
    Kind.FREEZE: ("PAID", "frozen"),
    Kind.CANCEL_FREEZE: ("UNPAID", ""),
    Kind.CAPTURE: ("ACCEPTED", "held"),
    Kind.UNFREEZE: ("DECLINED", "returned"),
    Kind.REFUND: ("OVERDUE", "returned"),
    Kind.TRANSFER: ("CONFIRMED", "paid"),
}
METHODS = {
    Kind.FREEZE: "alipay.fund.auth.operation.detail.query",
    Kind.CANCEL_FREEZE: "alipay.fund.auth.operation.cancel",
    Kind.CAPTURE: "alipay.trade.pay",
    Kind.UNFREEZE: "alipay.fund.auth.order.unfreeze",
    Kind.REFUND: "alipay.trade.refund",
    Kind.TRANSFER: "alipay.fund.trans.uni.transfer",
}


def standing_still(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def operation(order: Order) -> Operation:
    found = Escrow.objects.get(pk=order.pk).open_operation
    assert found is not None
    return found


def fresh(order: Order) -> Order:
    return Order.objects.select_related("creator", "task").get(pk=order.pk)


def pockets(order: Order) -> dict[str, int]:
    return {p: fen for p, fen in Escrow.objects.get(pk=order.pk).pockets().items() if fen}


def verbs(order: Order) -> list[str]:
    return list(
        OrderEvent.objects.filter(order=order).order_by("id").values_list("verb", flat=True)
    )


@contextmanager
def a_world(var_dir: Path, alipay_database_url: str) -> Iterator[World]:
    """Everything that a crash point needs, as long as the block lasts."""
    with ExitStack() as stack:
        alipay = stack.enter_context(alipays.running(var_dir, alipay_database_url))
        for name, value in alipay.settings.items():
            stack.enter_context(patch.object(settings, name, value))
        database = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "USER")}
        world = World(alipay, Told(json.loads(json.dumps(database)), alipay.settings))
        _, world.web = stack.enter_context(processes.web(world.told))
        yield world
