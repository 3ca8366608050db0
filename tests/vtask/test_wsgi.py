"""What the web server calls has room for the calls that follow."""

import resource
from collections.abc import Callable
from io import BytesIO
from typing import Any

from vtask.wsgi import application, with_room

TIMES, DEEPEST = 500, 300


def a_call(a: int, b: int, c: int, d: int) -> int:
    return a + b + c + d


def a_loop(depth: int) -> None:
    """So many calls one below the other, and a loop of calls at the end."""
    if depth:
        a_loop(depth - 1)
    else:
        for n in range(TIMES):
            a_call(n, n, n, n)


def most_pages(call: Callable[[int], Any]) -> int:
    """How many pages of memory the dearest of the loops has fetched, wherever it began."""
    found = []
    for depth in range(DEEPEST):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        call(depth)
        found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    return max(found)


def roomy(depth: int) -> None:
    a_loop(depth)


def test_no_loop_pays_for_the_depth_at_which_it_begins() -> None:
    with_room(roomy)
    assert most_pages(roomy) < TIMES / 5


def test_control_without_room_some_loop_pays_with_each_call() -> None:
    assert most_pages(a_loop) >= TIMES


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
