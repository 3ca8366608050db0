"""The operations' queue once more, event by event and operation by operation: for small numbers, to
hold the fluid against. Every wait is the code's own, every latency drawn.
"""

import heapq
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from bench.scaling import gateway as asking
from bench.scaling.flows import Life

DUE, FREE = 0, 1


@dataclass(slots=True)
class One:
    """An operation, and what its payer will do."""

    look: int
    due_s: float
    first_s: float | None = None
    confirms_s: float = 0.0


@dataclass(slots=True)
class Exact:
    """What came of it. `drained_s` is when nobody was late any more after the gateway was back."""

    looks: int = 0
    began: int = 0
    ended: int = 0
    late_after: int = 0
    drained_s: float | None = None
    waits: list[float] = field(default_factory=list)

    @property
    def mean_wait_s(self) -> float:
        return sum(self.waits) / len(self.waits)


def run(
    rates: Mapping[int, float],
    *,
    slots: int,
    seconds: float,
    life: Life,
    seed: int = 1,
    hangs: tuple[float, float] = (0.0, 0.0),
    service: Callable[[random.Random], float] | None = None,
) -> Exact:
    """`rates` are operations a second by their first look; `service` draws how long a worker is
    busy with one look, the gateway's latency if not given.
    """
    return _Events(rates, slots, seconds, life, random.Random(seed), hangs, service).told()


class _Events:
    def __init__(
        self,
        rates: Mapping[int, float],
        slots: int,
        seconds: float,
        life: Life,
        dice: random.Random,
        hangs: tuple[float, float],
        service: Callable[[random.Random], float] | None,
    ) -> None:
        self.free, self.seconds, self.life, self.dice = slots, seconds, life, dice
        self.hangs, self.service = hangs, service or self.latency
        self.seen = Exact()
        self.number = count()
        self.coming: list[tuple[float, int, int, One | None]] = []
        self.late: list[tuple[float, int, One]] = []
        for look, rate in rates.items():
            self.draw(look, rate)

    def draw(self, look: int, rate: float) -> None:
        at = self.dice.expovariate(rate) if rate else self.seconds
        while at < self.seconds:
            self.push(at, DUE, One(look, at))
            self.seen.began += 1
            at += self.dice.expovariate(rate)

    def push(self, at: float, what: int, one: One | None) -> None:
        heapq.heappush(self.coming, (at, next(self.number), what, one))

    def told(self) -> Exact:
        was_away = False
        while self.coming and self.coming[0][0] < self.seconds:
            at, _, what, one = heapq.heappop(self.coming)
            if self.hangs[1] and at >= self.hangs[1]:
                self.look_after(at, is_first=not was_away)
                was_away = True
            if what == FREE:
                self.free += 1
            elif one is not None:
                heapq.heappush(self.late, (one.due_s, next(self.number), one))
            self.serve(at)
        return self.seen

    def look_after(self, at: float, *, is_first: bool) -> None:
        if is_first:
            self.seen.late_after = len(self.late)
        if self.seen.drained_s is None and (not self.late or at - self.late[0][0] <= 1):
            self.seen.drained_s = at

    def serve(self, at: float) -> None:
        while self.free and self.late:
            due, _, one = heapq.heappop(self.late)
            self.seen.looks += 1
            self.seen.waits.append(at - due)
            self.free -= 1
            is_hanging = self.hangs[0] <= at < self.hangs[1]
            busy = asking.HANGS_S if is_hanging else self.service(self.dice)
            self.push(at + busy, FREE, None)
            self.answer(one, at + busy, at, is_lost=is_hanging)

    def answer(self, one: One, at: float, asked: float, *, is_lost: bool) -> None:
        if one.first_s is None:
            one.first_s = asked
            gives_up = self.dice.random() < self.life.gives_up
            one.confirms_s = (
                float("inf") if gives_up else self.dice.expovariate(1 / self.life.payer_s)
            )
        if is_lost or self.dice.random() < self.life.lost_answers:
            self.again(one, asking.doubt(one.look), at)
        elif one.look == asking.FREEZE:
            self.again(one, asking.SOON, at)
        elif one.look == asking.REFUND and self.dice.random() < self.life.refunds_queried:
            self.again(one, asking.REFUND_QUERY, at)
        elif one.look in (asking.SOON, asking.LATER) and self.is_waiting(one, at):
            is_soon = at - one.first_s < asking.SOON_S
            self.again(one, asking.SOON if is_soon else asking.LATER, at)
        else:
            self.seen.ended += 1

    def is_waiting(self, one: One, at: float) -> bool:
        assert one.first_s is not None
        waited = at - one.first_s
        return waited < one.confirms_s and waited < asking.WINDOW_S

    def again(self, one: One, look: int, at: float) -> None:
        wait_s = asking.wait_s(look)
        if look >= asking.DOUBT:
            wait_s *= self.dice.uniform(1 - asking.JITTER, 1 + asking.JITTER)
        one.look, one.due_s = look, at + wait_s
        self.push(one.due_s, DUE, one)

    def latency(self, dice: random.Random) -> float:
        return self.life.gateway_p50_s * dice.lognormvariate(0, asking.sigma(self.life))
