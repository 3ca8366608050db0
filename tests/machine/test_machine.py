"""At every step of a world gone wrong, whatever crashes, the money is where the books say."""

import pytest

from tests.machine.machine import Machine
from tests.machine.running import run

SEED, PARTS, EXAMPLES = 20_260_302, 4, 50


@pytest.mark.rule("N20")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_crash_race_lie_or_silence_loses_doubles_or_makes_money(
    machine: type[Machine], part: int
) -> None:
    run(machine, SEED + part, EXAMPLES)
