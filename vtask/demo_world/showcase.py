"""What the demo's two logins find: something in every tab, with hours or days left where time runs.

The first merchant orders from the first creator, and others beside him; `start` and `due` are days
from the midnight on which history ends.
"""

from itertools import cycle

from vtask.demo_world import texts
from vtask.demo_world.calendar import PER_DAY
from vtask.demo_world.people import CLOSED_PAYEE
from vtask.demo_world.plan import Planner

MERCHANT = CREATOR = 0
DOMAIN = "BEAUTY"
CLOSINGS = ("declined", "lapsed", "overdue", "refunded")


def add(planner: Planner, *, is_small: bool = False) -> None:
    """Everything for the two logins. A small world has only one order of each kind."""
    show = Showcase(planner, others=1 if is_small else 2)
    show.before_payment()
    show.waiting_for_creators()
    show.waiting_for_the_merchant()
    show.finished()
    show.closed()
    if not is_small:
        show.blocked_payout()
        show.of_other_merchants()


class Showcase:
    def __init__(self, planner: Planner, *, others: int) -> None:
        self.planner, self.others = planner, others
        self.briefs = cycle(texts.DOMAINS[DOMAIN].briefs)

    def _task(self, *, sent_days_ago: int, start: int, due: int, is_sent: bool = True) -> int:
        planner = self.planner
        others = [p for p in planner.choose(DOMAIN, self.others + 1) if p != CREATOR]
        return planner.add(
            MERCHANT,
            [CREATOR, *others[: self.others]],
            sent=-sent_days_ago * PER_DAY,
            days=(start, due),
            text=next(self.briefs),
            domain=DOMAIN,
            is_sent=is_sent,
        )

    def _paid(self, *, sent_days_ago: int, start: int, due: int) -> tuple[int, int]:
        """The task, and the sitting in which it was paid."""
        task = self._task(sent_days_ago=sent_days_ago, start=start, due=due)
        paid = -sent_days_ago * PER_DAY + 1
        self.planner.pay(task, paid)
        return task, paid

    def _all(self, task: int, paid: int, fate: str, **facts: object) -> None:
        for order in range(len(self.planner.tasks[task].creators)):
            self.planner.live(task, order, paid=paid, fate=fate, **facts)  # type: ignore[arg-type]

    def before_payment(self) -> None:
        """Two drafts, an unpaid task, and a price offer open each way."""
        self._task(sent_days_ago=1, start=9, due=16, is_sent=False)
        self._task(sent_days_ago=2, start=6, due=15, is_sent=False)
        self._task(sent_days_ago=1, start=5, due=12)
        asked = self._task(sent_days_ago=2, start=6, due=14)
        self.planner.offer(asked, 0, by="creator", sitting=-2, percent=115)
        bid = self._task(sent_days_ago=2, start=4, due=13)
        self.planner.offer(bid, 0, by="merchant", sitting=-2, percent=85)

    def waiting_for_creators(self) -> None:
        """To accept with a day and a half left, to deliver with a day or a week left."""
        task, paid = self._paid(sent_days_ago=2, start=1, due=9)
        self._all(task, paid, "confirmed", until="accept")
        task, paid = self._paid(sent_days_ago=3, start=5, due=14)
        self._all(task, paid, "confirmed", until="accept")
        task, paid = self._paid(sent_days_ago=10, start=-6, due=1)
        self._all(task, paid, "confirmed", until="deliver")
        task, paid = self._paid(sent_days_ago=5, start=-1, due=7)
        self._all(task, paid, "confirmed", until="deliver")

    def waiting_for_the_merchant(self) -> None:
        """To verify with two or seven days left, in dispute, to review."""
        task, paid = self._paid(sent_days_ago=18, start=-14, due=-4)
        self._all(task, paid, "confirmed", delivered=-8 * PER_DAY, until="confirm")
        task, paid = self._paid(sent_days_ago=12, start=-8, due=3)
        self._all(task, paid, "confirmed", delivered=-3 * PER_DAY, until="confirm")
        task, paid = self._paid(sent_days_ago=16, start=-12, due=-2)
        self._all(task, paid, "refunded", delivered=-6 * PER_DAY, until="rule")
        task, paid = self._paid(sent_days_ago=28, start=-24, due=-15)
        self._all(task, paid, "confirmed", delivered=-18 * PER_DAY)

    def finished(self) -> None:
        task, paid = self._paid(sent_days_ago=96, start=-91, due=-80)
        self._all(task, paid, "reviewed")
        task, paid = self._paid(sent_days_ago=66, start=-61, due=-52)
        self._all(task, paid, "reviewed_by_clock")
        task, paid = self._paid(sent_days_ago=44, start=-40, due=-31)
        self.planner.live(task, 0, paid=paid, fate="kept")
        for order in range(1, len(self.planner.tasks[task].creators)):
            self.planner.live(task, order, paid=paid, fate="reviewed")

    def closed(self) -> None:
        """One task for each way of closing, and a split ruling."""
        for number, fate in enumerate(CLOSINGS):
            age = 40 + 9 * number
            task, paid = self._paid(sent_days_ago=age, start=4 - age, due=12 - age)
            self._all(task, paid, fate)
        task, paid = self._paid(sent_days_ago=75, start=-70, due=-60)
        self._all(task, paid, "split")
        self.planner.void(self._task(sent_days_ago=33, start=-28, due=-20))

    def blocked_payout(self) -> None:
        """One creator's payout account is closed at Alipay: ops have something to follow up."""
        if CLOSED_PAYEE not in self.planner.market.sellers:
            return
        sent = -20 * PER_DAY
        task = self.planner.add(2, [CLOSED_PAYEE], sent=sent, days=(-16, -6), domain=DOMAIN)
        self.planner.pay(task, sent + 1)
        self.planner.live(task, 0, paid=sent + 1, fate="confirmed", delivered=-9 * PER_DAY)

    def of_other_merchants(self) -> None:
        """More open work in the market, and more for ops to rule on."""
        for number in range(10):
            merchant = self.planner.rng.choice(list(self.planner.market.buyers))
            domain = self.planner.market.buyers[merchant]
            sent = -(14 + number) * PER_DAY
            task = self.planner.add(
                merchant,
                self.planner.choose(domain, 1 + number % 2),
                sent=sent,
                days=(-(10 + number), -(1 + number % 4)),
            )
            self.planner.pay(task, sent + 1)
            delivered = -(5 + number % 3) * PER_DAY
            fate, until = ("refunded", "rule") if number % 2 else ("confirmed", "confirm")
            self._all_of(task, sent + 1, fate, delivered, until)

    def _all_of(self, task: int, paid: int, fate: str, delivered: int, until: str) -> None:
        for order in range(len(self.planner.tasks[task].creators)):
            self.planner.live(task, order, paid=paid, fate=fate, delivered=delivered, until=until)
