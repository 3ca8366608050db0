"""How requests travel, and that nothing which goes wrong on the way is taken for an answer."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
import time_machine
from cryptography.hazmat.primitives import hashes
from pytest_django import Settings

from settlement.gateway import adapter
from settlement.gateway.adapter import Outcome
from settlement.gateway.client import CertificateClient, PublicKeyClient, client_for
from settlement.gateway.wire import OneShotTransport, TooLargeError
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import (
    Body,
    Words,
    alipay_says,
    denied,
    done,
    sign,
    signed,
    was_signed_by_us,
    write_keys,
)
from tests.settlement.gateway.asks import ask, found_done, sent_well

NODE = "alipay_trade_query_response"
TEXT = json.dumps(found_done(Kind.CAPTURE), separators=(",", ":")).encode()


def envelope(text: bytes, signature: str) -> bytes:
    return b'{"' + NODE.encode() + b'":' + text + b',"sign":"' + signature.encode() + b'"}'


def answered(said: Any) -> adapter.Answer:
    with alipay_says(said) as alipay:
        answer = adapter.query(ask(Kind.CAPTURE))
    assert len(alipay.heard) == 1  # it is never repeated by itself
    return answer


SPOILED: dict[str, tuple[Body, str]] = {
    "no connection": (httpx.ConnectTimeout("slow"), "ConnectTimeout"),
    "no answer": (httpx.ReadTimeout("slow"), "ReadTimeout"),
    "cut": (httpx.RemoteProtocolError("cut"), "RemoteProtocolError"),
    "anything": (RuntimeError("anything"), "RuntimeError"),
    "empty": (b"", "BAD_JSON"),
    "html": (b"<html>Please try again later</html>", "BAD_JSON"),
    "content alone": (TEXT, "NO_SUCH_NODE"),
    "no sign": (b'{"' + NODE.encode() + b'":' + TEXT + b"}", "UNSIGNED"),
    "empty sign": (envelope(TEXT, ""), "UNSIGNED"),
    "sign of another": (envelope(TEXT, sign(b"something else")), "BAD_SIGNATURE"),
    "sha1": (envelope(TEXT, sign(TEXT, hashes.SHA1())), "BAD_SIGNATURE"),
    "short sign": (envelope(TEXT, "bm8="), "BAD_SIGNATURE"),
    "altered": (envelope(TEXT.replace(b"120.05", b"120.06"), sign(TEXT)), "BAD_SIGNATURE"),
    "space inside": (envelope(b"{ " + TEXT[1:], sign(TEXT)), "BAD_SIGNATURE"),
    "other method": (signed("alipay_trade_pay_response", done()), "NO_SUCH_NODE"),
    "a list": (envelope(b"[]", sign(b"[]")), "BAD_JSON"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_is_not_a_signed_answer_is_unknown(case: str) -> None:
    said, reason = SPOILED[case]

    answer = answered(said)

    assert (answer.outcome, answer.message, answer.code) == (Outcome.UNKNOWN, reason, "")


@pytest.mark.parametrize("status", [201, 302, 400, 500, 502])
def test_a_good_answer_with_another_status_is_unknown(status: int) -> None:
    headers = {"location": "https://gateway.invalid/elsewhere"}
    answer = answered(
        lambda request: httpx.Response(status, headers=headers, content=envelope(TEXT, sign(TEXT)))
    )

    assert (answer.outcome, answer.http_status) == (Outcome.UNKNOWN, status)


def test_a_signed_error_in_the_place_of_the_answer_is_read() -> None:
    words: Words = denied("isv.invalid-app-id", code="40002")

    answer = answered(signed("error_response", words))

    assert (answer.outcome, answer.sub_code) == (Outcome.CONFIG, "isv.invalid-app-id")


def test_the_bytes_of_an_answer_are_kept_as_they_came() -> None:
    body = b' {"' + NODE.encode() + b'": ' + TEXT + b' ,\n"sign":"' + sign(TEXT).encode() + b'"}'

    answer = answered(body)

    assert (answer.outcome, answer.raw, answer.http_status) == (Outcome.SUCCESS, body, 200)
    assert answer.method == "alipay.trade.query"


def test_both_answers_are_kept_when_a_query_settles_what_was_sent() -> None:
    first = signed("alipay_trade_pay_response", denied("ACQ.TRADE_HAS_SUCCESS"))
    second = envelope(TEXT, sign(TEXT))

    with alipay_says(first, second):
        answer = adapter.send(ask(Kind.CAPTURE))

    assert answer.raw == first + b"\n" + second
    assert answer.method == "alipay.trade.pay+query"


def test_a_request_is_posted_once_and_signed_over_everything_in_it() -> None:
    with alipay_says(sent_well(Kind.CAPTURE)) as alipay:
        adapter.send(ask(Kind.CAPTURE))

    form, request = dict(alipay.heard[0]), alipay.requests[0]
    signature = form.pop("sign")
    was_signed_by_us("&".join(f"{name}={form[name]}" for name in sorted(form)), signature)
    assert request.method == "POST"
    assert str(request.url) == "https://gateway.invalid/gateway.do?charset=utf-8"
    assert {name: form[name] for name in ("app_id", "charset", "sign_type", "version")} == {
        "app_id": "2021000000000001",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "version": "1.0",
    }


def test_a_request_has_the_true_time_of_shanghai() -> None:
    moment = datetime(2026, 3, 8, 23, 30, 5, tzinfo=UTC)
    with (
        time_machine.travel(moment, tick=False),
        alipay_says(found_done(Kind.CAPTURE)) as alipay,
    ):
        adapter.query(ask(Kind.CAPTURE))

    assert alipay.heard[0]["timestamp"] == "2026-03-09 07:30:05"


class Lines(logging.Handler):
    """Keeps what the libraries on the way log, whatever the project's own logging drops."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"


@pytest.fixture
def lines() -> Iterator[Lines]:
    kept, before = Lines(), {}
    for name in ("httpx", "httpcore", "python-alipay-sdk"):
        log = logging.getLogger(name)
        before[name] = log.level
        log.addHandler(kept)
        log.setLevel(logging.DEBUG)
    yield kept
    for name, level in before.items():
        logging.getLogger(name).removeHandler(kept)
        logging.getLogger(name).setLevel(level)


def test_nothing_secret_is_logged(lines: Lines) -> None:
    with alipay_says(sent_well(Kind.TRANSFER)) as alipay:
        adapter.send(ask(Kind.TRANSFER))

    form = alipay.heard[0]
    assert "gateway.invalid" in lines.text
    for secret in (form["sign"], form["sign"][:20], "biz_content", "liu@example.com", "PRIVATE"):
        assert secret not in lines.text


def test_the_sdk_has_no_say_in_logging() -> None:
    log = logging.getLogger("python-alipay-sdk")

    assert [type(handler) for handler in log.handlers] == [logging.NullHandler]
    assert not log.propagate


def test_no_representation_shows_the_payee_or_the_answer() -> None:
    with alipay_says(sent_well(Kind.TRANSFER)):
        answer = adapter.send(ask(Kind.TRANSFER))

    assert "liu@example.com" not in repr(ask(Kind.TRANSFER))
    assert "sign" not in repr(answer)


# Certificates and keys


def test_a_transfer_uses_certificates_where_there_are_any(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ALIPAY_KEYS_DIR = write_keys(tmp_path, certificates=True)

    with alipay_says(sent_well(Kind.TRANSFER), found_done(Kind.CAPTURE)) as alipay:
        assert adapter.send(ask(Kind.TRANSFER)).outcome is Outcome.SUCCESS
        assert adapter.query(ask(Kind.CAPTURE)).outcome is Outcome.SUCCESS

    assert {"app_cert_sn", "alipay_root_cert_sn"} <= alipay.heard[0].keys()
    assert "app_cert_sn" not in alipay.heard[1]


def test_everything_uses_certificates_where_there_is_nothing_else(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ALIPAY_KEYS_DIR = write_keys(tmp_path, certificates=True, public=False)

    assert isinstance(client_for(Kind.CAPTURE), CertificateClient)
    with alipay_says(found_done(Kind.CAPTURE)):
        assert adapter.query(ask(Kind.CAPTURE)).outcome is Outcome.SUCCESS


def test_without_certificates_a_transfer_uses_the_plain_keys() -> None:
    assert isinstance(client_for(Kind.TRANSFER), PublicKeyClient)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_private_key_that_others_may_read_is_refused_and_nothing_is_sent(
    settings: Settings, tmp_path: Path, mode: int
) -> None:
    settings.ALIPAY_KEYS_DIR = write_keys(tmp_path)
    (tmp_path / "app_private_key.pem").chmod(mode)

    with alipay_says() as alipay:
        answer = adapter.send(ask(Kind.TRANSFER))

    assert (answer.outcome, alipay.heard) == (Outcome.CONFIG, [])
    assert "0600" in answer.message


def test_a_private_key_that_only_its_owner_may_read_is_good(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ALIPAY_KEYS_DIR = write_keys(tmp_path)
    (tmp_path / "app_private_key.pem").chmod(0o400)

    assert isinstance(client_for(Kind.FREEZE), PublicKeyClient)


def test_missing_or_broken_keys_stop_the_queue_and_nothing_is_sent(
    settings: Settings, tmp_path: Path
) -> None:
    settings.ALIPAY_KEYS_DIR = tmp_path / "nowhere"
    with alipay_says() as alipay:
        missing = adapter.query(ask(Kind.CAPTURE))
        settings.ALIPAY_KEYS_DIR = write_keys(tmp_path / "broken")
        (tmp_path / "broken" / "alipay_public_key.pem").write_text("no key")
        broken = adapter.query(ask(Kind.CAPTURE))

    assert (missing.outcome, broken.outcome) == (Outcome.CONFIG, Outcome.CONFIG)
    assert alipay.heard == []


# The wire itself


@contextmanager
def server(*chunks: bytes, wait: threading.Event | None = None) -> Iterator[str]:
    """A server that answers the first connection with these bytes, one by one after the first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done_with = wait or threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, chunks, done_with), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/gateway.do"
        done_with.set()
        thread.join()


def _serve(listener: socket.socket, chunks: tuple[bytes, ...], done_with: threading.Event) -> None:
    connection, _address = listener.accept()
    with connection:
        connection.recv(65536)
        try:
            for chunk in chunks:
                connection.sendall(chunk)
                if len(chunk) == 1:
                    done_with.wait(0.02)
            done_with.wait()
        except OSError:
            return


def post(url: str, total_s: float = 5) -> httpx.Response:
    with httpx.Client(transport=OneShotTransport(total_s), trust_env=False) as http:
        return http.post(url, content=b"a=b")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"


def test_the_transport_brings_back_status_and_bytes() -> None:
    with server(b"HTTP/1.1 418 No\r\nContent-Length: 3\r\n\r\nabc") as url:
        response = post(url)

    assert (response.status_code, response.content) == (418, b"abc")


def test_a_peer_that_sends_a_byte_now_and_then_does_not_hold_a_worker() -> None:
    with server(HEAD, *[b"x"] * 1000) as url, pytest.raises(httpcore.ReadTimeout):
        post(url, total_s=0.2)


def test_a_peer_that_says_nothing_does_not_hold_a_worker() -> None:
    with server() as url, pytest.raises(httpcore.ReadTimeout):
        post(url, total_s=0.1)


def test_an_answer_of_two_megabytes_is_not_read_to_its_end() -> None:
    with server(HEAD, b"xx" * 1_000_000) as url, pytest.raises(TooLargeError):
        post(url)


def test_without_a_replacement_the_network_is_used(settings: Settings) -> None:
    body = b'{"' + NODE.encode() + b'":' + TEXT + b',"sign":"' + sign(TEXT).encode() + b'"}'
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    with server(head + body) as url:
        settings.ALIPAY_GATEWAY_URL = url
        assert adapter.query(ask(Kind.CAPTURE)).outcome is Outcome.SUCCESS


def test_a_gateway_that_is_not_there_is_unknown(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.ALIPAY_GATEWAY_URL = f"http://127.0.0.1:{port}/gateway.do"

    answer = adapter.send(ask(Kind.TRANSFER))

    assert (answer.outcome, answer.message) == (Outcome.UNKNOWN, "ConnectError")


def test_an_answer_with_a_brace_in_a_text_is_good() -> None:
    words = done(**{**found_done(Kind.CAPTURE), "subject": 'a } and a "{"'})

    assert answered(words).outcome is Outcome.SUCCESS
