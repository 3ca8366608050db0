"""Who is told of an answer. Settlement never calls up: the owner of an operation registers here, in
`vtask`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from settlement.gateway.messages import Answer
from settlement.models import Attempt, Operation

Handler = Callable[[Operation, Answer, Attempt, datetime], None]
ByPerson = Callable[[Operation, bool, datetime], None]
PayoutReturned = Callable[[Operation, datetime], bool]
FreezeClosed = Callable[[Operation, Iterable[int], datetime], list[int]]


class NotYetError(Exception):
    """The answer can be acted upon only from an instant on: ask again then."""

    def __init__(self, next_at: datetime) -> None:
        super().__init__(next_at)
        self.next_at = next_at


@dataclass(frozen=True, slots=True)
class Later:
    """What the gateway may do by itself, long after an operation was closed."""

    payout_returned: PayoutReturned
    freeze_closed: FreezeClosed


_handlers: dict[str, Handler] = {}
_by_person: dict[str, ByPerson] = {}
_later: dict[str, Later] = {}


def register(owner: str, handler: Handler, by_person: ByPerson, later: Later | None = None) -> None:
    """From now on, definite answers to operations of `owner` go to `handler`, which closes them,
    what staff decided about them to `by_person`, and what happened to closed ones to `later`.
    """
    _handlers[owner], _by_person[owner] = handler, by_person
    if later is not None:
        _later[owner] = later


def handle(operation: Operation, answer: Answer, attempt: Attempt, at: datetime) -> None:
    _handlers[operation.owner](operation, answer, attempt, at)


def decide(operation: Operation, happened: bool, at: datetime) -> None:
    """Staff found out what became of an operation."""
    _by_person[operation.owner](operation, happened, at)


def payout_returned(operation: Operation, at: datetime) -> bool:
    """A transfer that had succeeded came back; False when its owner cannot record it now."""
    return _later[operation.owner].payout_returned(operation, at)


def freeze_closed(freeze: Operation, order_ids: Iterable[int], at: datetime) -> list[int]:
    """The gateway ended a freeze by itself; the orders for which that could not be recorded."""
    return _later[freeze.owner].freeze_closed(freeze, order_ids, at)
