"""`python -m bench.scaling [order] [world] [creators]`: measures the costs and writes them into
measured.json. Then `python -m bench.scale --write` writes docs/scaling.md.

On a server of its own (BENCH_VAR_DIR says where), CPU times as they are on this machine.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from bench import place
from bench.player import Player
from bench.scaling.costs import MEASURED, TAKEN, Costs
from bench.scaling.taken import FEW, MANY, taken

LIVES = 500
ORDERS, TRANSFERS, DUE = 20_000, 100_000, 8_000
# Orders so far apart that no two of them share a page.
APART = 30


def main(parts: list[str]) -> None:
    started = place.start()
    told: dict[str, Any] = {}
    try:
        for part in parts or list(PARTS):
            found = PARTS[part]()
            print("\n".join(json.dumps({name: facts}) for name, facts in found.items()), flush=True)
            told |= found
    finally:
        if started:
            place.stop()
    keep(taken(told, MEASURED))


def keep(costs: Costs) -> None:
    """The one place of the figures, a line each."""
    TAKEN.write_text(json.dumps(asdict(costs), indent=1) + "\n", encoding="utf-8")


def side(database: str) -> Player:
    command = [sys.executable, "-W", "ignore", "-m", "bench.scaling.measuring"]
    return Player(command, place.environment(database))


def an_order() -> dict[str, Any]:
    player = side(place.copy(place.empty(), "scaling_lives"))
    told = {
        "life": player.do("lives", n=LIVES),
        "letter": player.do("letters"),
        "notice": player.do("notices", n=400),
        "call": player.do("calls", n=200),
        "ledger check": player.do("ledger_check"),
        "poll": player.do("polls", n=200),
        "claim": player.do("claims", leased=0, n=200),
        "claim behind 1,000 leased": player.do("claims", leased=1_000, n=200),
        "claim behind 100,000 dead": player.do("claims", leased=1_000, n=50, dead=100_000),
        "visit": player.do("visits", n=3_000),
        "follow": player.do("follows", n=200),
    }
    player.close()
    return told


def a_world() -> dict[str, Any]:
    database = place.copy(place.world(ORDERS, TRANSFERS, DUE), "scaling_world")
    player = side(database)
    told = {
        "sweep": player.do("sweep", n=4_000),
        "click": player.do("clicks", first=1, n=400),
        "click, pages of its own": player.do("clicks", first=401, n=100, apart=APART),
        **player.do("pages", n=15),
    }
    player.close()
    return told


def creators() -> dict[str, Any]:
    told = {}
    for n in (FEW, MANY):
        player = side(place.copy(place.empty(), f"scaling_creators_{n}"))
        told[f"{n} creators"] = player.do("people", n=n)
        told[f"looking among {n}"] = player.do("discovery", n=8)
        player.close()
    return told


PARTS = {"order": an_order, "world": a_world, "creators": creators}

if __name__ == "__main__":
    main(sys.argv[1:])
