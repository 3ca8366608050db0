"""Keys, the production guard, and the server as a process of its own."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox import config, keys
from sandbox.__main__ import main
from sandbox.app import create_app
from tests.alipay import LocalAlipay, database_url
from tests.environment import ROOT
from tests.sandbox.caller import Caller
from vtask.embedded import free_port


def test_init_writes_private_files_and_keeps_them(tmp_path: Path) -> None:
    assert main(["init", "--keys", str(tmp_path)]) == 0
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.suffix != ".lock"}
    assert files.keys() - {".lock"} == {
        "app_private_key.pem",
        "app_public_key.pem",
        "alipay_private_key.pem",
        "alipay_public_key.pem",
        "app_cert.crt",
        "alipay_cert.crt",
        "alipay_root_cert.crt",
    }
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in files if name[0] != "."} == {
        0o600
    }
    main(["init", "--keys", str(tmp_path)])
    assert all((tmp_path / name).read_bytes() == content for name, content in files.items())
    assert keys.load(tmp_path).alipay_private.key_size == 2048


def test_it_refuses_to_start_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VTASK_ENV", "production")
    with pytest.raises(config.Forbidden):
        main([])
    with pytest.raises(config.Forbidden):
        create_app(config.Config(database_url=database_url(), keys_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


@contextmanager
def running(alipay: LocalAlipay, *arguments: str) -> Iterator[str]:
    """The server as a process on a free port, with the books of the test."""
    port = free_port()
    told = os.environ | {
        "ALIPAY_DATABASE_URL": database_url(),
        "ALIPAY_KEYS_DIR": str(alipay.keys_dir),
    }
    command = [sys.executable, "-m", "sandbox", "--port", str(port), *arguments]
    process = subprocess.Popen(command, env=told, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _listens(process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0


def _listens(process: subprocess.Popen[str]) -> None:
    """Return when the server says so; it listens already then."""
    assert process.stderr is not None
    assert any("local Alipay on" in line for line in process.stderr)


def test_the_process_answers_and_ends(app: Caller, alipay: LocalAlipay) -> None:
    control = free_port()
    with (
        running(alipay, "--control-port", str(control)) as address,
        httpx.Client(trust_env=False) as http,
    ):
        params = app.params("alipay.trade.query", {"out_trade_no": "C1"})
        assert http.get(f"{address}/healthz").text == "ok"
        answer = app.checked(http.post(f"{address}/gateway.do", data=params).text)
        assert answer["sub_code"] == "ACQ.TRADE_NOT_EXIST"

        port = f"http://127.0.0.1:{control}"
        http.post(f"{port}/faults", json={"name": "drop_before"}).raise_for_status()
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(f"{address}/gateway.do", data=params)
        assert http.get(f"{port}/faults").json() == {"drop_before": 1}
        assert http.post(f"{port}/faults", json={"name": "no"}).status_code == 400

        app.create("F1", "100.00")
        paid = http.post(f"{port}/freezes/F1/confirm", json={"payer": "payer@example.com"}).json()
        assert paid == {"status": "AUTHORIZED"}
        assert http.get(f"{port}/books").json()["total_fen"] == 0
        assert http.get(f"{port}/notices").json() == []
        http.post(f"{port}/accounts/creator@example.com/close").raise_for_status()
        refused = app.transfer("T1", "1.00")
        assert refused["sub_code"] == "PAYEE_ACCOUNT_STATUS_ERROR"
        assert [row["out_no"] for row in http.get(f"{port}/operations").json()] == ["F1"]
        assert http.get(f"{address}/books").status_code == 404


def test_seeding_opens_accounts(
    alipay: LocalAlipay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALIPAY_DATABASE_URL", database_url())
    monkeypatch.setenv("ALIPAY_KEYS_DIR", str(alipay.keys_dir))
    rows = [{"logon_id": "shop@example.com", "name": "茶店", "balance_fen": 500, "is_payer": True}]
    file = tmp_path / "people.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    assert main(["seed", str(file)]) == 0
    assert main(["seed", str(file)]) == 0
    assert alipay.balance_fen("shop@example.com") == 500
