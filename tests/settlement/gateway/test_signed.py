"""The signed text is found byte for byte, whatever stands inside strings."""

import base64

import pytest

from settlement.gateway.signed import (
    UnreadableError,
    content,
    members,
    signed_part,
    strict_base64,
)

SIGN = base64.b64encode(b"a signature").decode()


def envelope(text: str, *, node: str = "a_response", sign: str = SIGN) -> bytes:
    return f'{{"{node}":{text},"sign":"{sign}"}}'.encode()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"code":"10000"}',
        '{"msg":"a } in a text"}',
        '{"msg":"{ and \\" and \\\\"}',
        '{"list":[{"a":"]"},{"b":[]}],"n":1.50}',
        '{ "msg" : "spaces stay" }',
        '{"msg":"\\u5931\\u8d25 失败 \\/"}',
    ],
)
def test_the_text_is_cut_out_exactly_as_it_was_sent(text: str) -> None:
    assert signed_part(envelope(text), "a_response").text == text.encode()


def test_the_name_of_the_node_inside_a_text_does_not_mislead() -> None:
    raw = b'{"note":"a_response {","a_response":{"x":"1"},"sign":"' + SIGN.encode() + b'"}'

    assert signed_part(raw, "a_response").text == b'{"x":"1"}'


def test_an_error_may_stand_in_the_place_of_the_answer() -> None:
    found = signed_part(envelope('{"code":"40002"}', node="error_response"), "a_response")

    assert found.text == b'{"code":"40002"}'


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "BAD_JSON"),
        (b"<html>Please wait</html>", "BAD_JSON"),
        (b'{"a_response":{"x":"1"}', "BAD_JSON"),
        (b'{"a_response":{"x":"1"},"sign":"YQ=="} {}', "MORE_THAN_ONE_VALUE"),
        (b'{"a_response":{"x":"1"}}', "UNSIGNED"),
        (b'{"a_response":{"x":"1"},"sign":""}', "UNSIGNED"),
        (b'{"a_response":{"x":"1"},"sign":7}', "BAD_JSON"),
        (b'{"b_response":{"x":"1"},"sign":"YQ=="}', "NO_SUCH_NODE"),
        (b'{"a_response":{},"error_response":{},"sign":"YQ=="}', "NO_SUCH_NODE"),
        (b'{"a_response":{},"a_response":{},"sign":"YQ=="}', "MEMBER_TWICE"),
        (b'{"a_response":{"x":"1"},"sign":"Y Q=="}', "BAD_BASE64"),
    ],
)
def test_anything_else_is_unreadable(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=f"^{reason}$"):
        signed_part(raw, "a_response")


def test_spaces_between_the_members_do_no_harm() -> None:
    assert members(b' { "a" : [1, 2] ,\n "b" : true } ') == {b"a": b"[1, 2]", b"b": b"true"}


@pytest.mark.parametrize("text", ["YR==", "YQ=", "YQ", "YQ==\n", "Y*Q=", "é"])
def test_only_the_one_true_base64_form_of_a_signature_is_read(text: str) -> None:
    with pytest.raises(UnreadableError, match="BAD_BASE64"):
        strict_base64(text)


def test_numbers_in_an_answer_stay_text() -> None:
    assert content(b'{"amount":12.30,"count":2}') == {"amount": "12.30", "count": "2"}


@pytest.mark.parametrize(
    "text", [b"[]", b'"x"', b"\xff", b'{"a":"1","a":"2"}', b'{"a":{"b":1,"b":2}}']
)
def test_a_content_with_two_meanings_is_unreadable(text: bytes) -> None:
    with pytest.raises(UnreadableError):
        content(text)
