"""How much of everything: the full form for figures, the short one to see that it works."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sizes:
    """`clicks`, `lives` and `posts` are what one process does in one round."""

    rounds: int
    clicks: int
    posts: int
    clients: int
    pgbench_scale: int
    seconds: int
    transfers: tuple[int, int]
    reads: int
    legs: int
    lives: int
    due: int
    orders: int
    batch: int
    starts: int
    page_orders: int
    page_transfers: int
    visits: int

    def with_rounds(self, rounds: int | None) -> "Sizes":
        return replace(self, rounds=rounds) if rounds else self


FULL = Sizes(
    rounds=7,
    clicks=200,
    posts=200,
    clients=16,
    pgbench_scale=20,
    seconds=4,
    transfers=(10_000, 1_000_000),
    reads=100,
    legs=100_000,
    lives=40,
    due=100_000,
    orders=1_000_000,
    batch=500,
    starts=5,
    page_orders=100_000,
    page_transfers=1_000_000,
    visits=100,
)
# Filling ten million transfers takes minutes, once.
LARGE = replace(FULL, transfers=(10_000, 10_000_000))
SHORT = Sizes(
    rounds=2,
    clicks=20,
    posts=20,
    clients=4,
    pgbench_scale=1,
    seconds=1,
    transfers=(1_000, 20_000),
    reads=10,
    legs=2_000,
    lives=2,
    due=4_000,
    orders=10_000,
    batch=500,
    starts=1,
    page_orders=10_000,
    page_transfers=10_000,
    visits=12,
)
