"""Real PostgreSQL and Redis for every test, and the count of the rules that tests name."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests import browsers, database, rules
from tests.environment import HAS_SERVERS, IS_XDIST_WORKER, PLACE
from vtask import embedded

STARTED = pytest.StashKey[list[str]]()
NAMED_RULES = pytest.StashKey[set[str]]()
FIRST_TASK = 500_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rules",
        action="store_true",
        help="end with the rules that no test names; a rule that must have one fails the run",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NAMED_RULES] = set()
    database.install()
    if not (IS_XDIST_WORKER or HAS_SERVERS or config.option.collectonly):
        config.stash[STARTED] = embedded.start(PLACE, durable=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    embedded.stop(PLACE, config.stash.get(STARTED, []))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before anything is deselected: a rule counts wherever its test runs."""
    named = config.stash[NAMED_RULES]
    named.update(rules.named_by(items))
    if browsers.chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=browsers.MISSING))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if IS_XDIST_WORKER:
        named = config.stash[NAMED_RULES]
        config.workeroutput["rules"] = sorted(named)  # type: ignore[attr-defined]
    elif config.getoption("--rules"):
        _, good = rules.report(rules.read(rules.FILE.read_text()), config.stash[NAMED_RULES])
        if not good and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A parallel worker ends and tells which rules its tests name."""
    node.config.stash[NAMED_RULES].update(getattr(node, "workeroutput", {}).get("rules", []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if browsers.chromium() is None:
        terminalreporter.section(browsers.MISSING, sep="!", red=True)
    if config.getoption("--rules"):
        lines, good = rules.report(rules.read(rules.FILE.read_text()), config.stash[NAMED_RULES])
        terminalreporter.section("rules", sep="=", **{"green" if good else "red": True})
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """Rate limits and lock-outs of one test are not the next one's."""
    yield
    if "django.core.cache" in sys.modules:
        from django.core.cache import cache

        cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The numbers of tasks begin far from those of orders: what is found by the number of an order
    is never a task that has the same by chance.
    """
    from django.db import connection

    if not connection.settings_dict["NAME"].startswith("test_"):
        return  # none of these tests asked for the test database
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE tasks_task_id_seq RESTART WITH {FIRST_TASK}")
