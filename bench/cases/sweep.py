"""A sweep over what is due, the confirmation: by the verb in batches, as the clock's job does it,
beside one statement of set-based SQL; and how long somebody else's clicks take meanwhile.
"""

from collections.abc import Iterator
from statistics import quantiles

from bench import place
from bench.cases.growth import first_left
from bench.harness import AT_LEAST, AT_MOST, Measure, Result, Target, compare, summed_up
from bench.player import Player
from bench.sizes import Sizes

CLICKS = 40
MOST_WAIT_MS = 100.0


def results(sizes: Sizes) -> Iterator[Result]:
    large = sizes.large
    database = place.changed(large.orders, large.transfers, large.due)
    ours, plain, other = place.ours(database, 3)
    # Both sides and their warm-ups, the sweep with the clicks, and the clicks themselves.
    each = sizes.due // (2 * sizes.rounds + 4)
    memory: list[float] = []

    def by_verb() -> Measure:
        told = ours.do("sweep", n=each, size=min(each, sizes.batch))
        memory.append(told["rss_mb"])
        return Measure(told["done"] / told["seconds"], told["queries"], told["rss_mb"])

    def by_sql() -> Measure:
        told = plain.do("by_sql", n=each)
        return Measure(told["done"] / told["seconds"], told["queries"])

    by_verb()
    by_sql()
    yield compare(
        f"sweep: {sizes.due:,} due of {large.orders:,}, beside set-based SQL",
        by_verb,
        by_sql,
        rounds=sizes.rounds,
        unit="/s",
        target=Target(AT_LEAST, 0.4),
    )
    yield summed_up(
        "sweep: memory after the last batches, beside after the first",
        [(Measure(memory[-1]), Measure(memory[0]))],
        unit="MB",
        target=Target(AT_MOST, 1.05),
    )
    yield _clicks_meanwhile(ours, other, each, sizes)
    for player in (ours, plain, other):
        player.close()


def _clicks_meanwhile(ours: Player, other: Player, each: int, sizes: Sizes) -> Result:
    """The sweep takes the orders with the highest numbers first, the clicks the lowest that
    the measurement of growth has left.
    """
    clicks, batch = min(CLICKS, each // 2), min(each, sizes.batch)
    first = first_left(sizes)
    other.do("clicks_timed", first=first, n=2)
    ours.begin("sweep", n=each, size=batch)
    took = other.do("clicks_timed", first=first + 2, n=clicks)["ms"]
    ours.end()
    p95 = quantiles(took, n=20)[-1]
    return summed_up(
        "sweep: a click of somebody else meanwhile, p95, beside its limit",
        [(Measure(p95), Measure(MOST_WAIT_MS))],
        unit="ms",
        target=Target(AT_MOST, 1),
    )
