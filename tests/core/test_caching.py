"""The cache asks Redis through one client."""

from threading import Thread
from typing import Any

from django.core.cache import cache, caches

kept: Any = cache


def test_what_is_put_in_is_found_and_can_be_taken_out() -> None:
    cache.set("caching", {"a": 1})
    assert cache.get("caching") == {"a": 1}
    cache.delete("caching")
    assert cache.get("caching") is None


def test_all_questions_of_a_thread_go_through_one_client() -> None:
    clients = {id(kept._cache.get_client("a")), id(kept._cache.get_client("b", write=True))}
    assert len(clients) == 1


def test_another_thread_has_a_client_of_its_own() -> None:
    found: list[Any] = []
    asks = Thread(target=lambda: found.append(caches["default"]._cache.get_client("a")))  # type: ignore[attr-defined]
    asks.start()
    asks.join()
    assert found[0] is not kept._cache.get_client("a")
