"""The ledger: posting beside pgbench and django-hordak; a balance and a page of a statement with
its running balance at two lengths of history.

A posting of ours is a transfer between two pockets, which django-hordak writes as two legs. Ours
come two at a time with the confirmation of an order, so theirs is the easier work.
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

Posting = Callable[[int], Measure]


def results(sizes: Sizes) -> Iterator[Result]:
    processes = sizes.clients + HORDAK_PROCESSES * (1 + IN_SETS)
    n = (sizes.rounds + 1) * sizes.posts * processes
    database = place.copy(place.world(orders=n, transfers=n, due=n), "bench_ledger")
    players, orders = place.ours(database, sizes.clients), Orders()

    def posting(processes: int) -> Measure:
        clicked = clicks(players[:processes], "by_engine", orders, sizes.posts)
        return Measure(PER_CONFIRMATION * clicked.value, clicked.queries, clicked.memory_mb)

    def posting_in_sets(processes: int) -> Measure:
        n = sizes.posts * IN_SETS
        clicked = clicks(players[:processes], "by_sets", orders, n)
        return Measure(PER_CONFIRMATION * clicked.value, clicked.queries, clicked.memory_mb)

    yield _beside_pgbench(posting, sizes)
    yield _beside_hordak("one order at a time", posting, sizes, Target(AT_LEAST, 3))
    yield _beside_hordak("in sets", posting_in_sets, sizes)
    for player in players:
        player.close()
    yield from _reading(sizes)


def _beside_pgbench(posting: Posting, sizes: Sizes) -> Result:
    database = place.copy("template1", "bench_pgbench")
    _pgbench(database, "-i", "-q", "-s", str(sizes.pgbench_scale))

    def tpc_b() -> Measure:
        told = _pgbench(
            database, "-n", "-c", str(sizes.clients), "-j", "2", "-T", str(sizes.seconds)
        )
        found = re.search(r"^tps = ([\d.]+)", told, re.MULTILINE)
        assert found is not None, told
        return Measure(float(found[1]))

    posting(sizes.clients)
    return compare(
        f"ledger: posting by {sizes.clients} clients, beside pgbench TPC-B",
        lambda: posting(sizes.clients),
        tpc_b,
        rounds=sizes.rounds,
        unit="/s",
        target=Target(AT_LEAST, 0.6),
    )


def _pgbench(database: str, *arguments: str) -> str:
    command = [place.program("pgbench"), *arguments, place.url(database)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _beside_hordak(
    how: str, posting: Posting, sizes: Sizes, target: Target | None = None
) -> Result:
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
    posting(HORDAK_PROCESSES)
    result = compare(
        f"ledger: posting {how} by {HORDAK_PROCESSES} processes, beside django-hordak",
        lambda: posting(HORDAK_PROCESSES),
        theirs,
        rounds=sizes.rounds,
        unit="/s",
        target=target,
    )
    for player in players:
        player.close()
    return result


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
