"""The demo's processes end together, whatever happens."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from vtask.supervise import Program, Supervisor, UnableToKeepRunning

# A process with a child of its own, which writes both numbers and then waits.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + FAMILY


def program(code: str, name: str = "program") -> Program:
    return Program(name, [sys.executable, "-c", code], dict(os.environ))


def said_by(supervisor: Supervisor, name: str = "program") -> str:
    log = supervisor.log_dir / f"{name}.log"
    return log.read_text() if log.exists() else ""


def family(supervisor: Supervisor) -> list[int]:
    """The numbers of the process and of its child, as soon as they are told."""
    child = supervisor.children[0]
    supervisor.wait_until(lambda: "\n" in said_by(supervisor), child, seconds=30)
    return [int(word) for word in said_by(supervisor).split()]


def alive(pids: list[int]) -> list[int]:
    known = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return [process.pid for process in known if process.status() != psutil.STATUS_ZOMBIE]


def quiet(_text: str) -> None:
    pass


def test_the_children_of_a_child_end_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, quiet)

    with supervisor.watching():
        supervisor.start(program(FAMILY))
        pids = family(supervisor)
        assert alive(pids) == pids

    assert alive(pids) == []


def test_one_that_does_not_listen_is_made_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vtask.supervise.STOP_SECONDS", 0.2)
    supervisor = Supervisor(tmp_path, quiet)

    with supervisor.watching():
        supervisor.start(program(STUBBORN))
        pids = family(supervisor)

    assert alive(pids) == []


def test_one_that_ends_is_told_and_started_again_but_not_for_ever(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(tmp_path, told.append)

    with supervisor.watching():
        supervisor.start(program("raise SystemExit(3)"))
        with pytest.raises(UnableToKeepRunning, match="program ends again and again"):
            supervisor.run()

    assert len(told) == 4
    assert told[0] == f"program ended with 3; its log is {tmp_path}/program.log"


def test_errors_come_to_the_screen_and_the_rest_to_the_log(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(tmp_path, told.append)
    code = """print('{"level": "info"}'); print('{"level": "error"}')"""

    with supervisor.watching():
        supervisor.start(program(code)).process.wait()

    assert told == ['[program] {"level": "error"}']
    assert said_by(supervisor).splitlines() == ['{"level": "info"}', '{"level": "error"}']


WATCHER = """
import os, sys
from pathlib import Path
from vtask.supervise import Program, Stopped, Supervisor
supervisor = Supervisor(Path(sys.argv[1]), print)
try:
    with supervisor.signals(), supervisor.watching():
        supervisor.start(Program("program", [sys.executable, "-c", sys.argv[2]], dict(os.environ)))
        supervisor.run()
except Stopped:
    print("stopped")
"""


def watch(log_dir: Path) -> tuple["subprocess.Popen[str]", list[int]]:
    """A supervisor in a process of its own, and the numbers of what it watches."""
    command = [sys.executable, "-c", textwrap.dedent(WATCHER), str(log_dir), FAMILY]
    watcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    log = log_dir / "program.log"
    while not (log.exists() and "\n" in log.read_text()):
        assert watcher.poll() is None
    return watcher, [int(word) for word in log.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all(tmp_path: Path, number: signal.Signals) -> None:
    watcher, pids = watch(tmp_path)

    watcher.send_signal(number)
    told, _ = watcher.communicate(timeout=30)

    assert told == "stopped\n"
    assert alive(pids) == []


def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    watcher, pids = watch(tmp_path)

    watcher.kill()
    watcher.communicate(timeout=30)

    psutil.wait_procs([psutil.Process(pid) for pid in pids[:1] if psutil.pid_exists(pid)], 30)
    assert alive(pids[:1]) == []
    os.kill(pids[1], signal.SIGKILL)  # of a program that leaves its own children behind
