"""Settings that must not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from vtask.checks import settings_fit_together
from vtask.keys import KEYS

ROOT = Path(__file__).resolve().parents[2]
LONG = "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def production(settings: Settings) -> Settings:
    """A production whose settings are all good."""
    settings.IS_PRODUCTION = True
    settings.DEBUG = False
    settings.CLOCK_MOVABLE = False
    settings.SECRET_KEY = settings.BLIND_INDEX_KEY = settings.METRICS_TOKEN = LONG
    settings.ALIPAY_OUT_NO_SECRET = LONG
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    settings.ALIPAY_GATEWAY_URL = "https://gateway.example/gateway.do"
    settings.ALIPAY_APP_ID = "2021000000000000"
    settings.ALIPAY_NOTIFY_URL = "https://vtask.example/notice/"
    settings.ALLOWED_HOSTS = ["vtask.example"]
    settings.SITE_URL = "https://vtask.example"
    settings.EMAIL_HOST = "mail.example"
    return settings


def found() -> list[str]:
    return [str(message.id) for message in settings_fit_together()]


def test_a_good_production_may_start(production: Settings) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEBUG", True, "vtask.E010"),
        ("CLOCK_MOVABLE", True, "vtask.E011"),
        ("SECRET_KEY", "short", "vtask.E021"),
        ("ALIPAY_GATEWAY_URL", "http://127.0.0.1:8001/gateway.do", "vtask.E030"),
        ("ALIPAY_GATEWAY_URL", "https://localhost/gateway.do", "vtask.E030"),
        ("ALIPAY_GATEWAY_URL", "http://gateway.example/gateway.do", "vtask.E031"),
        ("ALIPAY_APP_ID", "", "vtask.E032"),
        ("ALIPAY_NOTIFY_URL", "https://vtask.example/notice/?from=alipay", "vtask.E033"),
        ("ALIPAY_NOTIFY_URL", "http://vtask.example/notice/", "vtask.E033"),
        ("ALLOWED_HOSTS", [], "vtask.E040"),
        ("ALLOWED_HOSTS", ["*"], "vtask.E040"),
        ("SITE_URL", "http://vtask.example", "vtask.E041"),
        ("EMAIL_HOST", "", "vtask.E050"),
        ("MAIL_BOUNCE_SECRET", "short", "vtask.E051"),
        ("FIELD_KEYS", [], "vtask.E001"),
    ],
)
def test_production_refuses(production: Settings, name: str, value: object, number: str) -> None:
    setattr(production, name, value)

    assert found() == [number]


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "BLIND_INDEX_KEY", "METRICS_TOKEN", "ALIPAY_OUT_NO_SECRET"]
)
def test_production_refuses_a_key_of_the_tests(production: Settings, name: str) -> None:
    setattr(production, name, production.TEST_KEYS[name])

    assert found() == ["vtask.E020"]


def test_production_refuses_the_field_key_of_the_tests(production: Settings) -> None:
    production.FIELD_KEYS = [*production.FIELD_KEYS, production.TEST_KEYS["FIELD_KEYS"]]

    assert found() == ["vtask.E020"]


def test_a_field_key_of_the_wrong_form_is_refused_everywhere(settings: Settings) -> None:
    settings.FIELD_KEYS = ["not a key"]

    assert found() == ["vtask.E002"]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """What reading the settings in a fresh process says."""
    bare = {name: os.environ[name] for name in ("PATH", "VAR_DIR")}
    return subprocess.run(
        [sys.executable, "-c", "import vtask.settings"],
        env={**bare, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_kind_of_environment_does_not_start() -> None:
    assert "VTASK_ENV is demo, test or production" in start(VTASK_ENV="staging").stderr


def test_production_does_not_start_without_its_keys() -> None:
    assert "SECRET_KEY must be set in production" in start(VTASK_ENV="production").stderr


def test_argon2_hashes_passwords_outside_the_tests() -> None:
    code = "import vtask.settings as s; print(s.PASSWORD_HASHERS[0])"
    bare = {name: os.environ[name] for name in ("PATH", "VAR_DIR")}
    told = subprocess.run(
        [sys.executable, "-c", code], env=bare, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_production_binds_its_cookies_to_the_host_and_to_https(tmp_path: Path) -> None:
    names = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
    ]
    code = f"import vtask.settings as s; print([getattr(s, name) for name in {names}])"
    given = {name: LONG for name in KEYS if name != "FIELD_KEYS"}
    given["FIELD_KEYS"] = Fernet.generate_key().decode()
    servers = {"DATABASE_URL": "postgresql://d.example/v", "REDIS_URL": "redis://r.example/0"}
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **given,
            **servers,
            "PATH": os.environ["PATH"],
            "VTASK_ENV": "production",
            "VAR_DIR": str(tmp_path),
            "ALIPAY_GATEWAY_URL": "https://gateway.example/gateway.do",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "['__Host-session', '__Host-csrf', True, True]"
    assert list(tmp_path.iterdir()) == []  # and production makes no key of its own
