"""Our own numbers: derived, so that a lost row cannot be paid twice."""

import base64
import hashlib
import hmac
import re

import pytest

from settlement.kinds import Kind
from settlement.out_no import out_no

SECRET = b"only for tests"


def test_a_number_is_the_kinds_letter_and_the_first_26_characters_of_the_hmac() -> None:
    digest = hmac.new(SECRET, b"order:12|CAPTURE|1", hashlib.sha256).digest()

    assert out_no("CAPTURE", "order:12", 1, secret=SECRET) == (
        "C" + base64.b32encode(digest).decode()[:26]
    )


@pytest.mark.parametrize("kind", Kind)
def test_a_number_is_27_characters_that_every_method_allows(kind: Kind) -> None:
    assert re.fullmatch(r"[A-Z2-7]{27}", out_no(kind, "order:12", 1, secret=SECRET))


def test_the_same_intent_has_the_same_number_again() -> None:
    before = out_no(Kind.TRANSFER, "order:12", 1, secret=SECRET)

    assert out_no("TRANSFER", "order:12", 1, secret=SECRET) == before


def test_another_intent_kind_subject_or_secret_has_another_number() -> None:
    numbers = [
        out_no(Kind.TRANSFER, "order:12", 1, secret=SECRET),
        out_no(Kind.TRANSFER, "order:12", 2, secret=SECRET),
        out_no(Kind.TRANSFER, "order:13", 1, secret=SECRET),
        out_no(Kind.REFUND, "order:12", 1, secret=SECRET),
        out_no(Kind.TRANSFER, "order:12", 1, secret=b"another"),
    ]

    assert len({number[1:] for number in numbers}) == len(numbers)


def test_each_kind_has_its_own_letter() -> None:
    assert len({out_no(kind, "order:12", 1, secret=SECRET)[0] for kind in Kind}) == len(Kind)


def test_an_unknown_kind_has_no_number() -> None:
    with pytest.raises(ValueError, match="GIFT"):
        out_no("GIFT", "order:12", 1, secret=SECRET)
