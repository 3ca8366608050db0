"""The tool that measures the pages of the demo world."""

from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.vtask.small_world import load
from vtask.management.commands.page_times import PAGES

pytestmark = pytest.mark.django_db


def measure(**options: object) -> list[str]:
    told = StringIO()
    call_command("page_times", times=1, stdout=told, **options)
    return told.getvalue().splitlines()


def test_every_page_is_opened_once_a_line_and_nobody_stays_logged_in() -> None:
    load()
    head, *lines = measure()
    assert head.split() == ["page", "wall", "p95", "CPU", "CPU+db", "queries", "bytes"]
    assert [line[:46].strip() for line in lines] == [page.title for page in PAGES]
    assert not Session.objects.exists()


def test_a_page_above_the_limit_is_named_and_ends_with_an_error() -> None:
    load()
    with pytest.raises(CommandError, match=r"Above 0 ms: visitor rules\Z"):
        measure(only="visitor rules", limit=0)
    assert len(measure(only="visitor rules", limit=60_000)) == 1 + 1


def test_it_needs_a_demo_world() -> None:
    with pytest.raises(CommandError, match="no demo world"):
        measure()


@override_settings(VTASK_ENV="production")
def test_production_refuses() -> None:
    with pytest.raises(CommandError, match="not in production"):
        measure()
