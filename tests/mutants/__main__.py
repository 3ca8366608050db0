"""`python -m tests.mutants [NAME…]`: plants each fault in turn, runs the tests that must notice it,
and prints the table. Ends with 1 when a fault survives.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.environment import PLACE
from tests.mutants.faults import FAULTS, MACHINE, Fault
from vtask import embedded

ROOT = Path(__file__).resolve().parents[2]
PASSED, FAILED = 0, 1
# "FAILED tests/a.py::test_b[c] - AssertionError: ..." in the summary that `-rA` asks for.
LINE = re.compile(r"^(PASSED|FAILED|ERROR) (\S+?)(?:\[.*?\])?(?: - ([\w.]+).*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What became of one named test under one fault."""

    test: str
    how: str  # caught, passes, or why nothing can be said
    why: str = ""  # what it said

    @property
    def is_caught(self) -> bool:
        return self.how == "caught"


def main(names: list[str]) -> int:
    """Plant each fault; 1 when one survives, and 2 when nothing can be said."""
    faults = [FAULTS[name] for name in names or FAULTS]
    with embedded.running(PLACE, durable=False):
        named = {test for fault in faults for test in fault.caught_by}
        tests = sorted(f"{test}[0]" if test == MACHINE else test for test in named)
        without = pytest(*tests, "--create-db")
        if without.returncode != PASSED:
            say(without.stdout[-3000:] + without.stderr[-1000:])
            say("Without any fault these tests do not pass, so nothing can be said.")
            return 2
        survivors = [fault.name for fault in faults if not is_caught_by_all(fault)]
    say(f"\n{len(faults) - len(survivors)} of {len(faults)} faults caught.")
    return 1 if survivors else 0


def is_caught_by_all(fault: Fault) -> bool:
    """Whether every test that is named for the fault noticed it; says so."""
    results = results_of(fault)
    is_caught = all(result.is_caught for result in results)
    say(f"\n{'caught' if is_caught else 'SURVIVED':8}  {fault.name}: {fault.what}")
    for result in results:
        say(f"          {result.how:8} {result.test.rpartition('::')[2]} {result.why}".rstrip())
    return is_caught


def results_of(fault: Fault) -> list[Result]:
    """The state machine goes by itself, and only until it has noticed."""
    by_hand = [test for test in fault.caught_by if test != MACHINE]
    found = _results(fault, by_hand)
    if MACHINE in fault.caught_by:
        found += _results(fault, [MACHINE], "-x")
    return found


def _results(fault: Fault, tests: list[str], *options: str) -> list[Result]:
    done = pytest(*tests, "--mutant", fault.name, *options)
    if done.returncode not in (PASSED, FAILED):
        say(done.stdout[-2000:] + done.stderr[-1000:])
    lines = LINE.findall(done.stdout)
    return [_result(test, lines) for test in tests]


def _result(test: str, lines: list[tuple[str, str, str]]) -> Result:
    """A test with several cases notices the fault when one of them does."""
    about = [(word, why) for word, name, why in lines if name.startswith(test)]
    failed = [why for word, why in about if word == "FAILED"]
    if failed:
        return Result(test, "caught", f"({failed[0] or 'it failed'})")
    return Result(test, "passes" if about and all(w == "PASSED" for w, _ in about) else "broken")


def pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, since a planted fault stays for as long as the process lives."""
    command = [
        *(sys.executable, "-m", "pytest", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider"),
        *("-q", "-rA", "--no-header", "--reuse-db", *arguments),
    ]
    wide = {**os.environ, "COLUMNS": "400"}  # the summary's lines are not to be cut
    return subprocess.run(command, cwd=ROOT, env=wide, capture_output=True, text=True, check=False)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
