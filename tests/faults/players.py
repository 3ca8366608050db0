"""People of the random run: each plays one order from sending to its end, over HTTP and the
cashier, and tries again whatever fails under his hands.
"""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import httpx
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client

from accounts.models import User
from core import clock
from creators.models import Creator
from creators.workflow.profile import PayoutFacts, change_payout_account
from merchants.models import Merchant
from settlement.kinds import Kind
from settlement.models import Escrow, Operation
from settlement.recon import recheck
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import Actor, Refused, Verb
from tasks.workflow.rule import Judgement
from tests.faults.cluster import Cluster
from tests.faults.invariants import Past
from tests.orders import DAY, a_sent_task

SECOND = timedelta(seconds=1)
PAUSE_SECONDS = 0.3
CSRF = "a" * 32
PROBLEMS = (httpx.HTTPError, DatabaseError, InterfaceError, Refused)


@dataclass
class Stage:
    """What all players share."""

    cluster: Cluster
    past: Past
    staff: User
    over: threading.Event


class GivenUp(Exception):
    """The order went another way than the story, or the run is over."""


class Player:
    """One order and its people. `seed` decides which story it is."""

    def __init__(
        self, stage: Stage, seed: str, merchant: "Person", creators: list["Person"], number: int
    ) -> None:
        self.stage, self.lot, self.number = stage, random.Random(seed), number
        self.merchant, self.creator = merchant, self.lot.choice(creators)
        self.story = self.lot.choice(list(STORIES))

    def play(self) -> None:
        try:
            self.send()
            STORIES[self.story](self)
        except (GivenUp, *PROBLEMS):
            return  # the clock brings the order to its end
        finally:
            connection.close()

    # the order

    def send(self) -> None:
        """Sent two days ago, so that it starts in a moment."""
        now = clock.now()
        soon = self.story in BY_THE_CLOCK
        start_at = now + self.lot.randint(15, 25) * SECOND * (1 if soon else 4)
        due_at = start_at + self.lot.randint(8, 20) * SECOND
        self.order_id = 0

        def publish() -> None:
            creator = Creator.objects.get(pk=self.creator.party)
            merchant = Merchant.objects.get(pk=self.merchant.party)
            facts = {"start_at": start_at, "due_at": due_at, "at": now - 2 * DAY}
            task = a_sent_task(creator, merchant=merchant, **facts)
            self.order_id = task.orders.get().pk

        self.until(lambda: bool(self.order_id), publish)

    @property
    def order(self) -> Order:
        return Order.objects.get(pk=self.order_id)

    @cached_property
    def task_id(self) -> int:
        return self.order.task_id

    def is_at(self, *states: str) -> bool:
        return self.order.state in states

    def operation(self) -> Operation | None:
        return Escrow.objects.select_related("open_operation").get(pk=self.order_id).open_operation

    def freeze(self) -> Operation | None:
        found = self.operation()
        return found if found is not None and found.kind == Kind.FREEZE else None

    # trying

    def until(self, done: Callable[[], bool], act: Callable[[], object] = bool) -> None:
        """Act until it is done. Raises `GivenUp` when the order has closed, or the run is over."""
        while not self.stage.over.is_set():
            with suppress(*PROBLEMS):
                if done():
                    return
                if self.order_id and self.is_at(*CLOSED):
                    raise GivenUp
                act()
                if done():
                    return
            connection.close()
            time.sleep(PAUSE_SECONDS * self.lot.uniform(0.5, 1.5))
        raise GivenUp

    def presses(self, who: "Person", page: str, **fields: str) -> Callable[[], None]:
        """A click on a web of one's choice, the same form each time."""
        key = f"{self.number}k{self.lot.randrange(16**8):08x}"

        def press() -> None:
            port = self.lot.choice(list(self.stage.cluster.webs.values()))
            form = {"csrfmiddlewaretoken": CSRF, "form_key": key, **fields}
            with httpx.Client(
                cookies=who.cookies, trust_env=False, verify=False, timeout=10
            ) as http:
                http.post(f"http://127.0.0.1:{port}{page}", data=form)

        return press

    def does(self, verb: Verb, by: Actor, given: object = None) -> Callable[[], None]:
        return lambda: void(engine.run_one(verb, self.order_id, at=clock.now(), by=by, given=given))

    # what people do

    def asks_to_pay(self) -> None:
        page, total = f"/tasks/{self.task_id}/pay/", str(self.order.price_fen)
        pay = self.presses(self.merchant, page, total_fen=total)
        self.until(lambda: self.freeze() is not None or not self.is_at("UNPAID"), pay)

    def pays(self) -> None:
        """The payer confirms; when his payment fails for whatever reason, he tries again."""

        def confirm() -> None:
            freeze = self.freeze()
            if freeze is not None and freeze.state == Operation.State.WAIT_USER:
                self.stage.cluster.alipay.payer_confirms(freeze.out_no)
            elif freeze is None and self.operation() is None:
                self.asks_to_pay()

        self.asks_to_pay()
        self.until(lambda: not self.is_at("UNPAID"), confirm)

    def accepts(self) -> None:
        self.pays()
        accept = self.presses(self.creator, f"/orders/{self.order_id}/accept/")
        self.until(lambda: self.order.secured_at is not None, accept)

    def delivers(self) -> None:
        self.accepts()
        page, url = f"/orders/{self.order_id}/deliver/", f"https://we.example/{self.order_id}"
        self.until(lambda: self.is_at("DELIVERED"), self.presses(self.creator, page, url=url))

    def confirms(self) -> None:
        self.delivers()
        confirm = self.presses(self.merchant, f"/orders/{self.order_id}/confirm/")
        self.until(lambda: self.is_at("CONFIRMED", "REVIEWED"), confirm)

    def is_paid_out(self) -> None:
        self.confirms()
        self.until(lambda: Escrow.objects.get(pk=self.order_id).paid > 0)

    def reviews(self) -> None:
        self.confirms()
        words = {"quality": "5", "punctuality": "5", "communication": "5", "text": "很好"}
        review = self.presses(self.merchant, f"/orders/{self.order_id}/review/", **words)
        self.until(lambda: self.is_at("REVIEWED"), review)

    def declines(self) -> None:
        self.pays()
        page = f"/orders/{self.order_id}/decline/"
        self.until(lambda: self.is_at("DECLINED"), self.presses(self.creator, page, reason="不"))

    def cancels_the_payment(self) -> None:
        self.asks_to_pay()
        cancel = self.presses(self.merchant, f"/tasks/{self.task_id}/payment/cancel/")
        self.until(lambda: self.operation() is None or not self.is_at("UNPAID"), cancel)
        self.pays()

    def pays_too_late(self) -> None:
        """He confirms when the start has passed: the money has to come back by itself."""
        self.asks_to_pay()
        freeze = self.freeze()
        if freeze is None:
            raise GivenUp
        start_at = self.order.start_at
        self.until_the_clock(start_at + SECOND)
        with suppress(httpx.HTTPError):
            self.stage.cluster.alipay.payer_confirms(freeze.out_no)

    def until_the_clock(self, at: object) -> None:
        while not self.stage.over.is_set() and clock.now() < at:  # type: ignore[operator]
            time.sleep(PAUSE_SECONDS)

    def disputes(self) -> None:
        self.delivers()
        page = f"/orders/{self.order_id}/dispute/"
        dispute = self.presses(self.merchant, page, reason="少了图")
        self.until(lambda: self.is_at("DISPUTED"), dispute)
        price_fen = self.order.price_fen
        refund_fen = self.lot.choice([0, price_fen, price_fen // 3])
        rule = self.does(
            workflow.RULE, Actor.ops(self.stage.staff), Judgement(refund_fen, "按要求")
        )
        self.until(lambda: not self.is_at("DISPUTED"), rule)

    def loses_the_freeze(self) -> None:
        """Alipay ends the freeze by itself, and the creator accepts."""
        self.pays()
        freeze = Operation.objects.get(kind=Kind.FREEZE, out_no=self.escrow().freeze_no)
        self.stage.past.ended.add(freeze.out_no)
        self.until(
            lambda: self.is_ended,
            lambda: self.end(freeze.out_no),
        )
        accept = self.presses(self.creator, f"/orders/{self.order_id}/accept/")
        self.until(lambda: self.is_at("VOID", "LAPSED"), accept)

    is_ended = False

    def end(self, out_no: str) -> None:
        self.stage.cluster.alipay.freeze_ends(out_no)
        self.is_ended = True

    def escrow(self) -> Escrow:
        return Escrow.objects.get(pk=self.order_id)

    def is_given_back(self) -> None:
        """The transfer bounces; the creator names another account and is paid again."""
        self.is_paid_out()
        transfer = Operation.objects.filter(
            kind=Kind.TRANSFER, state=Operation.State.SUCCEEDED, shares__order_id=self.order_id
        ).latest("id")
        self.until(lambda: self.is_ended, lambda: self.bounce(transfer.out_no))

        def look() -> None:
            recheck.one(transfer, at=clock.now())

        self.until(lambda: self.escrow().payable > 0, look)
        self.is_paid_out_again()

    def bounce(self, out_no: str) -> None:
        self.stage.past.bounced.add(out_no)
        self.stage.cluster.alipay.bounces(out_no)
        self.is_ended = True

    def is_paid_out_again(self) -> None:
        creator = self.creator.party

        def again() -> None:
            found = Creator.objects.get(pk=creator)
            facts = PayoutFacts(f"new-{self.order_id}@example.com", "李鹿")
            change_payout_account(found, facts, at=clock.now())
            self.does(workflow.PAY_OUT, Actor.creator(found))()

        self.until(lambda: self.escrow().paid > 0, again)


def void(_: object) -> None:
    """Nothing is made of the outcome."""


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in; `party` is the merchant or creator that he is."""

    party: int
    cookies: dict[str, str]


def a_person(user: User, party: int) -> Person:
    """Logged in once; the session outlives whatever becomes of the servers."""
    client = Client()
    client.force_login(user, "accounts.backends.PeopleBackend")
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: CSRF}
    return Person(party, cookies)


# Stories that wait for the start, or for the due time.
BY_THE_CLOCK = ("lapsed", "overdue", "never paid", "paid too late")
CLOSED = ("VOID", "LAPSED", "DECLINED", "OVERDUE", "REFUNDED", "REVIEWED")
STORIES: dict[str, Callable[[Player], None]] = {
    "paid out": Player.is_paid_out,
    "reviewed": Player.reviews,
    "confirmed by the clock": Player.delivers,
    "declined": Player.declines,
    "lapsed": Player.pays,
    "overdue": Player.accepts,
    "never paid": Player.asks_to_pay,
    "paid too late": Player.pays_too_late,
    "payment cancelled": Player.cancels_the_payment,
    "disputed": Player.disputes,
    "freeze ended": Player.loses_the_freeze,
    "payout came back": Player.is_given_back,
}
