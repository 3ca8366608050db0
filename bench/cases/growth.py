"""How the cost of everything grows with the data: at 1, 10 and 100 times as much, measured in turn,
and the exponent of what is seen.

What is done in sets grows with the world: in a hundred times the orders a hundred times as many are
due at once. Sets lie in batches of one size, so that only the length of the tables differs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from bench import place
from bench.cases.verb import Orders
from bench.harness import Measure, Result, grown
from bench.player import Player
from bench.sizes import Sizes, World

CLICKS, READS, LIVES, VISITS = 20, 30, 2, 5
# Of all orders one in so many is done in a round, in batches of one size.
ONE_IN, BATCH = 200, 50
# The first merchant keeps his open orders, of which his balance is made.
FIRST = 101
OF_LEDGER = ("balance", "statement")


@dataclass
class Grown:
    """A world of one size: a process of ours on it, and the due orders that nobody had yet."""

    player: Player
    at_once: int
    orders: Orders = field(default_factory=lambda: Orders(FIRST))

    def cost(self, doing: str, n: int, per: int = 1, **given: object) -> Measure:
        """What one of `n` times `per` costs (ms)."""
        told = self.player.do(doing, n=n, **given)
        return Measure(1000 * told["seconds"] / n / per, told["queries"], told["rss_mb"])

    def cost_in_sets(self, doing: str, per: int = 1, **given: object) -> Measure:
        """The same of what is due at once, and the statements of one set."""
        whole = self.cost(doing, self.at_once, per, size=BATCH, **given)
        assert whole.queries is not None
        return replace(whole, queries=whole.queries // -(-self.at_once // BATCH))


Cost = Callable[[Grown], Measure]


def at_once(world: World) -> int:
    """How many of a world's orders are done together."""
    return max(1, world.orders // ONE_IN)


def first_left(sizes: Sizes) -> int:
    """From here on what is done one by one or by number leaves the orders of the large world alone:
    the sweeps take those that have been due for longest, which are the last.
    """
    return FIRST + (sizes.grown_rounds + 1) * (CLICKS + at_once(sizes.large))


def costs(pages: list[str]) -> dict[str, Cost]:
    """What is measured, by its name. The lives come before what leaves much to be paid out, which
    would be paid out before their own orders are.
    """
    return {
        "balance": lambda world: world.cost("balance", READS),
        "statement": lambda world: world.cost("statement", READS),
        "life": lambda world: world.cost("live", LIVES),
        "verb": lambda world: world.cost("by_engine", CLICKS, first=world.orders.take(CLICKS)),
        "posting in sets": lambda world: world.cost_in_sets(
            "by_sets", per=2, first=world.orders.take(world.at_once)
        ),
        "sweep, one order": lambda world: world.cost_in_sets("sweep"),
        **{
            f"page, {name}": lambda world, name=name: world.cost("open", VISITS, page=name)  # type: ignore[misc]
            for name in pages
        },
    }


def results(sizes: Sizes) -> Iterator[Result]:
    small, middle, large = sizes.worlds
    databases = [
        *(
            place.copy(place.world(w.orders, w.transfers, w.due), f"bench_growth_{w.orders}")
            for w in (small, middle)
        ),
        place.changed(large.orders, large.transfers, large.due),
    ]
    worlds = [
        Grown(place.ours(database)[0], at_once(w))
        for database, w in zip(databases, sizes.worlds, strict=True)
    ]
    place.at_rest()
    pages = worlds[0].player.do("page_names")["names"]
    for name, cost in costs(pages).items():
        is_read = name in OF_LEDGER
        counts = [w.transfers if is_read else w.orders for w in sizes.worlds]
        yield grown(
            f"growth: {name}, over {' : '.join(f'{n:,}' for n in counts)}"
            f" {'transfers' if is_read else 'orders'}",
            counts,
            in_turn(worlds, cost, sizes.grown_rounds),
            unit="ms",
        )
    for world in worlds:
        world.player.close()


def in_turn(worlds: list[Grown], cost: Cost, rounds: int) -> list[list[Measure]]:
    """The cost in each world in each round, in changing order; each world is warmed up first."""
    for world in worlds:
        cost(world)
    found = []
    for number in range(rounds):
        order = range(len(worlds)) if number % 2 else range(len(worlds) - 1, -1, -1)
        measured = {i: cost(worlds[i]) for i in order}
        found.append([measured[i] for i in range(len(worlds))])
    return found
