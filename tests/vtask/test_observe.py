"""What never gets into a log."""

import json
import logging

import pytest
import structlog

from vtask.observe import HIDDEN, logging_config, without_secrets


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("charset=utf-8&sign=Mq2Lz%2F9aB%3D%3D&version=1.0", "Mq2Lz%2F9aB%3D%3D"),
        ('{"sign": "Mq2Lz/9aB==", "code": "10000"}', "Mq2Lz/9aB=="),
        ("{'password': 'correct horse', 'x': 1}", "correct horse"),
        ("password=hunter2", "hunter2"),
        ("new_password1=hunter2&csrf=1", "hunter2"),
        ("Authorization: Bearer abc.def.ghi", "abc.def.ghi"),
        ("Cookie: session=8f3kd9; csrf=1d", "8f3kd9"),
        ("Set-Cookie: __Host-session=8f3kd9; Path=/", "8f3kd9"),
        ('biz_content={"payee_info":{"identity":"a@b.cn"}}', "a@b.cn"),
        ('"biz_content": "{\\"identity\\":\\"a@b.cn\\"}"', "a@b.cn"),
        ("app_private_key=MIIEvQIBADANBg", "MIIEvQIBADANBg"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ\nIBADAN\n-----END RSA PRIVATE KEY-----",
            "IBADAN",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\nIBADAN", "IBADAN"),
        ("csrfmiddlewaretoken=kjh34kjh", "kjh34kjh"),
        ("call 13812345678 now", "13812345678"),
        ("call +86 13812345678 now", "13812345678"),
        ("contact_phone: 021-5555", "021-5555"),
        ("payee_logon_id=creator@vtask.example", "creator@vtask.example"),
    ],
)
def test_a_secret_in_a_text_is_hidden(said: str, secret: str) -> None:
    clean = without_secrets(said)

    assert secret not in clean
    assert HIDDEN in clean


@pytest.mark.parametrize(
    "said",
    [
        "sign_type=RSA2&version=1.0",
        "order 12 moved to PAID at 2024-05-01T08:00:00Z",
        "amount 138123456789 fen",
        "signal=15",
    ],
)
def test_what_is_no_secret_stays(said: str) -> None:
    assert without_secrets(said) == said


def test_a_secret_is_hidden_however_deep_it_lies() -> None:
    said = {"request": [{"headers": {"Authorization": "Bearer x", "Accept": "text/html"}}]}

    assert without_secrets(said) == {
        "request": [{"headers": {"Authorization": HIDDEN, "Accept": "text/html"}}]
    }


def test_numbers_and_nothing_stay_what_they_are() -> None:
    assert without_secrets({"order_id": 12, "note": None}) == {"order_id": 12, "note": None}


def line(record: logging.LogRecord) -> dict[str, object]:
    config = logging_config("INFO")["formatters"]["json"]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=config["foreign_pre_chain"], processors=config["processors"]
    )
    told: dict[str, object] = json.loads(formatter.format(record))
    return told


def record(text: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    return logging.getLogger("some.library").makeRecord(
        "some.library",
        logging.WARNING,
        "file.py",
        1,
        text,
        args,
        exc_info,  # type: ignore[arg-type]
    )


def test_a_line_of_any_library_is_json_without_secrets() -> None:
    told = line(record("asked with sign=%s", "Mq2Lz"))

    assert told["event"] == f"asked with sign={HIDDEN}"
    assert (told["logger"], told["level"]) == ("some.library", "warning")


def test_the_trace_of_an_error_is_cleaned_too() -> None:
    error = ValueError("password=hunter2")

    told = line(record("failed", exc_info=(type(error), error, None)))

    assert "ValueError" in str(told["exception"])
    assert "hunter2" not in str(told["exception"])


def test_a_line_carries_the_id_of_its_request() -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc-123-def"):
        told = line(record("something"))

    assert told["request_id"] == "abc-123-def"
