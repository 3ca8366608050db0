"""The start of a web worker: its imports, its first answer and its memory, beside a bare Django
page and beside django-oscar. A fresh process each time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bench import place
from bench.harness import Measure, Result, summed_up
from bench.sizes import Sizes

SCRIPT = str(Path(__file__).resolve().parent.parent / "starting.py")
# What is told: its name in words, its unit, and how many of them the script's unit has.
FACTS = {
    "import": ("imports", "ms", 1000),
    "first": ("first answer", "ms", 1000),
    "again": ("second answer", "ms", 1000),
    "rss_mb": ("memory of a worker", "MB", 1),
}


def results(sizes: Sizes) -> Iterator[Result]:
    database, shop = place.empty(), place.peer_database("oscar")
    peers: dict[str, Callable[[], dict[str, Any]]] = {
        "a bare page": partial(bare, *place.bare()),
        "django-oscar": partial(oscar, shop),
    }
    for name, theirs in peers.items():
        ours(database), theirs()
        pairs = [(ours(database), theirs()) for _ in range(sizes.starts)]
        for fact, (words, unit, factor) in FACTS.items():
            yield summed_up(
                f"start: {words}, beside {name}",
                [(Measure(a[fact] * factor), Measure(b[fact] * factor)) for a, b in pairs],
                unit=unit,
            )


def ours(database: str) -> dict[str, Any]:
    return _started([sys.executable], "vtask.wsgi", "/", place.environment(database))


def bare(database: str, cookie: str) -> dict[str, Any]:
    told = place.bare_environment(database)
    return _started([sys.executable], "bench.bare", "/", told, cookie)


def oscar(database: str) -> dict[str, Any]:
    told = place.oscar_environment(database)
    return _started([str(place.PEERS)], "oscar_wsgi", "/catalogue/", told)


def _started(
    python: list[str], module: str, path: str, told: Mapping[str, str], cookie: str = ""
) -> dict[str, Any]:
    done = subprocess.run(
        [*python, "-P", "-W", "ignore", SCRIPT, module, path, cookie],
        env={**os.environ, **told},
        check=True,
        capture_output=True,
        text=True,
    )
    facts = dict(json.loads(done.stdout.splitlines()[-1]))
    assert facts["status"].startswith("200"), facts
    return facts
