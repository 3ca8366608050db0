"""What the web server calls."""

import gc
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
site = get_wsgi_application()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """One request, with room for all the calls that it makes."""
    answer: Iterable[bytes] = site(environ, start_response)
    return answer


def with_room(function: Any) -> None:
    """Let all calls that a function makes lie in one piece of memory.

    Python keeps its calls in pieces of 16 kB, and fetches and returns a piece whenever a call goes
    over the edge of the last one. Where a loop happens to begin at an edge, each of its calls pays
    for that: a page of many rows took up to half as long again, depending on nothing but how deep
    it was called. A function that says it needs more room than a piece has gets one of twice its
    size, in which all that follows has room too. Memory that is not used is not taken.
    """
    function.__code__ = function.__code__.replace(co_stacksize=ROOM)


ROOM = 33_000  # values of 8 bytes; the piece is the next power of two, 512 kB

with_room(application)

# What is there by now stays: it is not searched for garbage again and again, and is shared by all
# workers. What a page leaves behind is mostly gone without a search, so these can be rarer.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
