"""The whole site, two of each, under faults by lot: `make soak` runs the same for longer."""

import os
import signal
import subprocess
import sys

import pytest

from tests.environment import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.rule("N20")]

RAGE_MINUTES = 0.6
DEADLINE_SECONDS = 600
SEED = 3


def test_nothing_is_lost_doubled_or_stuck_whatever_fails() -> None:
    command = [sys.executable, "-m", "tests.faults", f"--minutes={RAGE_MINUTES}", f"--seed={SEED}"]
    run = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        told, _ = run.communicate(timeout=DEADLINE_SECONDS)
    except BaseException:
        # It ends what it started; its children end with it in any case.
        os.kill(run.pid, signal.SIGTERM)
        run.communicate(timeout=60)
        raise
    assert run.returncode == 0, told
    assert "all invariants hold" in told
