"""A side of a comparison, in a process of its own: it is told what to do, does it, and says how
long it took. Needs nothing but the standard library, since the other side has packages of its own.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

STOP_SECONDS = 20
Doing = Callable[..., Mapping[str, Any] | None]


def serve(doings: Mapping[str, Doing]) -> None:
    """Answer each line of JSON {"do": name, …} with one of {"seconds", "rss_mb", …}."""
    # What libraries print must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked.pop("do")
        began = time.perf_counter()
        told = doings[name](**asked) or {}
        seconds = time.perf_counter() - began
        answers.write(json.dumps({"seconds": seconds, **told, "rss_mb": rss_mb()}) + "\n")
        answers.flush()


def rss_mb() -> float:
    """The memory of this process, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Player:
    """The harness's end: a process that waits for orders."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )

    def begin(self, name: str, **given: Any) -> None:
        """Say what to do, and do not wait."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": name, **given}) + "\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, Any]:
        """What came of it. Raises RuntimeError when the process has died."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()}")
        return dict(json.loads(line))

    def do(self, name: str, **given: Any) -> dict[str, Any]:
        self.begin(name, **given)
        return self.end()

    def close(self) -> None:
        """Let it go; one that is still busy, since its case broke off, is not waited for."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def at_once(
    players: Sequence[Player], name: str, asked: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each does its part at the same time."""
    for player, given in zip(players, asked, strict=True):
        player.begin(name, **given)
    return [player.end() for player in players]
