"""Playing the plan: every step is the real verb at its own instant, and the real worker carries
what it asks of the gateway.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction

from creators.rules import quoted_price
from policy.numbers import Policy
from policy.queries import in_force
from settlement import doorbell, jobs
from settlement.kinds import Kind
from settlement.models import Operation
from tasks import workflow
from tasks.models import Attachment, Order, OrderEvent, Task
from tasks.rules import LAST_REMINDER
from tasks.states import State
from tasks.workflow import drafts, engine, pay, publish
from tasks.workflow.change_price import Offer
from tasks.workflow.decision import CLOCK, MAIL, Actor, Refused, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.mark_reminded import Reminder
from tasks.workflow.review import Verdict
from tasks.workflow.rule import Judgement
from vtask.demo_world import texts
from vtask.demo_world.calendar import SITTING
from vtask.demo_world.cashier import Payer
from vtask.demo_world.people import People
from vtask.demo_world.pictures import Gallery
from vtask.demo_world.plan import Step, TaskPlan
from vtask.demo_world.workers import Workers

WRITING = timedelta(minutes=25)  # from the first word of a brief to its sending
WORKER_LAG = timedelta(seconds=2)
PAYER_LAG = timedelta(seconds=25)
GIVES_UP_AFTER = timedelta(minutes=3)
ASKS = {"pay", "accept", "decline", "lapse", "overdue", "confirm", "confirm_by_clock", "rule"}
# Their first answer says "under way": a freeze waits for its payer, a refund is asked about again.
ASKS_TWICE = {"pay", "overdue", "rule"}
IN_ORDER = {"send", "give_up_payment"}
RULINGS = {
    # What is ruled: the merchant's share in percent, and why.
    "refunded": (100, texts.RULING_REFUND),
    "split": (40, texts.RULING_SPLIT),
    "kept": (0, texts.RULING_PAY),
}


class UnableToPlay(RuntimeError):
    """A step was refused that the plan had thought possible."""


@contextmanager
def quietly() -> Iterator[None]:
    """Nobody is to be woken for what happened months ago."""
    doorbell.answer_with()
    try:
        yield
    finally:
        doorbell.answer_with(jobs.ring)


class History:
    """One run through a plan. `is_repeat`: parts of it have been played before, and are refused."""

    def __init__(
        self,
        people: People,
        tasks: list[TaskPlan],
        workers: Workers,
        payer: Payer,
        *,
        seed: str,
        policy: Policy,
        is_repeat: bool = False,
    ) -> None:
        self.policy = policy  # nobody has changed a number yet; fees of campaigns are looked up
        self.people, self.plans, self.workers, self.payer = people, tasks, workers, payer
        self.is_repeat = is_repeat
        self.seed = seed
        self.merchants = [Actor.merchant(merchant) for merchant in people.merchants]
        self.creators = [Actor.creator(creator) for creator in people.creators]
        self.ops = Actor.ops(people.ops)
        self.tasks: dict[int, Task] = {}
        self.orders: dict[tuple[int, int], int] = {}
        self.channel = people.channel

    def play(self, steps: list[Step]) -> None:
        """Everything in its order, sitting by sitting."""
        with quietly():
            for sitting in sittings(steps):
                # Who sends first has the lower number; all else concerns an order of its own.
                for step in sitting:
                    if step.do in IN_ORDER:
                        self._do(step)
                self.workers.each(self._do, [s for s in sitting if s.do not in IN_ORDER])
                self._settle(sitting)

    def _do(self, step: Step) -> None:
        handler: Callable[[Step], None] = getattr(self, f"_{step.do}")
        try:
            handler(step)
        except Refused as refusal:
            if not self.is_repeat:
                raise UnableToPlay(f"{step}: {refusal.code} {refusal}") from refusal

    def _settle(self, sitting: list[Step]) -> None:
        """The workers carry what the sitting asked for; payers confirm, and the rest follows."""
        asked = sum(step.do in ASKS for step in sitting)
        at = sitting[-1].at + WORKER_LAG
        if asked:
            self.workers.pump(at, asked)
        if again := sum(step.do in ASKS_TWICE for step in sitting):
            self._pay_what_waits(at)
            self.workers.pump(at + PAYER_LAG, again)

    def _pay_what_waits(self, at: datetime) -> None:
        waiting = Operation.objects.filter(
            kind=Kind.FREEZE, state=Operation.State.WAIT_USER, expires_at__gt=at
        )
        payments = list(waiting.values_list("merchant_id", "code_url"))
        self.workers.each(self._pay_at_cashier, payments)

    def _pay_at_cashier(self, payment: tuple[int, str]) -> None:
        merchant_id, code_url = payment
        self.payer(code_url, self.people.payers[merchant_id])

    # before payment

    @transaction.atomic
    def _send(self, step: Step) -> None:
        plan = self.plans[step.task]
        by = self.merchants[plan.merchant]
        task = self._draft(step, plan, by)
        if plan.is_sent:
            publish.publish(
                task.pk,
                seen_fen=self._prices(plan),
                at=step.at,
                by=by,
                policy=self.policy,
                freeze_max_days=settings.FREEZE_MAX_DAYS,
            )
            self._remember(step.task, task)

    def _prices(self, plan: TaskPlan) -> dict[int, int]:
        """What the merchant sees: the price of each chosen creator, in fen."""
        chosen = [self.people.creators[place].pk for place in plan.creators]
        wanted = plan.text.content_format, self.channel.pk
        return {pk: quoted_price(self.people.quotes[pk], *wanted) or 0 for pk in chosen}

    def _draft(self, step: Step, plan: TaskPlan, by: Actor) -> Task:
        at = plan.sent_at - WRITING
        if self.is_repeat:
            known = Task.objects.filter(merchant_id=by.party, created_at=at).first()
            if known is not None:
                return known
        brief = drafts.Brief(
            theme=plan.text.theme,
            requirements=plan.text.requirements,
            start_at=plan.start_at,
            due_at=plan.due_at,
            channel=self.channel,
            content_format=plan.text.content_format,
            campaign=plan.campaign,
        )
        task = drafts.create(brief, at=at, by=by)
        for attachment in self._attachments(step, plan):
            drafts.attach(task.pk, attachment, by=by, policy=self.policy)
        chosen = [self.people.creators[place].pk for place in plan.creators]
        drafts.pick(task.pk, chosen, by=by, policy=self.policy)
        return task

    def _attachments(self, step: Step, plan: TaskPlan) -> Iterator[Attachment]:
        merchant, rng = self.people.merchants[plan.merchant], self._rng(step)
        if plan.has_link:
            yield Attachment(
                kind=Attachment.Kind.LINK,
                name=plan.product,
                url=f"{merchant.shop_url}item/{rng.randrange(10**8, 10**9)}",
            )
        if plan.has_picture:
            name = Gallery(rng).cover(plan.domain, "briefs")
            yield Attachment(
                kind=Attachment.Kind.PICTURE,
                name=f"{plan.product}.jpg",
                file=name,
                content_type="image/jpeg",
                size=default_storage.size(name),
            )

    def _remember(self, number: int, task: Task) -> None:
        self.tasks[number] = task
        ids = dict(task.orders.values_list("creator_id", "pk"))
        for place, creator in enumerate(self.plans[number].creators):
            self.orders[number, place] = ids[self.people.creators[creator].pk]

    def _offer_price(self, step: Step) -> None:
        by, percent = step.given
        order = Order.objects.get(pk=self._order(step))
        offer = Offer(order.price_fen * percent // 100_00 * 100, self.policy)
        self._one(workflow.OFFER_PRICE, step, self._side(step, by), offer)

    def _accept_price(self, step: Step) -> None:
        seen = Order.objects.get(pk=self._order(step)).offer_fen
        self._one(workflow.ACCEPT_PRICE, step, self._side(step, step.given), seen)

    def _reject_price(self, step: Step) -> None:
        self._one(workflow.REJECT_PRICE, step, self._side(step, step.given))

    def _void(self, step: Step) -> None:
        engine.run(workflow.VOID, self._orders(step), at=step.at, by=CLOCK)

    def _pay(self, step: Step) -> None:
        task = self.tasks[step.task]
        pay.start(
            task.pk,
            at=step.at,
            by=self._merchant(step),
            policy=self._policy_for(task, step.at),
            # The answers are asked for here: a notice would come months later.
            notify_url="",
            return_url=f"{settings.SITE_URL}/tasks/{task.pk}/",
        )

    def _policy_for(self, task: Task, at: datetime) -> Policy:
        return in_force(at, campaign=task.campaign) if task.campaign else self.policy

    def _give_up_payment(self, step: Step) -> None:
        """The cashier is opened and left again; the merchant takes the payment back."""
        self._pay(step)
        self.workers.pump(step.at + WORKER_LAG, 1)
        at = step.at + GIVES_UP_AFTER
        engine.run(workflow.CANCEL_PAYMENT, self._orders(step), at=at, by=self._merchant(step))
        self.workers.pump(at + WORKER_LAG, 1)

    # from payment to the end

    def _accept(self, step: Step) -> None:
        self._one(workflow.ACCEPT, step, self._creator(step))

    def _decline(self, step: Step) -> None:
        self._one(workflow.DECLINE, step, self._creator(step), step.given)

    def _lapse(self, step: Step) -> None:
        self._one(workflow.LAPSE, step, CLOCK)

    def _overdue(self, step: Step) -> None:
        self._one(workflow.OVERDUE, step, CLOCK)

    def _deliver(self, step: Step) -> None:
        domain, rng = self.plans[step.task].domain, self._rng(step)
        covers = range(rng.choice((0, 0, 1, 2)))
        pictures = tuple(Gallery(rng).cover(domain, "deliveries") for _ in covers)
        number = rng.randrange(10**9, 10**10)
        content = Content(f"https://weitao.vtask.example/p/{number}", step.given, pictures)
        self._one(workflow.DELIVER, step, self._creator(step), content)

    def _confirm(self, step: Step) -> None:
        self._one(workflow.CONFIRM, step, self._merchant(step))

    def _confirm_by_clock(self, step: Step) -> None:
        self._remind(self._order(step))
        self._one(workflow.CONFIRM, step, CLOCK)

    def _remind(self, order_id: int) -> None:
        """All reminders, each delivered at once (N4). What was done before is refused."""
        at = None
        while (order := Order.objects.get(pk=order_id)).remind_at is not None:
            at = order.remind_at
            engine.run(workflow.REMIND, [order_id], at=at, by=CLOCK)
        if at is not None:
            given = Reminder(LAST_REMINDER, at)
            engine.run(workflow.MARK_REMINDED, [order_id], at=at, by=MAIL, given=given)

    def remind_until(self, at: datetime) -> None:
        """What waits for its merchant at the end of the history has been told so in time."""
        due = Order.objects.filter(state=State.DELIVERED, remind_at__lt=at).order_by("remind_at")
        while (order := due.first()) is not None:
            assert order.remind_at is not None
            engine.run_one(workflow.REMIND, order.pk, at=order.remind_at, by=CLOCK)

    def _dispute(self, step: Step) -> None:
        self._one(workflow.DISPUTE, step, self._merchant(step), Complaint(step.given))

    def _rule(self, step: Step) -> None:
        percent, reason = RULINGS[step.given]
        order = Order.objects.get(pk=self._order(step))
        refund_fen = order.price_fen * percent // 100
        self._one(workflow.RULE, step, self.ops, Judgement(refund_fen, reason))

    def _review(self, step: Step) -> None:
        quality, punctuality, communication = step.given.ratings
        verdict = Verdict(quality, punctuality, communication, step.given.text)
        self._one(workflow.REVIEW, step, self._merchant(step), verdict)

    # who and what a step is about

    def _one(self, verb: Verb, step: Step, by: Actor, given: Any = None) -> None:
        events = OrderEvent.objects.filter(order_id=self._order(step), at=step.at)
        if self.is_repeat and events.exists():
            return
        engine.run_one(verb, self._order(step), at=step.at, by=by, given=given)

    def _rng(self, step: Step) -> random.Random:
        """Chance of this step's own: threads must not take turns at one."""
        return random.Random(f"{self.seed}:{step.number}")  # noqa: S311 - repeatable on purpose

    def _order(self, step: Step) -> int:
        return self.orders[step.task, step.order]

    def _orders(self, step: Step) -> list[int]:
        places = range(len(self.plans[step.task].creators))
        return [self.orders[step.task, place] for place in places]

    def _merchant(self, step: Step) -> Actor:
        return self.merchants[self.plans[step.task].merchant]

    def _creator(self, step: Step) -> Actor:
        return self.creators[self.plans[step.task].creators[step.order]]

    def _side(self, step: Step, side: str) -> Actor:
        return self._merchant(step) if side == "merchant" else self._creator(step)


def sittings(steps: list[Step]) -> Iterator[list[Step]]:
    """Steps that lie close together, so that the workers have several operations at once.

    A payment that is given up takes its own minutes, so it stands alone.
    """
    rest = deque(steps)
    while rest:
        sitting = [rest.popleft()]
        while rest and _belongs(rest[0], sitting[0]):
            sitting.append(rest.popleft())
        yield sitting


def _belongs(step: Step, first: Step) -> bool:
    is_near = step.at - first.at < SITTING + timedelta(seconds=5)
    return is_near and "give_up_payment" not in (step.do, first.do)
