"""A verb on one order, the confirmation: by the engine, by plain psycopg statement by statement,
and by the ORM row by row with django-fsm.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from bench import place
from bench.harness import AT_LEAST, Measure, Result, Target, compare
from bench.player import Player, at_once
from bench.sizes import Sizes

MOST_PROCESSES = 2
TARGETS = {"by_hand": Target(AT_LEAST, 0.8), "by_orm": Target(AT_LEAST, 3)}
NAMES = {"by_hand": "plain psycopg", "by_orm": "ORM and django-fsm"}


class Orders:
    """Due orders to be confirmed, each once."""

    def __init__(self, first: int = 1) -> None:
        self.next = count(first)

    def take(self, n: int) -> int:
        """The first of `n` orders that nobody had before."""
        numbers = [next(self.next) for _ in range(n)]
        return numbers[0]


def how_many(sizes: Sizes) -> int:
    """Both process counts, two comparisons each, rounds and warm-ups."""
    per_process = 2 * 2 * (sizes.rounds + 1) * sizes.clicks
    return per_process * (1 + MOST_PROCESSES)


def results(sizes: Sizes) -> Iterator[Result]:
    n = how_many(sizes)
    database = place.copy(place.world(orders=n, transfers=n, due=n), "bench_verb")
    players, orders = place.ours(database, MOST_PROCESSES), Orders()
    for processes in range(1, MOST_PROCESSES + 1):
        for peer, target in TARGETS.items():
            yield _compared(players[:processes], peer, orders, sizes, target)
    for player in players:
        player.close()


def _compared(
    players: list[Player], peer: str, orders: Orders, sizes: Sizes, target: Target
) -> Result:
    def side(name: str) -> Measure:
        return clicks(players, name, orders, sizes.clicks)

    side("by_engine")
    side(peer)
    return compare(
        f"verb: {len(players)} process{'es' * (len(players) > 1)}, beside {NAMES[peer]}",
        lambda: side("by_engine"),
        lambda: replace(side(peer), memory_mb=None),  # the same process
        rounds=sizes.rounds,
        unit="/s",
        target=target,
    )


def clicks(players: list[Player], name: str, orders: Orders, n: int) -> Measure:
    """Every process does `n` orders of its own; orders a second of all together."""
    asked = [{"first": orders.take(n), "n": n} for _ in players]
    answers = at_once(players, name, asked)
    seconds = max(answer["seconds"] for answer in answers)
    return Measure(n * len(players) / seconds, answers[0]["queries"], answers[0]["rss_mb"])
