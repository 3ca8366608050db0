"""The main job against the running site, over HTTP: as merchant, creators, ops, and the clock."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.db.models import F
from PIL import Image

from accounts.models import User
from core import clock
from creators.models import Creator
from policy.queries import in_force
from settlement import worker
from settlement.gateway import adapter
from settlement.gateway.adapter import Outcome
from settlement.kinds import Kind
from settlement.models import Escrow, Operation, OperationOrder
from tasks.models import Order
from tasks.states import State
from tasks.web.choosing import CREATORS_PER_PAGE as PER_PAGE
from vtask.demo_world import cashier, logins, texts
from vtask.demo_world.browser import Page, Person, Stuck
from vtask.demo_world.people import MAIL, MERCHANT, OPS, PASSWORD

# Merchants look at what they pay: from 300 yuan up, the cheapest first.
CHEAPEST = "sort=price&min_price=300"
LINK = "https://weitao.vtask.example/journey/"
# How an order is to end, and the state in which that leaves it.
ENDINGS = {
    "reviewed": State.REVIEWED,
    "confirmed by the clock": State.CONFIRMED,
    "declined": State.DECLINED,
    "lapsed": State.LAPSED,
    "overdue": State.OVERDUE,
    "refunded by ruling": State.REFUNDED,
    "split by ruling": State.CONFIRMED,
    "paid by ruling": State.CONFIRMED,
    "never paid": State.VOID,
}
UNPAID = {"never paid"}
ACCEPTED = set(ENDINGS) - UNPAID - {"declined", "lapsed"}
DELIVERED = ACCEPTED - {"overdue"}
RULED = {
    "refunded by ruling": ("REFUND", ""),
    "split by ruling": ("SPLIT", "half"),
    "paid by ruling": ("PAY", ""),
}
TO_START = timedelta(hours=25)
TO_DUE = timedelta(days=4)
# Past the start; past the due time; past ten days after the delivery; and the two hours that the
# last reminder leaves when it was late (N4).
JUMPS = ((1, 2), (4, 1), (6, 0), (0, 2))
PATIENCE_TURNS = 360


@dataclass
class Trip:
    """One order on its way: who makes it, how it is to end."""

    ending: str
    creator: Creator
    order_id: int = 0

    @property
    def path(self) -> str:
        return f"/orders/{self.order_id}"


@dataclass
class Journey:
    """One run. `say` tells what happens; `idle` lets the site work on between two looks."""

    base_url: str
    say: Callable[[str], None]
    idle: Callable[[], None]
    people: dict[str, Person] = field(default_factory=dict)
    trips: list[Trip] = field(default_factory=list)

    def run(self, orders: int) -> None:
        """Walk every order to its end. Raises Stuck."""
        endings = [list(ENDINGS)[number % len(ENDINGS)] for number in range(orders)]
        self._publish([ending for ending in endings if ending not in UNPAID], pays=True)
        self._publish([ending for ending in endings if ending in UNPAID], pays=False)
        self._creators_answer()
        self._creators_deliver()
        self._merchant_verifies()
        self._ops_rule()
        for days, hours in JUMPS:
            self._move_clock(days, hours)
        self._wait("every order at its end", self._unfinished)

    def close(self) -> None:
        for person in self.people.values():
            person.close()

    # people

    def _person(self, email: str) -> Person:
        """Somebody who has logged in through the login page."""
        if email not in self.people:
            person = Person(self.base_url)
            self.people[email] = person
            form = person.open("/accounts/login/")
            page = person.submit(form, {"login": email, "password": PASSWORD})
            if "/2fa/" in page.url.path:
                self._second_factor(person, page, User.objects.get(email=email))
        return self.people[email]

    @staticmethod
    def _second_factor(person: Person, page: Page, user: User) -> None:
        """By the known key; with a recovery code when this half minute's code was used already."""
        counter = next(iter(yield_hotp_counters_from_time()))
        code = format_hotp_value(hotp_value(logins.TOTP_SECRET, counter))
        try:
            person.submit(page, {"code": code})
        except Stuck:
            person.submit(page, {"code": logins.codes(user)[-1]})

    def _creator(self, trip: Trip) -> Person:
        return self._person(trip.creator.user.email)

    def _with(self, endings: Iterable[str]) -> list[Trip]:
        wanted = set(endings)
        return [trip for trip in self.trips if trip.ending in wanted]

    # the merchant before the work

    def _publish(self, endings: list[str], *, pays: bool) -> None:
        """One task for all of them, or several where a task cannot have so many creators."""
        most = in_force(clock.now()).creators_per_task
        for first in range(0, len(endings), most):
            part = endings[first : first + most]
            task_id = self._task_with(part)
            if pays:
                self._pay(task_id)

    def _task_with(self, endings: list[str]) -> int:
        merchant = self._person(MERCHANT)
        zone = ZoneInfo(settings.TIME_ZONE)
        start = (clock.now() + TO_START).astimezone(zone)
        brief = texts.DOMAINS["BEAUTY"].briefs[0]
        written = {
            "theme": brief.theme,
            "requirements": brief.requirements,
            "start_at": f"{start:%Y-%m-%dT%H:%M}",
            "due_at": f"{start + TO_DUE:%Y-%m-%dT%H:%M}",
        }
        page = merchant.submit(merchant.open("/tasks/new/"), written, also={"go": "attach"})
        task_id = int(page.url.path.split("/")[2])
        merchant.submit(page, {"link": ""}, files={"file": ("sample.png", picture(), "image/png")})
        chosen = self._choose(merchant, task_id, len(endings))
        checked = merchant.open(f"/tasks/{task_id}/check/")
        merchant.submit(checked, {}, by=["creator"])
        orders = dict(Order.objects.filter(task_id=task_id).values_list("creator_id", "pk"))
        self.trips += [
            Trip(ending, creator, orders[creator.pk])
            for ending, creator in zip(endings, chosen, strict=True)
        ]
        self.say(f"task {task_id}: a brief with a picture, sent to {len(chosen)} creators")
        return task_id

    def _choose(self, merchant: Person, task_id: int, count: int) -> list[Creator]:
        """Tick creators page by page, the cheapest first."""
        chosen: dict[int, Creator] = {}
        seen: set[int] = set()
        while len(chosen) < count:
            number = len(seen) // PER_PAGE + 1
            page = merchant.open(f"/tasks/{task_id}/creators/?{CHEAPEST}&page={number}")
            shown = [int(pk) for name, pk in page.form_with("shown").fields if name == "shown"]
            if seen.issuperset(shown):
                raise Stuck(f"only {len(chosen)} of {count} creators can be chosen")
            seen.update(shown)
            ticked = logged_in(shown)[: count - len(chosen)]
            chosen |= {creator.pk: creator for creator in ticked}
            ids = [str(creator.pk) for creator in ticked]
            merchant.send(page, {}, by=["shown"], also={"go": "here", "creator": ids})
        return list(chosen.values())

    def _pay(self, task_id: int) -> None:
        """Press pay, go to the real cashier, confirm, and come back."""
        merchant = self._person(MERCHANT)
        page = merchant.open(f"/tasks/{task_id}/pay/")
        merchant.submit(page, {}, by=["total_fen"])
        self._wait("the cashier", lambda: [] if self._cashier_of(task_id) else ["not yet open"])
        account = User.objects.get(email=MERCHANT).merchant.payment_account
        cashier.pay(self._cashier_of(task_id), account.alipay_logon_id)
        self._wait(
            "the payment", lambda: self._not_yet(Order.objects.filter(task_id=task_id), "paid_at")
        )
        self.say(f"task {task_id}: paid at the cashier")

    def _cashier_of(self, task_id: int) -> str:
        """The link that the waiting page shows."""
        page = self._person(MERCHANT).open(f"/tasks/{task_id}/payment/")
        return next((link for link in page.links if "/cashier/" in link), "")

    # the creators

    def _creators_answer(self) -> None:
        for trip in self._with({"declined"}):
            person = self._creator(trip)
            reason = {"reason": texts.DECLINE_REASONS[0]}
            person.submit(person.open(f"{trip.path}/decline/"), reason)
        for trip in self._with(ACCEPTED):
            person = self._creator(trip)
            person.submit(person.open(f"{trip.path}/accept/"), {}, by=["form_key"])
        accepted = Order.objects.filter(pk__in=[trip.order_id for trip in self._with(ACCEPTED)])
        self._wait("the escrow", lambda: self._not_yet(accepted, "secured_at"))
        self.say(f"{len(self._with(ACCEPTED))} accepted and secured, the rest declined or silent")

    def _creators_deliver(self) -> None:
        for trip in self._with(DELIVERED):
            person = self._creator(trip)
            content = {"url": f"{LINK}{trip.order_id}", "note": texts.DELIVERY_NOTES[0]}
            person.submit(person.open(f"{trip.path}/deliver/"), content)
        self.say(f"{len(self._with(DELIVERED))} delivered")

    # the merchant and ops after the work

    def _merchant_verifies(self) -> None:
        merchant = self._person(MERCHANT)
        for trip in self._with({"reviewed"}):
            page = merchant.open(f"{trip.path}/confirm/")
            merchant.submit(page, {}, by=["form_key"])
            review = texts.REVIEWS[0]
            ratings = dict(
                zip(
                    ("quality", "punctuality", "communication"),
                    map(str, review.ratings),
                    strict=True,
                )
            )
            page = merchant.open(f"{trip.path}/review/")
            merchant.submit(page, {**ratings, "text": review.text})
        for trip in self._with(RULED):
            page = merchant.open(f"{trip.path}/dispute/")
            evidence = {"pictures": ("evidence.png", picture(), "image/png")}
            merchant.submit(page, {"reason": texts.DISPUTE_REASONS[0]}, files=evidence)
        done, disputed = len(self._with({"reviewed"})), len(self._with(RULED))
        self.say(f"{done} confirmed and reviewed, {disputed} disputed")

    def _ops_rule(self) -> None:
        for trip in self._with(RULED):
            ops = self._person(OPS)
            verdict, part = RULED[trip.ending]
            price_fen = Order.objects.get(pk=trip.order_id).price_fen
            refund = f"{price_fen // 200}" if part else ""
            ruling = {"verdict": verdict, "refund": refund, "reason": texts.RULING_SPLIT}
            seen = ops.send(ops.open(f"/admin/tasks/order/{trip.order_id}/rule/"), ruling)
            ops.submit(seen, {"confirm": "yes"})
        self.say(f"{len(self._with(RULED))} rulings")

    def _move_clock(self, days: int, hours: int) -> None:
        """On the page of ops; then the clock's jobs do what has become due."""
        self._wait("the money to come to rest", self._money_on_its_way)
        ops = self._person(OPS)
        ops.submit(ops.open("/admin/clock/"), {"days": str(days), "hours": str(hours)})
        self.say(f"the clock moves forward by {days} days and {hours} hours")
        self._wait("the clock's jobs", self._overdue_steps)

    # waiting

    def _wait(self, for_what: str, missing: Callable[[], list[str]]) -> None:
        for _ in range(PATIENCE_TURNS):
            left = missing()
            if not left:
                return
            self.idle()
        raise Stuck(f"waited too long for {for_what}: {'; '.join(left[:5])}")

    def _ids(self) -> list[int]:
        return [trip.order_id for trip in self.trips]

    @staticmethod
    def _not_yet(orders: Iterable[Order], column: str) -> list[str]:
        # A fresh look each time.
        fresh = Order.objects.filter(pk__in=[order.pk for order in orders])
        return [f"order {pk}" for pk in fresh.filter(**{column: None}).values_list("pk", flat=True)]

    def _money_on_its_way(self) -> list[str]:
        moving = Escrow.objects.filter(order_id__in=self._ids()).exclude(open_operation=None)
        return [f"order {pk}" for pk in moving.values_list("pk", flat=True)]

    def _overdue_steps(self) -> list[str]:
        at = clock.now()
        late = (
            {"state": State.UNPAID, "start_at__lte": at},
            {"state": State.PAID, "start_at__lte": at},
            {"state": State.ACCEPTED, "due_at__lte": at},
            {"state": State.DELIVERED, "remind_at__lte": at},
            {"state": State.DELIVERED, "confirm_by__lte": at},
        )
        mine = Order.objects.filter(pk__in=self._ids())
        return [f"order {o.pk} is {o.state}" for due in late for o in mine.filter(**due)]

    def _unfinished(self) -> list[str]:
        states = dict(Order.objects.filter(pk__in=self._ids()).values_list("pk", "state"))
        wrong = [
            f"order {trip.order_id} ({trip.ending}) is {states[trip.order_id]}"
            for trip in self.trips
            if states[trip.order_id] != ENDINGS[trip.ending]
        ]
        return wrong + self._money_on_its_way()


def logged_in(ids: Iterable[int]) -> list[Creator]:
    """Of these creators, in their order, those who have the demo's password and can be paid."""
    found = Creator.objects.select_related("user", "payout_account").in_bulk(list(ids))
    return [
        creator
        for creator in found.values()
        if creator.user.email.endswith(f"@{MAIL}")
        and creator.payout_account is not None
        and not creator.payout_account.logon_id.startswith("closed")
    ]


def picture() -> bytes:
    """A small picture to upload."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return out.getvalue()


def at_the_gateway(order_ids: Iterable[int]) -> tuple[int, list[str]]:
    """How many operations of these orders the gateway knows as done, and where it differs."""
    differences, count = [], 0
    for operation in _done(list(order_ids)):
        count += 1
        answer = adapter.query(worker.ask_of(operation))
        if answer.outcome != Outcome.SUCCESS:
            differences.append(f"{operation}: {answer.outcome} {answer.sub_code or answer.message}")
    return count, differences


def _done(order_ids: list[int]) -> Iterable[Operation]:
    """What happened at the gateway. A capture that was refunded in full is closed there: its refund
    speaks for it.
    """
    mine = OperationOrder.objects.filter(order_id__in=order_ids)
    refunded = Escrow.objects.filter(order_id__in=order_ids, returned=F("funded"))
    closed = Operation.objects.filter(
        kind=Kind.CAPTURE,
        shares__order_id__in=refunded.values("order_id"),
    )
    return (
        Operation.objects.filter(pk__in=mine.values("operation"), state=Operation.State.SUCCEEDED)
        .exclude(kind=Kind.CANCEL_FREEZE)
        .exclude(pk__in=closed.values("pk"))
        .select_related("payout_account")
    )
