"""Our side: the verbs by the engine, and the same work by hand, each in a process of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")

import django

django.setup()

from django.db import connection  # noqa: E402

from bench import life, opening, reads, sweeps, verbs, visits, world  # noqa: E402
from bench.player import serve  # noqa: E402
from settlement import doorbell  # noqa: E402


def fill(part: str, orders: int, transfers: int, due: int) -> None:
    """One of the parts of a world, of which two may be written at the same time."""
    getattr(world, part)(world.Size(orders, transfers, due))


def vacuum() -> None:
    """As a database is that has run for a while; and nothing starts by itself meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")


if __name__ == "__main__":
    # The bell that wakes the worker is a courtesy after the commit; no peer rings one.
    doorbell.answer_with()
    serve(
        {
            "fill": fill,
            "vacuum": vacuum,
            **verbs.DOINGS,
            **reads.DOINGS,
            **life.DOINGS,
            **sweeps.DOINGS,
            **visits.DOINGS,
            **opening.DOINGS,
        }
    )
