"""Waiting for a condition, with a deadline that only a broken run meets."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PAUSE_SECONDS = 0.05


class TooLate(AssertionError):
    """What was waited for did not come."""


def eventually(condition: Callable[[], T], *, within: float, what: str = "") -> T:
    """The first value of `condition` that is true; raises `TooLate` after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        if found := condition():
            return found
        if time.monotonic() > deadline:
            raise TooLate(f"{what or condition} within {within} s; last seen: {found!r}")
        time.sleep(PAUSE_SECONDS)
