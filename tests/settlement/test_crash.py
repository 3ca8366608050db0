"""The places at which a process can be made to die."""

import os
import subprocess
import sys

import pytest
from pytest_django import Settings

from settlement import crash
from tests.environment import ROOT
from vtask.settings import TEST_KEYS

PASS_THREE_TIMES = """
import django; django.setup()
from settlement import crash
for number in (1, 2, 3):
    crash.here("before-doorbell")
    crash.here("after-T1")
    print(number, flush=True)
"""

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "vtask.settings",
    "DATABASE_URL": "postgresql://vtask@database.example/vtask",
    "REDIS_URL": "rediss://queue.example/0",
    "ALLOWED_HOSTS": "vtask.example",
    "SITE_URL": "https://vtask.example",
    "ALIPAY_GATEWAY_URL": "https://gateway.example/gateway.do",
}


def passes(crash_at: str, env: str = "test") -> subprocess.CompletedProcess[str]:
    told = os.environ | TEST_KEYS | PRODUCTION | {"CRASH_AT": crash_at, "VTASK_ENV": env}
    command = [sys.executable, "-c", PASS_THREE_TIMES]
    return subprocess.run(command, env=told, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_process_dies_at_the_named_pass_of_the_named_place() -> None:
    done = passes("after-T1:2")
    assert (done.returncode, done.stdout) == (crash.KILLED, "1\n")


def test_production_refuses_to_start_with_a_crash_switched_on() -> None:
    done = passes("after-T1:1", env="production")
    assert done.returncode == 1
    assert "CRASH_AT and TIME_COMPRESSION are for tests only" in done.stderr


def test_without_the_setting_nothing_happens(settings: Settings) -> None:
    settings.CRASH_AT = ""
    for point in crash.POINTS:
        crash.here(point)


def test_another_place_is_passed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CRASH_AT = "after-T1:1"
    monkeypatch.setattr("os._exit", pytest.fail)
    crash.here("after-T2")
