"""Codes of short links: readable by us alone, and never another link's by a slip (V60)."""

import pytest
from django.test import override_settings

from reads.codes import ALPHABET, BadCode, decode, encode

pytestmark = pytest.mark.rule("V60")


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [("d", (1,)), ("d", (35,)), ("d", (36,)), ("d", (10**12,)), ("p", (7, 9)), ("p", (0, 1))],
)
def test_a_code_says_what_it_was_made_from(kind: str, numbers: tuple[int, ...]) -> None:
    assert decode(encode(kind, *numbers)) == (kind, numbers)


def test_a_code_is_short_and_the_same_every_time() -> None:
    code = encode("d", 123_456)
    assert code == encode("d", 123_456)
    assert code.startswith("d2n9c-")
    assert len(code) == 14
    assert set(code.partition("-")[2]) <= set(ALPHABET)


def test_codes_do_not_follow_one_another() -> None:
    checks = {encode("d", number).rpartition("-")[2] for number in range(1, 2001)}
    assert len(checks) == 2000


@pytest.mark.parametrize("place", range(len("d2n9c-xxxxxxxx")))
def test_a_code_with_one_sign_altered_is_none(place: int) -> None:
    code = encode("d", 123_456)
    altered = code[:place] + ("2" if code[place] != "2" else "3") + code[place + 1 :]
    with pytest.raises(BadCode):
        decode(altered)


@pytest.mark.parametrize(
    "text",
    ["", "-", "d", "d1", "d1-", "-22222222", "d1-22222222", "p-1-2-3", "d１-22222222", "d1-２２"],
)
def test_what_is_made_up_is_none(text: str) -> None:
    with pytest.raises(BadCode):
        decode(text)


def test_a_code_that_is_too_long_is_none_before_anything_is_computed() -> None:
    with pytest.raises(BadCode):
        decode(encode("p", 10**30, 10**30))


def test_a_number_written_in_another_way_is_another_code() -> None:
    body, _, check = encode("d", 1).rpartition("-")
    with pytest.raises(BadCode):
        decode(f"d0{body[1:]}-{check}")
    with pytest.raises(BadCode):
        decode(encode("d", 10).upper())


def test_another_sites_codes_are_none_of_ours() -> None:
    with override_settings(BLIND_INDEX_KEY="the key of another site"):
        theirs = encode("d", 1)
    with pytest.raises(BadCode):
        decode(theirs)
