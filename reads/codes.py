"""The codes of short links: made from what they lead to, so that nothing has to be kept for them.

A code is a letter for the kind, its numbers in base 36, and eight characters that only this site
can work out: `d7k-x3m8q2wa`. Nobody finds another link by counting on, and every link that was
ever handed in has its code already. Pure: no database, clock or network.
"""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Without vowels no word comes about; without 0, 1 and l nobody mistypes.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
CHECK_CHARS = 8
LONGEST = 48


class BadCode(ValueError):
    """No code of ours: made up, cut off or altered."""


def encode(kind: str, *numbers: int) -> str:
    """The code of a link of this kind (one letter) with these numbers."""
    body = _body(kind, numbers)
    return f"{body}-{_check(body)}"


def decode(code: str) -> tuple[str, tuple[int, ...]]:
    """The kind and the numbers of a code. Raises BadCode."""
    body, _, check = code.rpartition("-")
    if not body or len(code) > LONGEST or not code.isascii():
        raise BadCode
    if not hmac.compare_digest(check, _check(body)):
        raise BadCode
    return body[0], tuple(int(part, 36) for part in body[1:].split("-"))


def _body(kind: str, numbers: tuple[int, ...]) -> str:
    assert len(kind) == 1
    assert kind in DIGITS
    return kind + "-".join(_base36(number) for number in numbers)


def _base36(number: int) -> str:
    assert number >= 0
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


def _check(body: str) -> str:
    """One of 28^8, some 380,000 million."""
    number = int.from_bytes(hmac.digest(_key(), body.encode(), "sha256")[:8])
    signs = ""
    for _ in range(CHECK_CHARS):
        number, rest = divmod(number, len(ALPHABET))
        signs += ALPHABET[rest]
    return signs


def _key() -> bytes:
    return _derived(settings.BLIND_INDEX_KEY)


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    """From a key that is kept for ever: links stand in published content and cannot be renewed."""
    return hashlib.sha256(b"vtask short link\0" + secret.encode()).digest()
