"""Every address × method × viewer gives exactly the answer that `matrix.py` says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.matrix import ALLAUTH, MATRIX, Row
from tests.access.world import VIEWERS, World, a_world

LOGIN = "/accounts/login/"


def names(resolver: Any, prefix: str = "") -> Iterator[str]:
    """The names of all addresses outside the admin, which has its own test."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from names(entry, prefix + (f"{entry.namespace}:" if entry.namespace else ""))
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}"


def test_every_address_has_a_row() -> None:
    known = set(MATRIX) | set(ALLAUTH)
    found = {name for name in names(get_resolver()) if name != "None"}
    assert found - known == set()
    assert known - found == set()


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def answer(world: World, name: str, row: Row, method: str, viewer: str) -> str:
    """The status as the matrix writes it; what the request changed is undone."""
    arguments = {key: world.arguments[value] for key, value in row.arguments.items()}
    address = reverse(name, kwargs=arguments)
    return answer_at(world, address, viewer, method)


def answer_at(world: World, address: str, viewer: str, method: str = "GET") -> str:
    with transaction.atomic():
        response = getattr(world.browsers[viewer], method.lower())(address)
        transaction.set_rollback(True)
    if response.streaming:
        b"".join(response.streaming_content)
    if response.status_code == 302 and response["Location"].startswith(LOGIN):
        return "login"
    return str(response.status_code)


def expected(row: Row, method: str) -> dict[str, str]:
    answers = row.get if method == "GET" else row.post
    return dict(zip(VIEWERS, answers.split(), strict=True))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_address_answers_each_viewer_as_the_matrix_says(method: str, world: World) -> None:
    found = {
        name: {viewer: answer(world, name, row, method, viewer) for viewer in VIEWERS}
        for name, row in MATRIX.items()
    }
    assert found == {name: expected(row, method) for name, row in MATRIX.items()}


def test_the_pages_of_the_login_library_show_a_stranger_nothing_of_anybody(world: World) -> None:
    found = {
        name: " ".join(
            answer(world, name, Row("", ""), "GET", viewer) for viewer in ("anonymous", "merchant")
        )
        for name, expectation in ALLAUTH.items()
        if expectation
    }
    assert found == {name: expectation for name, expectation in ALLAUTH.items() if expectation}


def test_every_address_of_the_admin_is_hidden_from_all_but_staff(world: World) -> None:
    found = {
        (viewer, address): answer_at(world, address, viewer)
        for address in admin_addresses()
        for viewer in VIEWERS[:-1]
    }
    expected_of = {"anonymous": "login"}
    assert found == {key: expected_of.get(key[0], "404") for key in found}
    assert len(found) > 500


def admin_addresses() -> list[str]:
    """Every address under /admin/, with a 1 or a word where it takes something."""
    (admin,) = [e for e in get_resolver().url_patterns if getattr(e, "namespace", "") == "admin"]
    return sorted({f"/admin/{re.sub(r'<(int:)?[^>]+>', '1', route)}" for route in routes(admin)})


def routes(resolver: Any, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif "(?P<" not in route:
            yield route


def test_only_what_servers_report_is_free_of_the_forgery_check() -> None:
    exempt = {
        name
        for name, callback in callbacks(get_resolver())
        if getattr(callback, "csrf_exempt", False)
    }
    assert exempt == {"settlement:notice", "tasks:bounces"}


def callbacks(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = prefix + (f"{entry.namespace}:" if entry.namespace else "")
            yield from callbacks(entry, inner)
        else:
            yield f"{prefix}{entry.name}", entry.callback
