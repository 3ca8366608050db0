"""Celery jobs of the reads. Losing one only delays; two at once take different rows."""

from celery import shared_task

from core import clock
from reads import counting

ROUNDS = 200


@shared_task
def roll_up() -> int:
    """Add up what was counted since, then forget the devices of past days; how many rows."""
    done = 0
    for _ in range(ROUNDS):
        rows = counting.roll_up()
        done += rows
        if rows < counting.SIZE:
            break
    counting.forget(at=clock.now())
    return done
