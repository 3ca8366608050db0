"""A day of the queues, second by second: people's clicks, operations at the gateway, the clock's
sweeps and the letters, on the machines of one plan.

A fluid with whole drops: what comes in a second is drawn (Poisson), and from then on travels in
cohorts, first come, first served, so ten million orders need no more time than ten. What is waited
less than a second is not seen here; Erlang's formulas tell it (`bench.scaling.queueing`).

The database is shared by all: when more is wanted of it than it has, everybody gets the same part.
"""

import math
import random
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from bench.scaling import gateway as asking
from bench.scaling.costs import Costs
from bench.scaling.demand import ask_s, letter_s, web_s
from bench.scaling.flows import DAY_S, LIFE, Life, busy, due_at
from settlement import worker
from tasks import jobs, messages
from vtask.beat import BEAT

# What the code has: how often the beat rings, and how much a run does at most.
SWEEP_EVERY_S = int(BEAT["orders that are due"]["schedule"])
MAIL_EVERY_S = int(BEAT["messages"]["schedule"])
# Two rounds of the slowest beat: who waits for longer is behind.
PATIENCE_S = 2 * MAIL_EVERY_S
PUMP_EVERY_S = BEAT["operations at the gateway"]["schedule"]
LETTERS_PER_RUN = jobs.MAIL_ROUNDS * messages.BATCH
PUMP_LIMIT = int((worker.pump.__kwdefaults__ or {})["limit"])


@dataclass(frozen=True, slots=True)
class Plan:
    """The machines. `slots` are Celery processes; with `own_pumps` those of the operations are not
    those of everything else. `mail_runs` are started by each beat (the code has one). `skew` is how
    much more than the mean the fullest shard has.
    """

    name: str
    orders_per_day: float
    shards: int = 1
    cores: float = 2
    web: int = 4
    slots: int = 4
    own_pumps: bool = False
    mail_runs: int = 1
    gateway_per_s: float = math.inf
    skew: float = 1.0
    read_on_replicas: float = 0.0

    @property
    def database_ms_per_s(self) -> float:
        return self.shards * self.cores * 1000 / self.skew


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is away, from when to when (seconds of the day): GATEWAY hangs, DATABASE answers nobody,
    BROKER brings no message to any worker. A BURST is ten times the mean of orders and clicks.
    """

    kind: str
    start_s: int
    length_s: int
    factor: float = 10.0

    def is_on(self, second: int) -> bool:
        return self.start_s <= second < self.start_s + self.length_s

    @property
    def end_s(self) -> int:
        return self.start_s + self.length_s


GATEWAY, DATABASE, BROKER, BURST = "gateway", "database", "broker", "burst"


@dataclass(slots=True)
class Queue:
    """First come, first served, in cohorts of (since when, look, how many)."""

    name: str
    cohorts: deque[list[int]] = field(default_factory=deque)
    waiting: int = 0
    arrived: int = 0
    done: int = 0
    most: int = 0
    oldest_s: int = 0
    waits: Counter[int] = field(default_factory=Counter)
    area: int = 0  # items times seconds
    after: int = 0  # how many waited at the end of the trouble
    drained_at: int | None = None
    credit: float = 0.0

    def add(self, second: int, look: int, n: int) -> None:
        if n:
            self.cohorts.append([second, look, n])
            self.waiting += n
            self.arrived += n

    def take(self, second: int, most: float) -> list[tuple[int, int]]:
        """Serve as many as that, with what was left of a whole one before: (look, how many)."""
        self.credit = min(self.credit + most, max(most, 1.0) + 1.0)
        room = int(self.credit)
        taken: list[tuple[int, int]] = []
        cohorts = self.cohorts
        while room and cohorts:
            first = cohorts[0]
            n = min(room, first[2])
            taken.append((first[1], n))
            self.waits[second - first[0]] += n
            room -= n
            if n == first[2]:
                cohorts.popleft()
            else:
                first[2] -= n
        served = sum(n for _, n in taken)
        self.credit -= served
        self.waiting -= served
        self.done += served
        return taken

    def look(self, second: int) -> None:
        """What is seen at the end of a second."""
        self.area += self.waiting
        self.most = max(self.most, self.waiting)
        if self.cohorts:
            self.oldest_s = max(self.oldest_s, second - self.cohorts[0][0])

    def wait_s(self, share: float) -> int:
        """The wait that this share of those served did not exceed."""
        left = share * self.waits.total()
        for wait in sorted(self.waits):
            left -= self.waits[wait]
            if left <= 0:
                return wait
        return 0

    @property
    def mean_wait_s(self) -> float:
        total = self.waits.total()
        return sum(wait * n for wait, n in self.waits.items()) / total if total else 0.0


@dataclass(slots=True)
class Day:
    """What came of it."""

    plan: Plan
    seconds: int
    clicks: Queue
    asks: Queue
    sweeps: Queue
    letters: Queue
    began: int = 0  # operations
    ended: int = 0
    resting: int = 0  # operations whose next look is not due yet
    refused: int = 0  # clicks while the database was away
    open_before: int = 0  # operations, before the trouble
    settled_at: int | None = None  # when as few were open again
    database_ms: float = 0.0
    busiest: float = 0.0  # of the database, over a minute
    busiest_asks: float = 0.0  # looks a second, over a minute
    slots_used: float = 0.0

    @property
    def queues(self) -> tuple[Queue, ...]:
        return self.clicks, self.asks, self.sweeps, self.letters

    @property
    def is_open(self) -> int:
        return self.began - self.ended


def run(
    plan: Plan,
    costs: Costs,
    *,
    life: Life = LIFE,
    trouble: Trouble | None = None,
    seed: int = 1,
    start_s: int = 0,
    seconds: int = DAY_S,
) -> Day:
    """Simulate so many seconds from `start_s` of a day on."""
    return _Run(plan, costs, life, trouble, random.Random(seed), start_s, seconds).day()


def poisson(mean: float, dice: random.Random) -> int:
    """How many come, when so many come on average."""
    if mean <= 0:
        return 0
    if mean > 50:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    n, left = 0, dice.random()
    chance = math.exp(-mean)
    while left > chance and n < 1000:
        left -= chance
        n += 1
        chance *= mean / n
    return n


class _Run:
    def __init__(
        self,
        plan: Plan,
        costs: Costs,
        life: Life,
        trouble: Trouble | None,
        dice: random.Random,
        start_s: int,
        seconds: int,
    ) -> None:
        self.plan, self.costs, self.life, self.trouble = plan, costs, life, trouble
        self.dice, self.start, self.end = dice, start_s, start_s + seconds
        self.chances = asking.Chances.of(life)
        self.told = Day(
            plan, seconds, Queue("clicks"), Queue("looks"), Queue("sweeps"), Queue("letters")
        )
        self.later: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self.pumps = self.sweepers = 0.0
        self.letters_left = 0
        pages = life.pages * costs.page_postgres_ms * (1 - plan.read_on_replicas)
        visits = life.visits * costs.visit_postgres_ms
        self.click_ms = (costs.people_postgres_ms + pages + visits) / life.clicks
        self.ask_ms = costs.ask_postgres_ms
        self.asked_by_people = (
            (asking.FREEZE, life.freezes),
            (asking.SEND, life.accepted + life.paid * life.declined + by_hand(life)),
            (asking.REFUND, life.refused),
        )
        self.asks_per_click = sum(share for _, share in self.asked_by_people) / life.clicks
        self.ask_s, self.letter_s = ask_s(costs, life), letter_s(costs, life)
        self.clicks_per_s = plan.web * life.clicks / web_s(costs, life)
        self.sweep_per_s = costs.sweep_per_s
        self.minute_ms = self.minute_asks = 0.0

    def day(self) -> Day:
        for second in range(self.start, self.end):
            self.arrive(second)
            self.serve(second)
            self.look(second)
        self.told.resting = sum(looks.total() for looks in self.later.values())
        return self.told

    def is_away(self, kind: str, second: int) -> bool:
        trouble = self.trouble
        return trouble is not None and trouble.kind == kind and trouble.is_on(second)

    # What comes

    def arrive(self, second: int) -> None:
        told, life, dice = self.told, self.life, self.dice
        rate = self.plan.orders_per_day / DAY_S
        people = rate * busy(second)
        if self.is_away(BURST, second) and self.trouble is not None:
            people = max(people, rate * self.trouble.factor)
        clicks = poisson(people * life.clicks, dice)
        if self.is_away(DATABASE, second):
            told.refused += clicks
        else:
            told.clicks.add(second, 0, clicks)
        spread, at_once = due_at(second, life)
        due = poisson(self.plan.orders_per_day * spread, dice)
        told.sweeps.add(second, 0, due + round(self.plan.orders_per_day * at_once))
        for look, n in self.later.pop(second, {}).items():
            told.asks.add(second, look, n)

    def begin(self, second: int, clicks: int) -> None:
        """Operations and letters of people's clicks; those of the clock come with its sweeps."""
        life, dice = self.life, self.dice
        people = clicks / life.clicks
        for look, share in self.asked_by_people:
            self.ask(second, look, poisson(people * share, dice))
        letters = people * (life.letters - clock_letters(life))
        self.told.letters.add(second, 0, poisson(letters, dice))

    def ask(self, second: int, look: int, n: int) -> None:
        self.told.began += n
        self.told.asks.add(second, look, n)
        self.pumps = min(self.plan.slots, self.pumps + n)  # each rings for a worker

    # What is served

    def serve(self, second: int) -> None:
        told, plan = self.told, self.plan
        self.wake(second)
        if self.is_away(DATABASE, second):
            self.lose(second)
            return
        is_hanging = self.is_away(GATEWAY, second)
        clicks = min(told.clicks.waiting, self.clicks_per_s)
        due = told.asks.waiting + clicks * self.asks_per_click
        wanted = {
            "clicks": (clicks, self.click_ms),
            "asks": (min(due, self.asks_per_s(due, hangs=is_hanging)), self.ask_ms),
        }
        free = self.free_slots(wanted["asks"][0], hangs=is_hanging)
        sweeping = min(self.sweepers, free) * self.sweep_per_s
        mailing = min(math.ceil(self.letters_left / LETTERS_PER_RUN), free) / self.letter_s
        if self.is_away(BROKER, second):
            wanted["asks"], sweeping, mailing = (0.0, self.ask_ms), 0.0, 0.0
        wanted["sweeps"] = min(told.sweeps.waiting, sweeping), self.costs.sweep_postgres_ms
        wanted["letters"] = (
            min(told.letters.waiting, mailing, self.letters_left),
            self.costs.letter_postgres_ms,
        )
        asked_ms = sum(n * ms for n, ms in wanted.values())
        fair = min(1.0, plan.database_ms_per_s / asked_ms) if asked_ms else 1.0
        told.database_ms += asked_ms * fair
        self.minute_ms += asked_ms * fair
        self.begin(second, sum(n for _, n in told.clicks.take(second, clicks * fair)))
        self.answered(second, told.asks.take(second, wanted["asks"][0] * fair), lost=is_hanging)
        sent = told.letters.take(second, wanted["letters"][0] * fair)
        self.letters_left -= sum(n for _, n in sent)
        self.swept(second, told.sweeps.take(second, wanted["sweeps"][0] * fair))

    def wake(self, second: int) -> None:
        """What the beat rings for. A run that finds nothing more ends; what is rung for while all
        slots are taken is dropped.
        """
        told, plan = self.told, self.plan
        if self.is_away(BROKER, second):
            return
        if second % PUMP_EVERY_S == 0:
            self.pumps = min(plan.slots, self.pumps + 1)
        if not told.sweeps.waiting:
            self.sweepers = 0.0
        if not told.letters.waiting:
            self.letters_left = 0
        if second % SWEEP_EVERY_S == 0 and told.sweeps.waiting:
            self.sweepers = min(plan.slots, self.sweepers + 1)
        if second % MAIL_EVERY_S == 0 and told.letters.waiting:
            runs = self.letters_left / LETTERS_PER_RUN + plan.mail_runs
            self.letters_left = int(min(runs, plan.slots) * LETTERS_PER_RUN)

    def asks_per_s(self, due: float, *, hangs: bool) -> float:
        """How many looks the woken workers and the gateway's limit allow."""
        if due < self.pumps and not hangs:
            self.pumps = max(1.0, due)
        each_s = asking.HANGS_S if hangs else self.ask_s
        return min(max(self.pumps, 1.0) / each_s, self.plan.gateway_per_s)

    def free_slots(self, asks: float, *, hangs: bool) -> float:
        """For sweeps and letters what the pumps leave; all, where they have their own workers."""
        used = asks * (asking.HANGS_S if hangs else self.ask_s)
        self.told.slots_used = max(self.told.slots_used, used)
        if self.plan.own_pumps:
            return float(self.plan.slots)
        return max(0.0, self.plan.slots - used)

    def answered(self, second: int, looks: list[tuple[int, int]], *, lost: bool) -> None:
        told = self.told
        for look, n in looks:
            self.minute_asks += n
            if lost:
                self.rest(second + int(asking.HANGS_S), asking.doubt(look), n)
                continue
            for following, m in asking.told(look, n, self.chances, self.dice):
                if following == asking.DONE:
                    told.ended += m
                else:
                    self.rest(second, following, m)

    def rest(self, second: int, look: int, n: int) -> None:
        """Until the next look is due; doubts spread a fifth to both sides."""
        if not n:
            return
        wait_s = asking.wait_s(look)
        if look < asking.DOUBT or wait_s < 5:
            # The wait begins with the answer; of a part of a second, by lot.
            whole, part = divmod(wait_s + self.ask_s, 1)
            late = asking.part(n, part, self.dice)
            self.later[second + int(whole)][look] += n - late
            self.later[second + int(whole) + 1][look] += late
            return
        bins = min(n, 9)
        for number in range(bins):
            share = n // bins + (number < n % bins)
            place = 1 + asking.JITTER * (2 * (number + self.dice.random()) / bins - 1)
            self.later[second + max(1, round(wait_s * place))][look] += share

    def lose(self, second: int) -> None:
        """The database dies: what is under way gets no answer written, and its lease runs out."""
        if self.trouble is None or second != self.trouble.start_s:
            return
        in_flight = self.plan.slots if self.told.asks.waiting else 0
        for look, n in self.told.asks.take(second, in_flight):
            self.later[second + int(asking.LEASE_S)][asking.doubt(look)] += n

    def swept(self, second: int, taken: list[tuple[int, int]]) -> None:
        """The clock's verbs ask for operations and leave letters of their own."""
        n = sum(count for _, count in taken)
        if not n:
            return
        life, dice = self.life, self.dice
        sends = asking.part(n, (life.clocked + life.paid * life.lapsed) / life.due, dice)
        refunds = asking.part(n, life.accepted * life.overdue / life.due, dice)
        self.ask(second + 1, asking.SEND, min(n, sends))
        self.ask(second + 1, asking.REFUND, min(n - sends, refunds))
        self.told.letters.add(second + 1, 0, round(n * clock_letters(life) / life.due))

    # What is seen

    def look(self, second: int) -> None:
        trouble = self.trouble
        for queue in self.told.queues:
            queue.look(second)
        if second % 60 == 59:
            self.look_at_minute()
        if trouble is not None:
            self.look_at_trouble(second, trouble)

    def look_at_minute(self) -> None:
        told = self.told
        part = self.minute_ms / 60 / self.plan.database_ms_per_s
        told.busiest = max(told.busiest, part)
        told.busiest_asks = max(told.busiest_asks, self.minute_asks / 60)
        self.minute_ms = self.minute_asks = 0.0

    def look_at_trouble(self, second: int, trouble: Trouble) -> None:
        """What it has left behind, and when that is worked off."""
        told = self.told
        if second == trouble.start_s - 1:
            told.open_before = told.is_open
        if second == trouble.end_s - 1:
            for queue in told.queues:
                queue.after = queue.waiting
        if second < trouble.end_s:
            return
        for queue in told.queues:
            if queue.drained_at is None and not _is_behind(queue, second):
                queue.drained_at = second
        usual = told.open_before * busy(second) / busy(trouble.start_s - 1)
        if told.settled_at is None and told.is_open <= usual * 1.05 + 1:
            told.settled_at = second


def _is_behind(queue: Queue, second: int) -> bool:
    return bool(queue.cohorts) and second - queue.cohorts[0][0] > PATIENCE_S


def by_hand(life: Life) -> float:
    """Confirmations by the merchant, or by a ruling."""
    return life.confirmed - life.clocked


def clock_letters(life: Life) -> float:
    """Messages of the clock's verbs, of one order."""
    ends = life.unpaid + life.paid * life.lapsed + life.accepted * life.overdue
    return 2 * ends + life.clocked * (3 + 2)
