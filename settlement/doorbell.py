"""Waking the worker after a commit. A courtesy: the rows are the queue, and a lost ring only
delays.
"""

from collections.abc import Callable

_ring: Callable[[], None] | None = None


def answer_with(ring: Callable[[], None] | None) -> None:
    """Composition says what rings: the Celery job that pumps the operations."""
    global _ring
    _ring = ring


def ring() -> None:
    if _ring is not None:
        _ring()
