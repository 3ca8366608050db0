"""Waking the worker after a commit. A courtesy: the rows are the queue, and a lost ring only
delays.
"""

from collections.abc import Callable

from settlement import crash

_ringers: list[Callable[[], None]] = []


def answer_with(*ringers: Callable[[], None]) -> None:
    """Composition says what rings: the Celery job that pumps the operations."""
    _ringers[:] = ringers


def ring() -> None:
    crash.here("before-doorbell")
    for ringer in _ringers:
        ringer()
