"""A mail server with a memory of its own, for the state machine: what it has taken of the
reminders, and what it has returned. The clock may confirm only by what stands here (N4).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from smtplib import SMTPRecipientsRefused
from unittest.mock import patch

from tasks.models import Outbox
from tasks.rules import LAST_REMINDER, REMINDERS


class Post(StrEnum):
    """How the mail server is today."""

    UP = "UP"
    AWAY = "AWAY"
    REFUSES = "REFUSES"  # for good: there is no such person


@dataclass
class Letter:
    """A reminder that the mail server has taken, or refused for good."""

    message_id: str
    order_id: int
    kind: str
    written_at: datetime
    at: datetime
    returned_at: datetime | None = None


@dataclass
class PostOffice:
    """Letters in the order in which they came."""

    letters: list[Letter] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def serving(self, how: Post, at: datetime) -> Iterator[None]:
        """In this block letters are handed to this office; their words do not matter here."""
        with patch("tasks.messages.letter", lambda row: Handed(self, row, how, at)):
            yield

    def reminders(self) -> list[Letter]:
        """What may still come back."""
        return [letter for letter in self.letters if letter.returned_at is None]

    def allows(self, order_id: int, since: datetime, at: datetime) -> bool:
        """Whether the clock may confirm at `at`: the last reminder of the clock that runs since
        `since` was taken two hours before, and none of its reminders came back.
        """
        mine = [x for x in self.letters if x.order_id == order_id and x.written_at >= since]
        is_returned = any(x.returned_at is not None and x.returned_at <= at for x in mine)
        in_time = any(
            x.kind == LAST_REMINDER and (at - x.at).total_seconds() >= 2 * 3600 for x in mine
        )
        return in_time and not is_returned


@dataclass
class Handed:
    """What `tasks.messages` holds in its hand: an e-mail, as far as it is used there."""

    office: PostOffice
    row: Outbox
    how: Post
    at: datetime
    extra_headers: dict[str, str] = field(default_factory=dict)

    def send(self) -> int:
        row, office = self.row, self.office
        office.met[f"post {self.how}"] += 1
        if self.how == Post.AWAY:
            raise OSError("no route")
        if row.kind in REMINDERS:
            office.letters.append(
                Letter(row.message_id, row.order_id, row.kind, row.at, self.at, self._returned_at)
            )
        if self.how == Post.REFUSES:
            raise SMTPRecipientsRefused({"m@example.com": (550, b"no such user")})
        return 1

    @property
    def _returned_at(self) -> datetime | None:
        return self.at if self.how == Post.REFUSES else None
