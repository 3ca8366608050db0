"""The one table of what happens by the clock.

Each job finds in the database what is due, so running twice, late or not at all changes nothing
but the delay. Two beats are harmless.
"""

from typing import TypedDict


class Entry(TypedDict):
    """A job's name, how often it runs, and when a late run is dropped; in seconds."""

    task: str
    schedule: float
    options: dict[str, float]


def every(seconds: float, task: str) -> Entry:
    """A run that is later than the next one is dropped: nothing piles up behind an outage."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


BEAT: dict[str, Entry] = {
    "orders that are due": every(5, "tasks.jobs.sweep_all"),
    "operations at the gateway": every(2, "settlement.jobs.pump"),
    "messages": every(10, "tasks.jobs.send_messages"),
    "reads of the last half minute": every(30, "reads.jobs.roll_up"),
    "files asked for": every(15, "tasks.jobs.write_exports"),
    "files that are old": every(3600, "tasks.jobs.drop_exports"),
    "ledger check": every(600, "settlement.jobs.check_ledger"),
    "operations closed lately": every(600, "settlement.jobs.recheck_operations"),
    "bills of the past days": every(1800, "settlement.jobs.reconcile_days"),
    "money on its way": every(1800, "settlement.jobs.watch_clearing"),
    "freezes near their end": every(3600, "settlement.jobs.watch_freezes"),
    "totals": every(3600, "settlement.jobs.take_totals"),
}
