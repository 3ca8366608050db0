"""A whole life of an order, from the brief to the review, beside django-oscar's checkout with its
payment and changes of status. Each process has a database of its own, so that none waits for the
other's rows.
"""

from collections.abc import Iterator

from bench import place
from bench.harness import AT_LEAST, AT_MOST, Measure, Result, Target, compare
from bench.player import Player, at_once
from bench.sizes import Sizes

MOST_PROCESSES = 2


def results(sizes: Sizes) -> Iterator[Result]:
    numbers = range(MOST_PROCESSES)
    ours = [place.ours(place.copy(place.empty(), f"bench_life_{number}"))[0] for number in numbers]
    oscars = [
        place.peers("oscar", place.copy(place.peer_database("oscar"), f"bench_oscar_{number}"))[0]
        for number in numbers
    ]
    for processes in range(1, MOST_PROCESSES + 1):
        yield _compared(ours[:processes], oscars[:processes], sizes)
    yield _compared(ours[:1], oscars[:1], sizes, "commits")
    yield compare(
        "life: statements of a whole life, beside oscar's placement alone",
        lambda: Measure(ours[0].do("live", n=1)["queries"]),
        lambda: Measure(oscars[0].do("place", n=1)["placing"]),
        rounds=1,
        unit="",
        target=Target(AT_MOST, 0.99),
    )
    for player in (*ours, *oscars):
        player.close()


NAMES = {"live": "", "commits": " its commits alone,"}
TARGETS = {"live": Target(AT_LEAST, 7)}


def _compared(
    ours: list[Player], oscars: list[Player], sizes: Sizes, doing: str = "live"
) -> Result:
    def side(players: list[Player], name: str) -> Measure:
        answers = at_once(players, name, [{"n": sizes.lives}] * len(players))
        seconds = max(answer["seconds"] for answer in answers)
        return Measure(
            sizes.lives * len(players) / seconds, answers[0]["queries"], answers[0]["rss_mb"]
        )

    at_once(ours, doing, [{"n": 1}] * len(ours))
    at_once(oscars, "place", [{"n": 1}] * len(oscars))
    return compare(
        f"life: {len(ours)} process{'es' * (len(ours) > 1)},{NAMES[doing]} beside django-oscar",
        lambda: side(ours, doing),
        lambda: side(oscars, "place"),
        rounds=sizes.rounds,
        unit="/s",
        target=TARGETS.get(doing),
    )
