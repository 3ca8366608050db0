"""Processes that die or stand still at a named point, in one process and with one connection.

A crash is an exception that no code catches. A stopped worker (SIGSTOP while its lease runs out) is
a thread that waits at a point outside any transaction; only one thread ever runs at a time.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connections

from settlement import operations, worker
from settlement.models import Attempt
from tasks.workflow.batch import Batch


class Crash(BaseException):
    """The process dies here: nothing catches it."""


# Where a worker holds no lock: it may be stopped there for as long as one likes, or die.
OUTSIDE = ("claimed", "before the query", "before the send", "executed", "answered", "recorded")
# Inside a transaction: a process can only die there, and the database forgets what it wrote.
INSIDE = ("before the write", "written, not committed", "answer noted")


class Points:
    """Which point does what to which thread."""

    def __init__(self) -> None:
        self._plans: dict[int, tuple[str, Callable[[], None]]] = {}

    def reach(self, point: str) -> None:
        plan = self._plans.get(threading.get_ident())
        if plan is not None and plan[0] == point:
            self.forget()
            plan[1]()

    def plan(self, point: str, fire: Callable[[], None]) -> None:
        self._plans[threading.get_ident()] = (point, fire)

    def forget(self) -> None:
        self._plans.pop(threading.get_ident(), None)


POINTS = Points()


def die() -> None:
    raise Crash


def crashing(point: str, step: Callable[[], Any]) -> bool:
    """Do `step` in a process that dies at `point`; whether it did."""
    POINTS.plan(point, die)
    try:
        step()
    except Crash:
        return True
    finally:
        POINTS.forget()
    return False


class StoppedWorker:
    """A worker that stands still at a point until it is resumed, or killed there."""

    def __init__(self, point: str, step: Callable[[], Any]) -> None:
        self._point, self._step = point, step
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._connection = connections["default"]
        self._problem: BaseException | None = None
        self.is_done = self._is_killed = False
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()
        self._wait()

    def resume(self) -> None:
        self._go.release()
        self._wait()

    def kill(self) -> None:
        self._is_killed = True
        self.resume()

    def _wait(self) -> None:
        self._back.acquire()
        if self.is_done:
            self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _live(self) -> None:
        connections["default"] = self._connection
        POINTS.plan(self._point, self._stand_still)
        try:
            self._step()
        except Crash:
            pass
        except BaseException as problem:  # shown to whoever resumed it
            self._problem = problem
        finally:
            POINTS.forget()
            self.is_done = True
            self._back.release()

    def _stand_still(self) -> None:
        self._back.release()
        self._go.acquire()
        if self._is_killed:
            raise Crash


def _around(owner: Any, name: str, *, before: str = "", after: str = "") -> Any:
    real = getattr(owner, name)

    def passing(*args: Any, **more: Any) -> Any:
        if before:
            POINTS.reach(before)
        result = real(*args, **more)
        if after and (name != "claim" or result is not None):
            POINTS.reach(after)
        return result

    return patch.object(owner, name, passing)


@contextmanager
def with_points() -> Iterator[None]:
    """In this block the worker and the engine pass by the points."""
    with ExitStack() as stack:
        stack.enter_context(_around(operations, "claim", after="claimed"))
        stack.enter_context(_around(worker, "record", before="answered", after="recorded"))
        stack.enter_context(
            _around(Batch, "write", before="before the write", after="written, not committed")
        )
        stack.enter_context(_around(Attempt, "save", after="answer noted"))
        yield
