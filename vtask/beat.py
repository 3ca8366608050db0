"""The one table of what happens by the clock.

Each job finds in the database what is due, so running twice, late or not at all changes nothing
but the delay. Two beats are harmless.
"""

from typing import TypedDict


class Entry(TypedDict):
    """A job's name (`app.jobs.function`) and how often it runs, in seconds."""

    task: str
    schedule: float


BEAT: dict[str, Entry] = {}
