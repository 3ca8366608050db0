"""What the web server calls has room for the calls that follow."""

import resource
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from vtask.wsgi import application, with_room

TIMES, DEEPEST, TRIES = 500, 300, 3


def a_call(a: int, b: int, c: int, d: int) -> int:
    return a + b + c + d


def a_loop(depth: int) -> None:
    """So many calls one below the other, and a loop of calls at the end."""
    if depth:
        a_loop(depth - 1)
    else:
        for n in range(TIMES):
            a_call(n, n, n, n)


def pages_fetched(call: Callable[[int], Any], depth: int) -> int:
    """How many pages of memory a call fetches; the least of some tries, since others do so too."""
    found = []
    for _ in range(TRIES):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        call(depth)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return min(found)


def most_pages(call: Callable[[int], Any]) -> int:
    """The same for the dearest of the loops, wherever it began."""
    return max(pages_fetched(call, depth) for depth in range(DEEPEST))


def roomy(depth: int) -> None:
    a_loop(depth)


def test_no_loop_pays_for_the_depth_at_which_it_begins() -> None:
    with_room(roomy)
    assert most_pages(roomy) < TIMES / 5


def test_control_without_room_some_loop_pays_with_each_call() -> None:
    assert most_pages(a_loop) >= TIMES


@pytest.mark.django_db
def test_a_request_has_it() -> None:
    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/healthz",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(),
    }
    body = b"".join(application(environ, lambda status, headers, *_more: told.append(status)))  # type: ignore[arg-type]
    assert (told, body) == (["200 OK"], b"ok")
    assert application.__code__.co_stacksize * 8 > 2**18
