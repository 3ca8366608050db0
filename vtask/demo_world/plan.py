"""What happens in the demo's months, decided before anything happens. Pure: no database, no clock.

Every order gets a whole life; what lies after the midnight on which history ends is cut off, so
the open orders are those whose life goes on.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vtask.demo_world import texts
from vtask.demo_world.calendar import PER_DAY, Calendar
from vtask.demo_world.texts import BriefText

CLOCK_LAG = timedelta(seconds=3)  # the clock's job runs every few seconds
CLEAN_END = timedelta(minutes=1)
AUTO_CONFIRM = timedelta(days=10)
DAY_HOURS = (10, 12, 18, 20)

# How an order's life goes, with its weight.
FATES = {
    "reviewed": 46,
    "reviewed_by_clock": 10,
    "confirmed": 9,
    "confirmed_by_clock": 5,
    "declined": 9,
    "lapsed": 5,
    "overdue": 5,
    "refunded": 4,
    "split": 3,
    "kept": 2,
}
# When a task is sent, in days before the end of history, and with which share of all orders.
AGES = ((120, 30, 0.60), (30, 4, 0.26), (4, 0.4, 0.14))


@dataclass(frozen=True, order=True)
class Step:
    """One thing that somebody does: `do` names it, `order` is the order's place in its task."""

    at: datetime
    number: int
    do: str = field(compare=False)
    task: int = field(compare=False)
    order: int = field(compare=False, default=0)
    given: Any = field(compare=False, default=None)


@dataclass
class TaskPlan:
    """One brief: who writes it, to whom it goes (places in `People`), and when."""

    merchant: int
    creators: list[int]
    text: BriefText
    domain: str
    sent_at: datetime
    start_at: datetime
    due_at: datetime
    campaign: str = ""
    product: str = ""
    has_link: bool = False
    has_picture: bool = False
    is_sent: bool = True


@dataclass(frozen=True)
class Market:
    """Who can take part: places in `People`, with the domain of each."""

    buyers: dict[int, str]
    sellers: dict[int, str]

    def sellers_in(self, domain: str) -> list[int]:
        """Those of a domain, or all where a small world has none."""
        return [place for place, code in self.sellers.items() if code == domain] or list(
            self.sellers
        )


class Planner:
    """Collects tasks and their steps."""

    def __init__(self, rng: random.Random, calendar: Calendar, market: Market) -> None:
        self.rng, self.calendar, self.market = rng, calendar, market
        self.tasks: list[TaskPlan] = []
        self._steps: list[Step] = []

    @property
    def orders(self) -> int:
        return sum(len(task.creators) for task in self.tasks if task.is_sent)

    def steps(self) -> list[Step]:
        """Everything that happens before history ends, in the order in which it happens."""
        end = self.calendar.midnight - CLEAN_END
        return sorted(step for step in self._steps if step.at < end)

    # tasks

    def fill(self, orders: int) -> None:
        """Ordinary tasks until there are as many orders as wanted."""
        before = self.orders
        share = 0.0
        for oldest, newest, part in AGES:
            share += part
            limit = before + round((orders - before) * share)
            while self.orders < limit:
                self._ordinary(self.rng.uniform(newest, oldest), most=limit - self.orders)

    def _ordinary(self, days_ago: float, *, most: int) -> None:
        rng = self.rng
        sent = min(-1, int(-days_ago * PER_DAY))
        merchant = rng.choice(list(self.market.buyers))
        domain = self.market.buyers[merchant]
        creators = self.choose(domain, min(most, rng.choice((1, 1, 2, 2, 3, 3, 3, 4, 5, 6))))
        first_day = sent // PER_DAY + rng.randint(3, 8)
        task = self.add(
            merchant,
            creators,
            sent=sent,
            days=(first_day, first_day + rng.randint(4, 14)),
            domain=domain,
            campaign=texts.CAMPAIGN if rng.random() < 0.08 else "",
        )
        if rng.random() < 0.05:
            self.void(task)
            return
        paid = self._before_payment(task, sent)
        if rng.random() < 0.12 and days_ago < 6:
            self.void(task)  # still to be paid, unless its start is over
            return
        self.pay(task, paid)
        for order in range(len(creators)):
            self.live(task, order, paid=paid)

    def choose(self, domain: str, size: int) -> list[int]:
        known = self.market.sellers_in(domain)
        return self.rng.sample(known, min(size, len(known)))

    def add(
        self,
        merchant: int,
        creators: list[int],
        *,
        sent: int,
        days: tuple[int, int],
        domain: str = "",
        text: BriefText | None = None,
        campaign: str = "",
        is_sent: bool = True,
    ) -> int:
        """A task sent in sitting `sent`; start and due are `days` from the end of history."""
        rng = self.rng
        domain = domain or self.market.buyers[merchant]
        at = self.calendar.moment(sent, rng)
        self.tasks.append(
            TaskPlan(
                merchant=merchant,
                creators=creators,
                text=text or rng.choice(texts.DOMAINS[domain].briefs),
                domain=domain,
                sent_at=at,
                start_at=self.calendar.day(days[0], rng.choice(DAY_HOURS)),
                due_at=self.calendar.day(days[1], rng.choice(DAY_HOURS)),
                campaign=campaign,
                product=rng.choice(texts.DOMAINS[domain].products),
                has_link=rng.random() < 0.5,
                has_picture=rng.random() < 0.2,
                is_sent=is_sent,
            )
        )
        task = len(self.tasks) - 1
        self._add(at, "send", task)
        return task

    def void(self, task: int) -> None:
        """Nobody pays; at the start time the orders come to nothing."""
        self._add(self.tasks[task].start_at + CLOCK_LAG, "void", task)

    def pay(self, task: int, sitting: int) -> None:
        self._add(self._moment(sitting), "pay", task)

    def _before_payment(self, task: int, sent: int) -> int:
        """Now and then a price is changed, or a payment given up; the sitting of the payment."""
        rng = self.rng
        if rng.random() < 0.10:
            order = rng.randrange(len(self.tasks[task].creators))
            by = rng.choice(("creator", "merchant"))
            self.offer(task, order, by=by, sitting=sent + 1, percent=_other_price(rng, by))
            answer = "accept_price" if rng.random() < 0.75 else "reject_price"
            other = "merchant" if by == "creator" else "creator"
            self._add(self._moment(sent + 2), answer, task, order, other)
            return sent + 3
        if rng.random() < 0.05:
            self._add(self._moment(sent + 1), "give_up_payment", task)
            return sent + 2
        return sent + rng.randint(1, 2)

    def offer(self, task: int, order: int, *, by: str, sitting: int, percent: int) -> None:
        """One side offers `percent` of the price."""
        self._add(self._moment(sitting), "offer_price", task, order, (by, percent))

    # the life of an order

    def live(
        self,
        task: int,
        order: int,
        *,
        paid: int,
        fate: str = "",
        delivered: int | None = None,
        until: str = "",
    ) -> None:
        """The whole life of a paid order, up to and without the step `until`."""
        fate = fate or self.rng.choices(list(FATES), list(FATES.values()))[0]
        for at, do, given in self._life(self.tasks[task], paid, fate, delivered):
            if do == until:
                return
            self._add(at, do, task, order, given)

    def _life(
        self, task: TaskPlan, paid: int, fate: str, delivered: int | None
    ) -> Iterator[tuple[datetime, str, Any]]:
        rng = self.rng
        last = self.calendar.last_before(task.start_at)
        answered = min(paid + rng.randint(1, 6), last)
        if fate == "lapsed":
            yield task.start_at + CLOCK_LAG, "lapse", None
        elif fate == "declined":
            yield self._moment(answered), "decline", rng.choice(texts.DECLINE_REASONS)
        else:
            yield self._moment(answered), "accept", None
            if fate == "overdue":
                yield task.due_at + CLOCK_LAG, "overdue", None
            else:
                sitting = delivered or self._delivery_sitting(task, answered)
                yield from self._after_acceptance(sitting, fate, is_fixed=delivered is not None)

    def _delivery_sitting(self, task: TaskPlan, answered: int) -> int:
        last = self.calendar.last_before(task.due_at)
        earliest = max(answered + 2, self.calendar.last_before(task.start_at) - 3)
        return self.rng.randint(min(earliest, last), last)

    def _after_acceptance(
        self, sitting: int, fate: str, *, is_fixed: bool
    ) -> Iterator[tuple[datetime, str, Any]]:
        rng = self.rng
        at = self._moment(sitting)
        yield at, "deliver", rng.choice(texts.DELIVERY_NOTES)
        if not is_fixed and rng.random() < 0.12:
            sitting += rng.randint(1, 6)
            at = self._moment(sitting)
            yield at, "deliver", rng.choice(texts.REDELIVERY_NOTES)
        if fate in ("refunded", "split", "kept"):
            complained = sitting + rng.randint(1, 9)
            yield self._moment(complained), "dispute", rng.choice(texts.DISPUTE_REASONS)
            yield self._moment(complained + rng.randint(2, 9)), "rule", fate
        elif fate.endswith("by_clock"):
            sitting += int(AUTO_CONFIRM.days * PER_DAY)
            yield at + AUTO_CONFIRM + CLOCK_LAG, "confirm_by_clock", None
        else:
            sitting += rng.randint(1, 14)
            yield self._moment(sitting), "confirm", None
        if fate.startswith("reviewed"):
            verdict = rng.choice(texts.REVIEWS)
            yield self._moment(sitting + rng.randint(1, 15)), "review", verdict

    def _moment(self, sitting: int) -> datetime:
        return self.calendar.moment(sitting, self.rng)

    def _add(self, at: datetime, do: str, task: int, order: int = 0, given: Any = None) -> None:
        self._steps.append(Step(at, len(self._steps), do, task, order, given))


def _other_price(rng: random.Random, by: str) -> int:
    """Creators ask for more, merchants for less; in percent of the price."""
    return rng.choice((110, 115, 120, 130)) if by == "creator" else rng.choice((80, 85, 90))
