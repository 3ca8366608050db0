"""Whatever single byte changes on the way, the answer or the notice is not believed."""

import base64

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from settlement.gateway import adapter
from settlement.gateway.adapter import Outcome
from settlement.gateway.notices import BadNotice, verify
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import alipay_says, signed
from tests.settlement.gateway.asks import ask, found_done
from tests.settlement.gateway.test_notices import notice

ANSWER = signed("alipay_trade_query_response", found_done(Kind.CAPTURE))
FORM = notice()
NAMES = sorted(FORM)
quiet = settings(max_examples=300, deadline=None, derandomize=True, database=None)
masks = st.integers(1, 255)


def flipped(raw: bytes, at: int, mask: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ mask]) + raw[at + 1 :]


def test_the_answer_and_the_notice_are_good_as_they_are() -> None:
    with alipay_says(ANSWER):
        assert adapter.query(ask(Kind.CAPTURE)).outcome is Outcome.SUCCESS
    assert verify(FORM).kind is Kind.FREEZE


@quiet
@given(at=st.integers(0, len(ANSWER) - 1), mask=masks)
@example(at=len(ANSWER) - 5, mask=1)  # spare bits of the last base64 character
@example(at=len(ANSWER) - 5, mask=2)
def test_no_byte_of_an_answer_can_change(at: int, mask: int) -> None:
    with alipay_says(flipped(ANSWER, at, mask)):
        assert adapter.query(ask(Kind.CAPTURE)).outcome is Outcome.UNKNOWN


@quiet
@given(data=st.data(), name=st.sampled_from(NAMES), mask=st.integers(1, 127))
def test_no_character_of_a_notice_can_change(data: st.DataObject, name: str, mask: int) -> None:
    value = FORM[name] or "x"
    at = data.draw(st.integers(0, len(value) - 1))
    changed = value[:at] + chr(ord(value[at]) ^ mask) + value[at + 1 :]

    with pytest.raises(BadNotice):
        verify({**FORM, name: changed})


@quiet
@given(name=st.sampled_from(NAMES))
def test_no_field_of_a_notice_can_be_left_out(name: str) -> None:
    if FORM[name]:
        with pytest.raises(BadNotice):
            verify({other: value for other, value in FORM.items() if other != name})


@quiet
@given(at=st.integers(0, 255), mask=masks)
def test_no_bit_of_a_signature_can_change(at: int, mask: int) -> None:
    changed = flipped(base64.b64decode(FORM["sign"]), at, mask)

    with pytest.raises(BadNotice):
        verify({**FORM, "sign": base64.b64encode(changed).decode()})
