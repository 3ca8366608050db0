"""A world with the local Alipay over its own wire, both sides by one clock that the test holds."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from settlement.gateway.client import use_transport
from tests.alipay import local_alipay
from tests.settlement.recon.world import World


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(local_alipay())
    for name, value in world.alipay.settings.items():
        setattr(settings, name, value)
    # What both sides call the wall clock; ours of the jobs and commands too.
    monkeypatch.setattr("time.time", world.seconds)
    monkeypatch.setattr("core.clock.now", world.now)
    with use_transport(world.alipay.transport):
        assert world.bills() == []  # the reconciliation begins with the day of its first run
        yield world
    assert (world.alipay.total_fen, world.alipay.differences()) == (0, [])
