"""Running the machine from a seed."""

from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machine import Machine

STEPS = 40
PHASES = (Phase.generate, Phase.shrink)


def run(machine: type[Machine], number: int, examples: int, **more: Any) -> None:
    """So many examples from one seed: the same seed gives the same examples, and a failing one is
    told as the shortest list of steps that was found.
    """
    run_state_machine_as_test(
        seed(number)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=PHASES,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )
