"""The pages opened in this process, without a web server: for how their cost grows."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.test import Client

from bench import visits


@cache
def pages() -> dict[str, tuple[str, str, int]]:
    """The address, the cookie and the queries of each page, by its name."""
    found: dict[str, tuple[str, str, int]] = visits.visits()["pages"]
    return found


def open_page(page: str, n: int) -> dict[str, Any]:
    """So many times the same page, by somebody who may see it."""
    path, cookie, queries = pages()[page]
    browser = Client(headers={"host": "localhost", "accept-language": "en", "cookie": cookie})
    for _ in range(n):
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    return {"queries": queries}


def page_names() -> dict[str, Any]:
    return {"names": list(pages())}


DOINGS: dict[str, Callable[..., Any]] = {"open": open_page, "page_names": page_names}
