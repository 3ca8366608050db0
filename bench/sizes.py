"""How much of everything: the full form for figures, the short one to see that it works."""

from dataclasses import dataclass, replace

TRANSFERS_PER_ORDER = 10


@dataclass(frozen=True, slots=True)
class World:
    """How many orders there are, and how many of them wait for the clock."""

    orders: int
    due: int

    @property
    def transfers(self) -> int:
        return TRANSFERS_PER_ORDER * self.orders


@dataclass(frozen=True, slots=True)
class Sizes:
    """`clicks`, `lives` and `posts` are what one process does in one round. `worlds` are 1, 10 and
    100 times the data; the largest is the one of the sweep and of the long ledger, the middle one
    is that of the pages.
    """

    rounds: int
    clicks: int
    posts: int
    clients: int
    pgbench_scale: int
    seconds: int
    young: World
    worlds: tuple[World, World, World]
    reads: int
    legs: int
    lives: int
    due: int
    batch: int
    starts: int
    visits: int
    grown_rounds: int

    def with_rounds(self, rounds: int | None) -> "Sizes":
        if rounds is None:
            return self
        return replace(self, rounds=rounds, grown_rounds=min(rounds, self.grown_rounds))

    @property
    def small(self) -> World:
        return self.worlds[0]

    @property
    def middle(self) -> World:
        return self.worlds[1]

    @property
    def large(self) -> World:
        return self.worlds[2]


FULL = Sizes(
    rounds=5,
    clicks=100,
    posts=100,
    clients=16,
    pgbench_scale=20,
    seconds=3,
    young=World(orders=1_000, due=100),
    worlds=(World(10_000, 5_000), World(100_000, 10_000), World(1_000_000, 180_000)),
    reads=200,
    legs=100_000,
    lives=15,
    due=100_000,
    batch=500,
    starts=3,
    visits=50,
    grown_rounds=5,
)
SHORT = Sizes(
    rounds=2,
    clicks=20,
    posts=20,
    clients=4,
    pgbench_scale=1,
    seconds=1,
    young=World(orders=200, due=100),
    worlds=(World(1_500, 1_200), World(2_000, 1_200), World(12_000, 6_500)),
    reads=10,
    legs=2_000,
    lives=2,
    due=2_000,
    batch=500,
    starts=1,
    visits=12,
    grown_rounds=1,
)
