"""A machine whose examples all begin from one start, made once and rolled back to."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.machine import start
from tests.machine.machine import Machine
from tests.machine.processes import with_points
from tests.machine.world import World, talking_to


@pytest.fixture
def machine(db: None) -> Iterator[type[Machine]]:
    present: list[World] = []

    class Begun(Machine):
        def __init__(self) -> None:
            super().__init__()
            present[:] = [self.world]

    connection.inc_thread_sharing()
    with with_points(), talking_to(lambda: present[0].gateway):
        Begun.start = start.make(present.append)
        yield Begun
    connection.dec_thread_sharing()
