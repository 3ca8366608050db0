"""Keeps the processes of the demo running, and ends all of them together.

Every child leads a process group of its own, so that its own children end with it, and is told by
the kernel when this process dies, so that not even `kill -9` leaves one behind.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

STOP_SECONDS = 12
KILL_SECONDS = 2
RESTARTS = 3
RESTART_WINDOW_SECONDS = 60
PAUSE_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What of a child's output is also shown on the screen.
ALARMS = ('"level": "error"', '"level": "critical"', "Traceback (most recent", "[ERROR]", "[CRITI")
PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


class UnableToKeepRunning(RuntimeError):
    """A child ends again and again."""


class Stopped(Exception):
    """Somebody asked for the end."""


@dataclass(frozen=True)
class Program:
    """What to run under which name."""

    name: str
    command: list[str]
    environment: dict[str, str]


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    reader: threading.Thread
    ended_at: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS))


class Supervisor:
    """Runs programs until a signal comes; `say` writes to the screen."""

    def __init__(self, log_dir: Path, say: Say) -> None:
        self.log_dir = log_dir
        self.say = say
        self.children: list[Child] = []
        self.is_stopping = False

    @contextmanager
    def signals(self) -> Iterator[None]:
        """The first signal raises Stopped in the block; a second one cannot disturb the end."""
        before = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """However the block ends, no child is left."""
        try:
            yield
        finally:
            self.is_stopping = True
            self.stop()

    def start(self, program: Program) -> Child:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        child = self._spawn(program)
        self.children.append(child)
        return child

    def run(self) -> None:
        """Restart what ends, until a signal comes or something ends too often."""
        while True:
            for child in self.children:
                if child.process.poll() is not None:
                    self._again(child)
            time.sleep(PAUSE_SECONDS)

    def wait_until(self, question: Callable[[], bool], child: Child, *, seconds: float) -> None:
        """Wait until the child answers; if it ends or is too slow, raise."""
        deadline = time.monotonic() + seconds
        while not question():
            if child.process.poll() is not None or time.monotonic() > deadline:
                raise UnableToKeepRunning(self._obituary(child.program, child.process.poll()))
            time.sleep(PAUSE_SECONDS)

    def stop(self) -> None:
        """Ask all groups to end, then make them."""
        for child in reversed(self.children):
            _signal_group(child, signal.SIGTERM)
        self._wait_for_end(STOP_SECONDS)
        for child in self.children:
            _signal_group(child, signal.SIGKILL)
        self._wait_for_end(KILL_SECONDS)
        for child in self.children:
            child.process.wait()
            child.reader.join(timeout=KILL_SECONDS)
        self.children.clear()

    def _wait_for_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while any(map(_group_lives, self.children)) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS / 2)

    def _on_signal(self, _number: int, _frame: object) -> None:
        if not self.is_stopping:
            self.is_stopping = True
            raise Stopped

    def _again(self, child: Child) -> None:
        self.say(self._obituary(child.program, child.process.returncode))
        _signal_group(child, signal.SIGKILL)
        now = time.monotonic()
        oldest = child.ended_at[0] if len(child.ended_at) == RESTARTS else None
        if oldest is not None and now - oldest < RESTART_WINDOW_SECONDS:
            raise UnableToKeepRunning(f"{child.program.name} ends again and again")
        child.ended_at.append(now)
        fresh = self._spawn(child.program)
        child.process, child.reader = fresh.process, fresh.reader

    def _obituary(self, program: Program, code: int | None) -> str:
        how = "does not answer" if code is None else f"ended with {code}"
        return f"{program.name} {how}; its log is {self.log_dir / program.name}.log"

    def _spawn(self, program: Program) -> Child:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            program.command,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - it makes one system call
        )
        assert process.stdout is not None
        target, output = self._keep_output, process.stdout
        reader = threading.Thread(target=target, args=(program.name, output), daemon=True)
        reader.start()
        return Child(program, process, reader)

    def _keep_output(self, name: str, output: IO[bytes]) -> None:
        with output, (self.log_dir / f"{name}.log").open("ab", buffering=0) as log:
            for line in output:
                log.write(line)
                text = line.decode(errors="replace").rstrip()
                if any(alarm in text for alarm in ALARMS):
                    self.say(f"[{name}] {text}")


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)


def _group_lives(child: Child) -> bool:
    """Whether a process of the group is left; the leader is reaped on the way."""
    return child.process.poll() is None or any(_members(child.process.pid))


def _members(group: int) -> Iterator[psutil.Process]:
    """The group's processes, without corpses that wait for their parent."""
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                yield process
