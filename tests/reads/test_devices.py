# ruff: noqa: E501 - one request per line
"""A device is known again on the same link and day, and nowhere else."""

from typing import Any

import pytest
from django.test import override_settings

from reads.devices import device_of, network_of

pytestmark = pytest.mark.rule("V60")

SEEN: dict[str, Any] = {
    "link": "1:d:1",
    "network": "203.0.113.7",
    "user_agent": "Mozilla/5.0",
    "salt": b"monday",
}


def test_the_same_device_is_known_again_on_the_same_day_and_link() -> None:
    assert device_of(**SEEN) == device_of(**SEEN)
    assert len(device_of(**SEEN)) == 16


@pytest.mark.parametrize(
    "other",
    [
        {"link": "1:d:2"},
        {"network": "203.0.113.8"},
        {"user_agent": "Mozilla/5.0 (iPhone)"},
        {"salt": b"tuesday"},
    ],
    ids=["another link", "another network", "another browser", "another day"],
)
def test_anything_else_is_another_device(other: dict[str, Any]) -> None:
    assert device_of(**SEEN) != device_of(**{**SEEN, **other})


def test_without_the_key_nobody_computes_a_device() -> None:
    with override_settings(BLIND_INDEX_KEY="another key"):
        other = device_of(**SEEN)
    assert other != device_of(**SEEN)


def test_neither_address_nor_browser_stands_in_what_is_kept() -> None:
    kept = device_of(**SEEN)
    assert b"203" not in kept
    assert b"Mozilla" not in kept


def test_a_broken_user_agent_is_a_device_too() -> None:
    assert len(device_of(**{**SEEN, "user_agent": "Mozilla/5.0 \udcff"})) == 16


@pytest.mark.parametrize(
    ("meta", "proxies", "network"),
    [
        ({"REMOTE_ADDR": "203.0.113.7"}, 0, "203.0.113.7"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}, 0, "10.0.0.1"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}, 1, "198.51.100.9"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.9"}, 1, "198.51.100.9"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.9, 10.0.0.2"}, 2, "198.51.100.9"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 2, "10.0.0.1"),
        ({"REMOTE_ADDR": "10.0.0.1"}, 1, "10.0.0.1"),
        ({"REMOTE_ADDR": "2001:db8:1:2:aaaa::1"}, 0, "2001:db8:1:2::/64"),
        ({"REMOTE_ADDR": "::ffff:203.0.113.7"}, 0, "203.0.113.7"),
        ({"REMOTE_ADDR": ""}, 0, ""),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "nonsense"}, 1, ""),
    ],
)  # fmt: skip
def test_the_network_is_what_our_own_proxies_have_seen(
    meta: dict[str, object], proxies: int, network: str
) -> None:
    assert network_of(meta, proxies=proxies) == network
