"""Named places at which a process can be made to die, so that tests see what a crash leaves behind.

`CRASH_AT=after-T1:2` ends the process at its second pass of that place, as `kill -9` would: nothing
is cleaned up, no handler runs. `CRASH_AT=after-T1:1:stop` stops it there until somebody continues
it. Does nothing in production: the setting is refused there (see docs/money.md for the places).
"""

import os
import signal
from collections import Counter

from django.conf import settings

KILLED = 137  # what a shell reports of a process that was ended by SIGKILL
POINTS = (
    "before-T0-commit",  # 1: a verb has written everything, nothing is committed
    "before-doorbell",  # 2 and 11: committed, no worker was woken
    "before-T1-commit",  # 8: an operation is claimed, nothing is committed
    "after-T1",  # 3: claimed and committed, nothing was sent
    "after-answer",  # 4, 5 and 6: the gateway was asked, what it said is known to nobody
    "before-T2-commit",  # 6 and 8: the answer is recorded, nothing is committed
    "after-T2",  # 7: the answer is recorded, nobody has been told
    "before-inbox-commit",  # 10: a notice was verified, nothing is committed
    "before-success",  # 11: a notice is kept, the gateway does not know it
)

_passes: Counter[str] = Counter()


def here(point: str) -> None:
    """Die or stop here when `settings.CRASH_AT` names this place and this pass."""
    if not settings.CRASH_AT:
        return
    wanted, number, how = f"{settings.CRASH_AT}::".split(":")[:3]
    if wanted != point:
        return
    _passes[point] += 1
    if _passes[point] != int(number or 1):
        return
    if how == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        os._exit(KILLED)
