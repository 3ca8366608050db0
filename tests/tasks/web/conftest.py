"""The pages read the clock themselves: here it stands still, an hour after everything was sent."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.orders import HOUR, NOW


@pytest.fixture(autouse=True)
def _clock_stands_still() -> Iterator[None]:
    with time_machine.travel(NOW + HOUR, tick=False):
        yield
