"""Several workers at once, as in production: they share the operations that are due."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Barrier
from types import TracebackType
from typing import Any, TypeVar

from django.db import connection

from settlement import worker
from settlement.models import Operation

Thing = TypeVar("Thing")


class Workers(AbstractContextManager["Workers"]):
    """`count` threads, each with its own connection; with none, all is done by the caller."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, initializer=hurry) if count else None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            meet = Barrier(self.count)
            for _ in range(self.count):
                self._pool.submit(_say_goodbye, meet)
            self._pool.shutdown()

    def pump(self, at: datetime, asked: int) -> None:
        """Carry what is due at `at`; `asked` is about how many operations that is."""
        tickets = SimpleQueue[None]()
        for _ in range(asked):
            tickets.put(None)
        if self._pool is None or asked == 1:
            _carry(at, tickets)
        else:
            helpers = range(min(asked, self.count))
            _wait([self._pool.submit(_carry, at, tickets) for _ in helpers])
        if _is_anything_due(at):  # what the answers led to
            worker.pump(lambda: at)

    def each(self, do: Callable[[Thing], None], things: Iterable[Thing]) -> None:
        """Do something for each, several at once. Raises what the first failure raised."""
        if self._pool is None:
            for thing in things:
                do(thing)
        else:
            _wait([self._pool.submit(do, thing) for thing in things])


def _carry(at: datetime, tickets: "SimpleQueue[None]") -> None:
    """One operation for each ticket: to look in vain costs half as much as to carry one."""
    with suppress(Empty):
        while tickets.get_nowait() is None:
            if not worker.pump(lambda: at, limit=1):
                return


def _is_anything_due(at: datetime) -> bool:
    return Operation.objects.filter(resolved_at=None, next_at__lte=at).exists()


def _wait(futures: Iterable["Future[Any]"]) -> None:
    for future in list(futures):
        future.result()


def hurry() -> None:
    """What is lost in a crash is made again: no commit of this thread waits for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")


def _say_goodbye(meet: Barrier) -> None:
    """Every thread closes its own connection; none can take the place of another."""
    meet.wait(timeout=30)
    connection.close()
