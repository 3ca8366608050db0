"""Runs tests with a planted fault: `pytest -p tests.mutants.plugin --mutant no-lease …`."""

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import Phase

from tests.mutants.faults import FAULTS

PLANTED = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutant", choices=sorted(FAULTS), help="plant this fault first")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """After Django is set up and before any test module takes a function by its name."""
    stack = session.config.stash.setdefault(PLANTED, ExitStack())
    if name := session.config.getoption("--mutant"):
        FAULTS[name].plant(stack)
        # That it fails is enough; nobody reads the shortest way to it.
        stack.enter_context(patch("tests.machine.running.PHASES", (Phase.generate,)))


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(PLANTED, None):
        stack.close()


@pytest.fixture(autouse=True)
def _fault_in_the_database(request: pytest.FixtureRequest) -> None:
    name: Any = request.config.getoption("--mutant")
    if name and FAULTS[name].sql:
        from django.db import connection

        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute(FAULTS[name].sql)
