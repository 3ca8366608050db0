"""Who is told of an answer. Settlement never calls up: the owner of an operation registers here, in
`vtask`.
"""

from collections.abc import Callable
from datetime import datetime

from settlement.gateway.messages import Answer
from settlement.models import Attempt, Operation

Handler = Callable[[Operation, Answer, Attempt, datetime], None]


class NotYetError(Exception):
    """The answer can be acted upon only from an instant on: ask again then."""

    def __init__(self, next_at: datetime) -> None:
        super().__init__(next_at)
        self.next_at = next_at


ByPerson = Callable[[Operation, bool, datetime], None]

_handlers: dict[str, Handler] = {}
_by_person: dict[str, ByPerson] = {}


def register(owner: str, handler: Handler, by_person: ByPerson) -> None:
    """From now on, definite answers to operations of `owner` go to `handler`, which closes them,
    and what staff decided about them goes to `by_person`.
    """
    _handlers[owner], _by_person[owner] = handler, by_person


def handle(operation: Operation, answer: Answer, attempt: Attempt, at: datetime) -> None:
    _handlers[operation.owner](operation, answer, attempt, at)


def decide(operation: Operation, happened: bool, at: datetime) -> None:
    """Staff found out what became of an operation."""
    _by_person[operation.owner](operation, happened, at)
