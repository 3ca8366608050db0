"""Real PostgreSQL and Redis for every test, and the count of the rules that tests name."""

import sys
from collections.abc import Iterator

import pytest

from tests import rules
from tests.environment import HAS_SERVERS, IS_XDIST_WORKER, PLACE
from vtask import embedded

STARTED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rules",
        action="store_true",
        help="end with the rules that no test names; a rule that must have one fails the run",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not (IS_XDIST_WORKER or HAS_SERVERS or config.option.collectonly):
        config.stash[STARTED] = embedded.start(PLACE, durable=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    embedded.stop(PLACE, config.stash.get(STARTED, []))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.getoption("--rules"):
        return
    lines, good = rules.report(rules.read(rules.FILE.read_text()), rules.named_by(session.items))
    print("\n".join(lines))  # noqa: T201 - the report is the purpose
    if not good:
        pytest.exit("every rule needs a test that names it", returncode=1)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """Rate limits and lock-outs of one test are not the next one's."""
    yield
    if "django.core.cache" in sys.modules:
        from django.core.cache import cache

        cache.clear()
