"""The world of the crash points: made once for all of them, emptied when they are through."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

pytest.register_assert_rewrite("tests.faults.world")

from tests.alipay import database_url  # noqa: E402
from tests.faults.alipay import empty_database  # noqa: E402
from tests.faults.world import World, a_world  # noqa: E402


@contextmanager
def _database() -> Iterator[None]:
    """The test database. It is made here when no other test of this run has asked for it."""
    if connection.settings_dict["NAME"].startswith("test_"):
        yield
        return
    made = setup_databases(verbosity=0, interactive=False, aliases={"default": False})
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def _world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Everything is really committed, so that other processes see it."""
    var_dir = tmp_path_factory.mktemp("faults")
    url = database_url().replace("alipay_test_", "alipay_faults_")
    with django_db_blocker.unblock(), _database():
        try:
            with empty_database(url), a_world(var_dir, url) as world:
                yield world
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(_world: World) -> Iterator[World]:
    """After every case: no fault is left, and every invariant holds."""
    yield _world
    _world.alipay.no_faults()
    _world.is_sound()
