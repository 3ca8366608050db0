"""Processes that may die: a worker that pumps once, and a web server.

They are forked from a server that has loaded the project, so that one costs milliseconds; each is
a process of its own, with its own connections, and dies as any other does.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from typing import Any

import httpx
import psutil
from django.db import connection

from tests.faults.waiting import eventually
from vtask.embedded import free_port

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.child"])
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Told:
    """What a process is told: its database, its settings, and where it dies."""

    database: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)

    def crashing(self, crash_at: str) -> "Told":
        return Told(self.database, {**self.settings, "CRASH_AT": crash_at})


@dataclass(frozen=True)
class Running:
    """A process that was started."""

    process: ForkServerProcess

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def ends(self) -> int:
        """Its exit code, once it has one and the database has let go of what it held locked."""
        self.process.join(PATIENCE_SECONDS)
        code = self.process.exitcode
        assert code is not None, "the process does not end"
        has_let_go = lambda: not _has_session(self.pid)  # noqa: E731
        eventually(has_let_go, within=PATIENCE_SECONDS, what="the database lets go of the process")
        return code

    def stops(self) -> None:
        """Returns when it has stopped itself."""
        is_stopped = lambda: psutil.Process(self.pid).status() == psutil.STATUS_STOPPED  # noqa: E731
        eventually(is_stopped, within=PATIENCE_SECONDS, what="the process stops itself")

    def goes_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def is_killed(self) -> None:
        if self.process.exitcode is None:
            os.kill(self.pid, signal.SIGKILL)
        self.process.join(PATIENCE_SECONDS)


def session_name(pid: int) -> str:
    """What the database calls the session of a process."""
    return f"process {pid}"


def _has_session(pid: int) -> bool:
    """A process that was killed is gone before the database has noticed; until then its rows stay
    locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = %s)",
            [session_name(pid)],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def worker(told: Told, at: datetime) -> Iterator[Running]:
    """A worker that carries what is due at `at`, with a clock that stands still."""
    with _running("work", told, at) as running:
        yield running


@contextmanager
def web(told: Told, port: int = 0) -> Iterator[tuple[Running, str]]:
    """A web server, and its address."""
    port = port or free_port()
    with _running("serve", told, port) as running:
        eventually(lambda: _listens(port), within=PATIENCE_SECONDS, what="the web answers")
        yield running, f"http://127.0.0.1:{port}"


@contextmanager
def _running(what: str, *arguments: Any) -> Iterator[Running]:
    from tests.faults import child

    target = getattr(child, what)
    process = _FORKS.Process(target=target, args=arguments, daemon=True)
    process.start()
    running = Running(process)
    try:
        yield running
    finally:
        running.is_killed()


def _listens(port: int) -> bool:
    try:
        return httpx.get(
            f"http://127.0.0.1:{port}/healthz", trust_env=False, verify=False
        ).is_success
    except httpx.TransportError:
        return False
