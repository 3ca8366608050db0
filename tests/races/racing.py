"""Races that are made to happen: one runner is stopped at a named place until the other one has
either finished or been made to wait by the database. No sleeping, no luck.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Thread, get_ident
from typing import Any, TypeVar
from unittest.mock import patch

from django.db import connection, connections

from tasks.workflow import load

Run = Callable[[], Any]
T = TypeVar("T")
LONGEST_S = 30


class Runner(Thread):
    """A thread with a database connection of its own. `result` is what it returned or raised."""

    def __init__(self, run: Run) -> None:
        super().__init__(daemon=True)
        self.run_it = run
        self.result: Any = None

    def run(self) -> None:
        try:
            self.result = self.run_it()
        except BaseException as problem:
            self.result = problem
        finally:
            connections.close_all()


def together(*runs: Run) -> list[Any]:
    """Start all at the same instant; what each returned or raised."""
    barrier = Barrier(len(runs))

    def at_once(run: Run) -> Run:
        def start() -> Any:
            barrier.wait(LONGEST_S)
            return run()

        return start

    runners = [Runner(at_once(run)) for run in runs]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(LONGEST_S)
    return [runner.result for runner in runners]


def overlapped(first: Run, second: Run, *, at: str = "tasks.workflow.load._cases") -> list[Any]:
    """`first` comes out of the function `at` and stops there; `second` runs meanwhile, to its end
    or until the database makes it wait; then `first` goes on.
    """
    arrived, over = Event(), Event()
    owner: list[int] = []

    def run_first() -> Any:
        owner.append(get_ident())
        try:
            return first()
        finally:
            arrived.set()

    def run_second() -> Any:
        arrived.wait(LONGEST_S)
        try:
            return second()
        finally:
            over.set()

    def stop() -> None:
        if owner == [get_ident()] and not arrived.is_set():
            arrived.set()
            _until_over_or_blocked(over)

    with right_after(at, stop):
        return together(run_first, run_second)


def _until_over_or_blocked(over: Event) -> None:
    with connection.cursor() as cursor:
        while not over.is_set():
            cursor.execute(
                "select exists(select from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return


@contextmanager
def right_after(name: str, do: Callable[[], None]) -> Iterator[None]:
    """In this block `do` is called right after every call of the named function, in its thread."""
    module, _, function = name.rpartition(".")
    original = getattr(__import__(module, fromlist=[function]), function)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        do()
        return result

    with patch(name, wrapped):
        yield


@contextmanager
def without_locks() -> Iterator[None]:
    """The control: orders and escrows are read without locking them."""
    original = load._cases

    def unlocked(where: str, *args: Any, **kwargs: Any) -> Any:
        bare = where.replace(" for update of o, e skip locked", "")
        return original(bare.replace(" for update of o, e", ""), *args, **kwargs)

    with patch("tasks.workflow.load._cases", unlocked):
        yield
