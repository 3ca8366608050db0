"""The ledger: posting beside pgbench and django-hordak; a balance and a page of a statement with
its running balance at two lengths of history.

A posting of ours is a transfer between two pockets, which django-hordak writes as two legs. Two of
them make the confirmation of an order; they are measured alone, as the peers write nothing else,
and with the whole confirmation.
"""

import re
import subprocess
from collections.abc import Callable, Iterator

from bench import place
from bench.cases.verb import Orders, clicks
from bench.harness import AT_LEAST, AT_MOST, Measure, Result, Target, compare
from bench.player import Player, at_once
from bench.sizes import Sizes, World

PER_CONFIRMATION = 2
IN_SETS = 5  # so many times more of them in a round
HORDAK_PROCESSES = 2
ALONE, WHOLE, SETS = "by_posting", "by_engine", "by_sets"

Posting = Callable[[], Measure]


def how_many(sizes: Sizes) -> int:
    """Orders for all rounds and warm-ups of all comparisons."""
    processes = 2 * sizes.clients + HORDAK_PROCESSES * (1 + IN_SETS)
    return (sizes.rounds + 1) * sizes.posts * processes


def results(sizes: Sizes) -> Iterator[Result]:
    n = how_many(sizes)
    database = place.copy(place.world(orders=n, transfers=n, due=n), "bench_ledger")
    players, orders = place.ours(database, sizes.clients), Orders()

    def posting(doing: str, processes: int) -> Posting:
        each = sizes.posts * (IN_SETS if doing == SETS else 1)

        def measure() -> Measure:
            clicked = clicks(players[:processes], doing, orders, each)
            return Measure(PER_CONFIRMATION * clicked.value, clicked.queries, clicked.memory_mb)

        return measure

    yield from _beside_pgbench(posting, sizes)
    yield from _beside_hordak(posting, sizes)
    for player in players:
        player.close()
    yield from _reading(sizes)


def _beside_pgbench(posting: Callable[[str, int], Posting], sizes: Sizes) -> Iterator[Result]:
    database = place.copy("template1", "bench_pgbench")
    _pgbench(database, "-i", "-q", "-s", str(sizes.pgbench_scale))

    def tpc_b() -> Measure:
        told = _pgbench(
            database, "-n", "-c", str(sizes.clients), "-j", "2", "-T", str(sizes.seconds)
        )
        found = re.search(r"^tps = ([\d.]+)", told, re.MULTILINE)
        assert found is not None, told
        return Measure(float(found[1]))

    for doing, how, target in (
        (ALONE, "posting", Target(AT_LEAST, 0.6)),
        (WHOLE, "posting with the whole confirmation", None),
    ):
        ours = posting(doing, sizes.clients)
        ours()
        yield compare(
            f"ledger: {how} by {sizes.clients} clients, beside pgbench TPC-B",
            ours,
            tpc_b,
            rounds=sizes.rounds,
            unit="/s",
            target=target,
        )


def _pgbench(database: str, *arguments: str) -> str:
    command = [place.program("pgbench"), *arguments, place.url(database)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _beside_hordak(posting: Callable[[str, int], Posting], sizes: Sizes) -> Iterator[Result]:
    database = place.copy(place.peer_database("hordak"), "bench_hordak_posting")
    players = place.peers("hordak", database, HORDAK_PROCESSES)

    def theirs() -> Measure:
        asked = [{"n": sizes.posts, "place": number} for number in range(len(players))]
        answers = at_once(players, "post", asked)
        seconds = max(answer["seconds"] for answer in answers)
        return Measure(
            sizes.posts * len(players) / seconds, answers[0]["queries"], answers[0]["rss_mb"]
        )

    theirs()
    for doing, how, target in (
        (ALONE, "posting", Target(AT_LEAST, 3)),
        (SETS, "posting in sets, with the whole confirmation", None),
    ):
        ours = posting(doing, HORDAK_PROCESSES)
        ours()
        yield compare(
            f"ledger: {how} by {HORDAK_PROCESSES} processes, beside django-hordak",
            ours,
            theirs,
            rounds=sizes.rounds,
            unit="/s",
            target=target,
        )
    for player in players:
        player.close()


# Reading: the long history beside the short one, and beside django-hordak's


def _reading(sizes: Sizes) -> Iterator[Result]:
    young, old = sizes.young, sizes.large
    short, long = _a_reader(young), _a_reader(old)
    database = place.copy(place.peer_database("hordak"), "bench_hordak_reading")
    (hordak,) = place.peers("hordak", database)
    hordak.do("fill", legs=sizes.legs)
    for what in ("balance", "statement"):
        yield compare(
            f"ledger: {what} at {old.transfers:,} transfers, beside {young.transfers:,}",
            lambda what=what: _read(long, what, sizes.reads),  # type: ignore[misc]
            lambda what=what: _read(short, what, sizes.reads),  # type: ignore[misc]
            rounds=sizes.rounds,
            unit="ms",
            target=Target(AT_MOST, 1.2),
        )
        yield compare(
            f"ledger: {what} at {old.transfers:,} transfers, beside django-hordak"
            f" at {sizes.legs:,} legs",
            lambda what=what: _read(long, what, sizes.reads),  # type: ignore[misc]
            lambda what=what: _read(hordak, what, 1),  # type: ignore[misc]
            rounds=sizes.rounds,
            unit="ms",
        )
    for player in (short, long, hordak):
        player.close()


def _a_reader(world: World) -> Player:
    (player,) = place.ours(place.world(world.orders, world.transfers, world.due))
    player.do("balance", n=3)
    player.do("statement", n=3)
    return player


def _read(player: Player, what: str, n: int) -> Measure:
    told = player.do(what, n=n)
    return Measure(1000 * told["seconds"] / n, told["queries"], told["rss_mb"])
