"""Finds the signed text in an answer of Alipay.

The signature covers the bytes of one member of the outermost object, exactly as they were sent. So
they are cut out by a scanner that knows strings and escapes: counting braces alone goes wrong as
soon as a text has one.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_PLAIN = re.compile(rb'[^\s"{}\[\],:]+')
# Inside a nested value: a whole string, one bracket, or anything that is neither.
_PIECE = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"|[{}\[\]]|[^"{}\[\]]+', re.DOTALL)
_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")
ERROR_NODE = "error_response"


class UnreadableError(ValueError):
    """The bytes are not one JSON object with a signed member; the argument is a code for it."""


@dataclass(frozen=True)
class Signed:
    """The text that was signed, exactly as sent, and the signature, decoded."""

    text: bytes
    signature: bytes


def members(raw: bytes) -> dict[bytes, bytes]:
    """The members of the outermost object: name without quotes, and the value's own bytes."""
    found: dict[bytes, bytes] = {}
    at = _expect(raw, _skip(raw, 0), b"{")
    while True:
        name, at = _token(_STRING, raw, _skip(raw, at))
        start = _skip(raw, _expect(raw, _skip(raw, at), b":"))
        at = _end_of_value(raw, start)
        if name[1:-1] in found:
            raise UnreadableError("MEMBER_TWICE")
        found[name[1:-1]] = raw[start:at]
        at = _skip(raw, at)
        if raw[at : at + 1] != b",":
            break
        at += 1
    if _skip(raw, _expect(raw, at, b"}")) != len(raw):
        raise UnreadableError("MORE_THAN_ONE_VALUE")
    return found


def signed_part(raw: bytes, node: str) -> Signed:
    """The member `node`, or error_response in its place, and its signature.

    Raises UnreadableError: "UNSIGNED" when there is no signature.
    """
    found = members(raw)
    texts = [found[name] for name in (node.encode(), ERROR_NODE.encode()) if name in found]
    if len(texts) != 1:
        raise UnreadableError("NO_SUCH_NODE")
    if found.get(b"sign", b'""') == b'""':
        raise UnreadableError("UNSIGNED")
    return Signed(texts[0], strict_base64(_text(found[b"sign"])))


def strict_base64(text: str) -> bytes:
    """Decodes only the one canonical form, so that no byte of a signature can be changed."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("BAD_BASE64") from error
    if base64.b64encode(decoded).decode() != text:
        raise UnreadableError("BAD_BASE64")
    return decoded


def content(text: bytes) -> dict[str, Any]:
    """The object in the signed text. Numbers stay text: money never passes through a float."""
    try:
        value = json.loads(
            text.decode("utf-8"), parse_float=str, parse_int=str, object_pairs_hook=_once
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableError("BAD_JSON") from error
    if not isinstance(value, dict):
        raise UnreadableError("BAD_JSON")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("MEMBER_TWICE")
    return found


def _text(value: bytes) -> str:
    try:
        text = json.loads(value)
    except ValueError as error:
        raise UnreadableError("BAD_JSON") from error
    if not isinstance(text, str):
        raise UnreadableError("BAD_JSON")
    return text


def _skip(raw: bytes, at: int) -> int:
    match = _SPACE.match(raw, at)
    return match.end() if match else at


def _expect(raw: bytes, at: int, byte: bytes) -> int:
    if raw[at : at + 1] != byte:
        raise UnreadableError("BAD_JSON")
    return at + 1


def _token(pattern: re.Pattern[bytes], raw: bytes, at: int) -> tuple[bytes, int]:
    match = pattern.match(raw, at)
    if match is None:
        raise UnreadableError("BAD_JSON")
    return match.group(), match.end()


def _end_of_value(raw: bytes, at: int) -> int:
    if raw[at : at + 1] == b'"':
        return _token(_STRING, raw, at)[1]
    if raw[at : at + 1] not in _OPENING:
        return _token(_PLAIN, raw, at)[1]
    depth = 0
    while True:
        piece, at = _token(_PIECE, raw, at)
        depth += (piece in _OPENING) - (piece in _CLOSING)
        if depth == 0:
            return at
