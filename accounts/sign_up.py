"""What sign-up opens for each role. The apps above register themselves; accounts knows none."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User

Opener = Callable[..., object]
_openers: dict[str, Opener] = {}


def register(role: str, opener: Opener) -> None:
    """`opener(user, at=)` makes what a new person of that role needs."""
    _openers[role] = opener


def open_for(user: "User", *, at: datetime) -> None:
    """Make the profile of the person's role; safe to repeat."""
    opener = _openers.get(user.role)
    if opener is not None:
        opener(user, at=at)
