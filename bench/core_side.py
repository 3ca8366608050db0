"""Our side: the verbs by the engine, and the same work by hand, each in a process of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")

import django

django.setup()

from bench import life, reads, sweeps, verbs, visits, world  # noqa: E402
from bench.player import serve  # noqa: E402
from settlement import doorbell  # noqa: E402


def fill(orders: int, transfers: int, due: int) -> None:
    world.fill(world.Size(orders, transfers, due))


if __name__ == "__main__":
    # The bell that wakes the worker is a courtesy after the commit; no peer rings one.
    doorbell.answer_with()
    serve(
        {
            "fill": fill,
            **verbs.DOINGS,
            **reads.DOINGS,
            **life.DOINGS,
            **sweeps.DOINGS,
            **visits.DOINGS,
        }
    )
