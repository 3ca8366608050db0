"""The machine for as long as asked: `SOAK_MINUTES=20 pytest tests/machine/soak.py -s`.

Each batch has a seed of its own, which is printed first; `SOAK_SEED` runs that batch again.
"""

import os
import secrets
import sys
import time

from tests.machine.machine import COUNTS, Machine, counts
from tests.machine.running import run

EXAMPLES = 20


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def test_soak(machine: type[Machine]) -> None:
    ends = time.monotonic() + 60 * float(os.environ.get("SOAK_MINUTES", "1"))
    number = int(os.environ.get("SOAK_SEED", "0"))
    while True:
        chosen = number or secrets.randbelow(10**9) + 1
        say(f"seed {chosen}: {EXAMPLES} examples, {COUNTS['examples']} so far")
        run(machine, chosen, EXAMPLES)
        if number or time.monotonic() > ends:
            break
    for what, how_often in counts().items():
        say(f"{how_often:8} {what}")
