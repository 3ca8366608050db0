"""The people, their orders, and everything that may happen to them, one step at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection

from accounts.models import User
from creators.models import ContentFormat, Creator
from creators.workflow.profile import PayoutFacts, change_payout_account
from merchants.models import Merchant
from policy.numbers import Policy
from settlement import check, inbox, manual, queries, worker
from settlement.gateway.messages import Ask
from settlement.models import Operation
from tasks import messages, workflow
from tasks.models import Task
from tasks.rules import FRESH_NOTICE
from tasks.workflow import drafts, engine, pay, publish
from tasks.workflow.change_price import Offer
from tasks.workflow.decision import CLOCK, Actor, Refused, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.review import Verdict
from tasks.workflow.rule import Judgement
from tests.builders import a_channel, a_creator, a_merchant, a_user, ops
from tests.machine.gateway import Gateway, a_notice
from tests.machine.picture import Books, OperationRow, OrderRow, Picture, problems
from tests.machine.post import Post, PostOffice
from tests.machine.processes import POINTS, StoppedWorker, crashing

BEGIN = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1),
)  # fmt: skip
# Prices at which shares round up, round down, and leave the least that can be paid out.
PRICES_FEN = (80_000, 12_345, 33)
# How statements begin that write: the ORM's, the operations' own, the claim, and the engine's.
WRITES = ("insert", "update", "delete", "with due")
ENGINE = ("with p as (", "with o as (", "with e as (", "with t as (", "with v as (")
LINK = "https://we.example/post/1"


@dataclass(frozen=True)
class People:
    merchants: list[Merchant]
    creators: list[Creator]
    staff: list[User]


def people() -> People:
    """Two merchants, three creators of odd prices, and two members of staff; no passwords."""
    return People(
        [a_merchant(user=a_user(password=None)) for _ in range(2)],
        [a_creator(user=a_user("CREATOR", password=None), price_fen=fen) for fen in PRICES_FEN],
        [ops(has_second_factor=False, password=None) for _ in range(2)],
    )


@contextmanager
def talking_to(find: Callable[[], Gateway]) -> Iterator[None]:
    """In this block the worker talks to the gateway of the present world."""
    with (
        patch("settlement.gateway.adapter.send", lambda ask: find().send(ask)),
        patch("settlement.gateway.adapter.query", lambda ask: find().query(ask)),
    ):
        yield


@dataclass
class World:
    """One run: the clock, the gateway, the workers that stand still, and what was last seen."""

    people: People
    at: datetime = BEGIN
    policy: Policy = field(default_factory=Policy)
    gateway: Gateway = field(init=False)
    post: PostOffice = field(default_factory=PostOffice)
    books: Books = field(default_factory=Books)
    picture: Picture = field(init=False)
    stopped: list[StoppedWorker] = field(default_factory=list)
    focus: set[int] | None = None  # the tasks that people act upon; all when None
    is_touched: bool = True
    is_moved: bool = True
    clicks: int = 0

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.now, self._reach)
        self._depth = len(connection.savepoint_ids)

    def now(self) -> datetime:
        return self.at

    def _reach(self, point: str) -> None:
        """No call to the gateway is made inside a transaction (money.md, rule 3)."""
        if len(connection.savepoint_ids) != self._depth:
            self.gateway.wrongs.append(f"a transaction is open {point}")
        POINTS.reach(point)

    # Looking

    def look(self) -> list[str]:
        """Take a new picture; the laws that it breaks."""
        found: list[str] = check.run(at=self.at).differences if self.is_moved else []
        self.picture = Picture.take()
        found += problems(self.picture, self.gateway)
        found += self.books.problems(self.picture, self.post)
        self.is_touched = self.is_moved = False
        return found

    def watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Sees whether anything was written since the last look, and whether the engine wrote it:
        nobody else moves money.
        """
        told = sql.lstrip().lower()
        self.is_moved = self.is_moved or told.startswith(ENGINE)
        self.is_touched = self.is_touched or self.is_moved or told.startswith(WRITES)
        return execute(sql, params, many, context)

    def orders(self) -> list[OrderRow]:
        return [
            order
            for order in self.picture.orders.values()
            if self.focus is None or order.task_id in self.focus
        ]

    # People

    def merchant_of(self, order: OrderRow) -> Actor:
        [merchant] = [m for m in self.people.merchants if m.pk == order.merchant_id]
        return Actor.merchant(merchant)

    def creator(self, order: OrderRow) -> Creator:
        [creator] = [c for c in self.people.creators if c.pk == order.creator_id]
        return creator

    def creator_of(self, order: OrderRow) -> Actor:
        return Actor.creator(self.creator(order))

    def staff(self) -> Actor:
        return Actor.ops(self.people.staff[0])

    def publish(self, merchant: int, creators: list[int], start: timedelta, due: timedelta) -> int:
        """A brief, picked, sent; the number of the task."""
        by = Actor.merchant(self.people.merchants[merchant])
        brief = drafts.Brief(
            "春季新品试用", "真实试用，附图。", self.at + start, self.at + start + due,
            a_channel("WEITAO"), ContentFormat.POST,
        )  # fmt: skip
        task = drafts.create(brief, at=self.at, by=by)
        chosen = [self.people.creators[n].pk for n in creators]
        drafts.pick(task.pk, chosen, by=by, policy=self.policy)
        seen = {line.creator.pk: line.price_fen for line in publish.lines(task, self.policy)}
        publish.publish(
            task.pk, seen_fen=seen, at=self.at, by=by, policy=self.policy, freeze_max_days=365
        )
        if self.focus is not None:
            self.focus.add(task.pk)
        return task.pk

    def pay(self, order: OrderRow) -> None:
        pay.start(
            order.task_id,
            at=self.at,
            by=self.merchant_of(order),
            policy=self.policy,
            notify_url="https://vtask.example/notice",
            return_url="https://vtask.example/",
        )

    def cancel_payment(self, order: OrderRow) -> None:
        operation = self.picture.operation_of(order)
        ids = operation.order_ids if operation else [order.id]
        by = self.merchant_of(order)
        engine.run(workflow.CANCEL_PAYMENT, ids, at=self.at, by=by)

    def withdraw(self, order: OrderRow) -> None:
        drafts.delete(order.task_id, at=self.at, by=self.merchant_of(order))

    def amend(self, order: OrderRow) -> None:
        """The merchant puts the start off by a day."""
        task = Task.objects.select_related("channel").get(pk=order.task_id)
        brief = drafts.Brief(
            task.theme, task.requirements, task.start_at + DAY, task.due_at + DAY,
            task.channel, task.content_format,
        )  # fmt: skip
        drafts.change(order.task_id, brief, at=self.at, by=self.merchant_of(order))

    def do(self, verb: Verb, order: OrderRow, by: Actor, given: Any = None) -> None:
        """A click on a form of its own."""
        self.clicks += 1
        engine.run_one(verb, order.id, at=self.at, by=by, given=given, token=f"form-{self.clicks}")

    def sensible(self) -> list[tuple[str, Callable[[], None]]]:
        """What somebody might want to do now, whether or not it is possible."""
        return [
            (f"{name} {order.id}", step)
            for order in self.orders()
            for name, step in _CHOICES[order.state](self, order)
        ]

    def attempt(self, step: Callable[[], None]) -> str:
        """Do what a person asked for; the code of the refusal, which must have changed nothing."""
        code = ""
        try:
            step()
        except Refused as refusal:
            code = refusal.code
        if code and self.is_touched:  # written, and taken back
            assert Picture.take() == self.picture, f"{code} changed something"
        return code

    def new_account(self, creator: Creator, name: str) -> None:
        change_payout_account(creator, PayoutFacts(name, "李鹿"), at=self.at)

    # The clock and the workers

    def deadlines(self) -> list[datetime]:
        """Every instant at which something becomes possible or impossible."""
        found: set[datetime | None] = set()
        for order in self.orders():
            if order.state not in ENDED:
                found |= {order.start_at, order.due_at, order.confirm_by, order.remind_at}
        for operation in self.picture.open_operations():
            found |= {operation.next_at, operation.lease_until, operation.expires_at}
        return sorted(at for at in found if at is not None and at > self.at)

    def due_at(self) -> datetime | None:
        """When the next operation can be claimed."""
        times = [
            max(operation.next_at, operation.lease_until or operation.next_at)
            for operation in self.picture.open_operations()
        ]
        return min(times, default=None)

    def work(self, steps: int = 1) -> None:
        """A worker carries up to `steps` operations to the gateway."""
        worker.pump(self.now, limit=steps)

    def sweep(self, verb: Verb) -> None:
        engine.sweep(verb, at=self.at, by=CLOCK)

    # The mail server

    def post_letters(self, how: Post) -> None:
        """What people are to be told is given to the mail server."""
        with self.post.serving(how, self.at):
            messages.send_due(at=self.at)

    def waits_for_post(self) -> bool:
        """Whether a reminder is waiting, or has been written a short while ago."""
        return any(
            order.state == "DELIVERED"
            and order.held_at is None
            and order.reminded_at is None
            and order.confirm_by is not None
            and order.confirm_by - FRESH_NOTICE <= self.at
            for order in self.orders()
        )

    def return_letter(self, which: int) -> None:
        """A reminder comes back, now and perhaps once more."""
        letters = self.post.reminders()
        letter = letters[which % len(letters)]
        letter.returned_at = self.at
        assert messages.came_back(letter.message_id, "550 no such user", at=self.at)

    def stop_a_worker(self, point: str) -> bool:
        """A worker begins a step and stands still at `point`, if it gets there; whether it did."""
        stopped = StoppedWorker(point, self.work)
        if not stopped.is_done:
            self.stopped.append(stopped)
        return not stopped.is_done

    def resume(self, which: int) -> None:
        self.stopped.pop(which % len(self.stopped)).resume()

    def kill_stopped(self) -> None:
        while self.stopped:
            self.stopped.pop().kill()

    # The gateway's side

    def codes(self) -> list[str]:
        """Freezes whose code a payer has seen and may confirm."""
        return [
            operation.out_no
            for operation in self.picture.operations.values()
            if operation.code_url and self.gateway.is_payable(operation.out_no)
        ]

    def ring(self, which: int) -> None:
        """A notice arrives, for the first time or again."""
        notices = self.gateway.notices
        inbox.take_in(notices[which % len(notices)], at=self.at)

    def lie(self, operation: OperationRow, *, amount_fen: int | None = None) -> None:
        """A notice of something that did not happen."""
        self.clicks += 1
        ask = Ask(operation.kind, operation.out_no, operation.amount_fen, {})
        notice = a_notice(f"lie-{self.clicks}", ask, amount_fen=amount_fen)
        try:
            inbox.take_in(notice, at=self.at)
        except inbox.UnknownNotice:
            assert amount_fen is not None
        else:
            assert amount_fen is None or operation.kind == "REFUND"

    # Staff

    def decide(self, operation: OperationRow) -> bool:
        """Two people look at the gateway's pages and say what became of an operation; whether they
        could.
        """
        row = Operation.objects.get(pk=operation.id)
        truth = self.gateway.truth(lambda: worker.ask_of(row))
        if truth is None or (truth and operation.kind == "FREEZE"):
            return manual.ask_now(operation.id, at=self.at) and False
        one, other = self.people.staff
        verdict = manual.Verdict.SUCCEEDED if truth else manual.Verdict.FAILED
        proposal = manual.propose(operation.id, verdict, "seen", at=self.at, by=one.pk)
        manual.approve(proposal.pk, at=self.at, by=other.pk)
        if truth and operation.kind == "UNFREEZE":
            assert operation.out_no in self.gateway.executed
        return True

    def clear_halts(self) -> None:
        for halt in queries.open_halts():
            manual.clear_halt(halt.pk, at=self.at, by=self.people.staff[0].pk)

    def cut(self, point: str, step: Callable[[], None]) -> bool:
        """The process dies at `point` of a step, if it gets there; whether it did."""
        return crashing(point, lambda: self.attempt(step))


ENDED = ("VOID", "LAPSED", "DECLINED", "OVERDUE", "REFUNDED", "REVIEWED")
Choice = tuple[str, Callable[[], None]]


def _unpaid(world: World, order: OrderRow) -> list[Choice]:
    merchant, creator = world.merchant_of(order), world.creator_of(order)
    found: list[Choice] = [
        ("pay", lambda: world.pay(order)),
        ("cancel the payment of", lambda: world.cancel_payment(order)),
        ("pay again", lambda: world.pay(order)),
    ]
    if world.clicks % 3 == 2:  # not too often: it ends the story
        found += [
            ("put off", lambda: world.amend(order)),
            ("withdraw", lambda: world.withdraw(order)),
        ]
    offer = Offer(order.price_fen + 7, world.policy)
    if order.offer_fen is None:
        return [
            *found,
            ("offer a price for", lambda: world.do(workflow.OFFER_PRICE, order, creator, offer)),
        ]
    other = merchant if order.offer_by == "CREATOR" else creator
    seen = order.offer_fen
    return [
        *found,
        ("accept the price of", lambda: world.do(workflow.ACCEPT_PRICE, order, other, seen)),
        ("reject the price of", lambda: world.do(workflow.REJECT_PRICE, order, other)),
    ]


def _paid(world: World, order: OrderRow) -> list[Choice]:
    by = world.creator_of(order)
    return [
        ("accept", lambda: world.do(workflow.ACCEPT, order, by)),
        ("accept at once", lambda: world.do(workflow.ACCEPT, order, by)),
        ("decline", lambda: world.do(workflow.DECLINE, order, by, "不合适")),
    ]


def _deliver(world: World, order: OrderRow) -> list[Choice]:
    by = world.creator_of(order)
    return [("deliver", lambda: world.do(workflow.DELIVER, order, by, Content(LINK)))]


def _delivered(world: World, order: OrderRow) -> list[Choice]:
    by = world.merchant_of(order)
    held: list[Choice] = [
        (
            "release",
            lambda: world.do(workflow.RELEASE_HOLD, order, world.staff(), "called the merchant"),
        )
    ]
    return [
        *(held if order.held_at else []),
        ("confirm", lambda: world.do(workflow.CONFIRM, order, by)),
        *_deliver(world, order),
        ("confirm at once", lambda: world.do(workflow.CONFIRM, order, by)),
        ("dispute", lambda: world.do(workflow.DISPUTE, order, by, Complaint("少了图"))),
    ]


def _disputed(world: World, order: OrderRow) -> list[Choice]:
    def rule(refund_fen: int) -> Callable[[], None]:
        judgement = Judgement(refund_fen, "按要求判定")
        return lambda: world.do(workflow.RULE, order, world.staff(), judgement)

    price = order.price_fen
    return [
        ("split", rule(price // 3)),
        ("rule to refund", rule(price)),
        ("rule to pay", rule(0)),
        ("split unevenly", rule(price // 2 + 1)),
    ]


def _confirmed(world: World, order: OrderRow) -> list[Choice]:
    found = _closed(world, order)
    verdict = Verdict(5, 4, 5, "很好")
    if order.state == "CONFIRMED":
        by = world.merchant_of(order)
        found += [("review", lambda: world.do(workflow.REVIEW, order, by, verdict))]
    if order.pockets["payable"]:
        by_creator = world.creator_of(order)
        found += [("pay out", lambda: world.do(workflow.PAY_OUT, order, by_creator))]
    return found


def _closed(world: World, order: OrderRow) -> list[Choice]:
    if order.trouble != "RETURN_BLOCKED":
        return []
    return [("return again", lambda: world.do(workflow.RETURN_AGAIN, order, world.staff()))]


_CHOICES: dict[str, Callable[[World, OrderRow], list[Choice]]] = {
    "UNPAID": _unpaid,
    "PAID": _paid,
    "ACCEPTED": _deliver,
    "DELIVERED": _delivered,
    "DISPUTED": _disputed,
    "CONFIRMED": _confirmed,
    "REVIEWED": _confirmed,
    **dict.fromkeys(("VOID", "LAPSED", "DECLINED", "OVERDUE", "REFUNDED"), _closed),
}
