"""Stories run over the real wire against the local Alipay, with the clock in the story's hands."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from core import clock
from settlement.gateway.client import use_transport
from tests.alipay import local_alipay
from tests.orders import NOW
from tests.stories.story import Story

Tell = Callable[..., Story]


@pytest.fixture
def story(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tell]:
    """`story(800_00, 500_00, policy=...)`: a task of two orders of 800 and 500 yuan."""
    alipay = local_alipay()
    for name, value in alipay.settings.items():
        setattr(settings, name, value)
    told: list[Story] = []

    def tell(*prices_fen: int, **more: Any) -> Story:
        told.append(Story(alipay, *prices_fen, **more))
        return told[-1]

    monkeypatch.setattr(clock, "now", lambda: told[-1].at if told else NOW)
    with use_transport(alipay.transport):
        yield tell
