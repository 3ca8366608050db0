"""The local Alipay as a process of its own, and its control port."""

import csv
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.environment import ROOT
from tests.faults.waiting import eventually
from vtask.embedded import free_port

NOTIFY_SPEED = 1000  # the repeats of a notice come within the minute


@dataclass(frozen=True)
class Alipay:
    """What tests may do to Alipay, and its books."""

    port: int
    control_port: int
    keys_dir: Path

    @property
    def settings(self) -> dict[str, Any]:
        """The platform's settings that lead here."""
        url = f"http://127.0.0.1:{self.port}/gateway.do"
        return {"ALIPAY_GATEWAY_URL": url, "ALIPAY_KEYS_DIR": self.keys_dir}

    def answers(self) -> bool:
        try:
            return bool(self._ask("GET", "/faults").is_success)
        except httpx.TransportError:
            return False

    # what goes wrong

    def fault(self, name: str, **given: Any) -> None:
        """Switch a fault on: method, out_no, times, and what else it takes."""
        self._ask("POST", "/faults", json={"name": name, **given}).raise_for_status()

    def no_faults(self) -> None:
        self._ask("DELETE", "/faults").raise_for_status()

    def struck(self) -> dict[str, int]:
        return dict(self._ask("GET", "/faults").json())

    def late_requests_arrive(self) -> int:
        return int(self._ask("POST", "/late").json()["executed"])

    # what people do

    def payer_confirms(self, out_no: str, payer: str = "demo.payer@example.com") -> bool:
        """Whether he could: False when the freeze is not open (any more)."""
        told = self._ask("POST", f"/freezes/{out_no}/confirm", json={"payer": payer})
        return told.is_success and told.json()["status"] == "AUTHORIZED"

    def payer_cancels(self, out_no: str) -> None:
        self._ask("POST", f"/freezes/{out_no}/cancel")

    def freeze_ends(self, out_no: str) -> None:
        self._ask("POST", f"/freezes/{out_no}/expire").raise_for_status()

    def account_closes(self, logon_id: str) -> None:
        self._ask("POST", f"/accounts/{logon_id}/close").raise_for_status()

    def opens(self, logon_id: str, name: str, *, balance_fen: int = 0, payer: bool = False) -> None:
        facts = {"logon_id": logon_id, "name": name, "balance_fen": balance_fen, "is_payer": payer}
        self._ask("POST", "/accounts", json=facts).raise_for_status()

    def bounces(self, out_no: str) -> None:
        self._ask("POST", f"/transfers/{out_no}/give-back").raise_for_status()

    def delivers_notices(self) -> None:
        self._ask("POST", "/notices/deliver").raise_for_status()

    # its books

    def books(self) -> dict[str, Any]:
        return dict(self._ask("GET", "/books").json())

    def executed(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/operations").json())

    def notices(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "/notices").json())

    def bill(self, day: date) -> list[tuple[str, str, str]]:
        """The rows of a day: number, income and expense as the bill writes them."""
        packed = self._ask("GET", f"/bills/signcustomer/{day.isoformat()}").content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            text = archive.read(archive.namelist()[0]).decode("gb18030")
        rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
        return [(row[1], row[5], row[6]) for row in rows[1:]]

    def _ask(self, verb: str, path: str, **more: Any) -> httpx.Response:
        url = f"http://127.0.0.1:{self.control_port}{path}"
        with httpx.Client(trust_env=False, verify=False, timeout=60) as http:
            return http.request(verb, url, **more)


def an_alipay(var_dir: Path) -> Alipay:
    return Alipay(free_port(), free_port(), var_dir / "alipay")


def command(alipay: Alipay) -> list[str]:
    return [
        sys.executable, "-m", "sandbox", "--open-accounts", f"--port={alipay.port}",
        f"--control-port={alipay.control_port}", f"--notify-speed={NOTIFY_SPEED}",
    ]  # fmt: skip


def environment(alipay: Alipay, database_url: str) -> dict[str, str]:
    told = {
        "ALIPAY_DATABASE_URL": database_url,
        "ALIPAY_KEYS_DIR": str(alipay.keys_dir),
        "ALIPAY_PUBLIC_URL": f"http://127.0.0.1:{alipay.port}",
    }
    return os.environ | told


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """A database for empty books, gone afterwards. Numbers are derived, so old ones would meet."""
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
        server.execute(drop)
        yield url
        server.execute(drop)


@contextmanager
def running(var_dir: Path, database_url: str) -> Iterator[Alipay]:
    """Alipay as a process, as long as the block lasts."""
    alipay = an_alipay(var_dir)
    log = (var_dir / "alipay.log").open("ab")
    process = subprocess.Popen(
        command(alipay), env=environment(alipay, database_url), cwd=ROOT, stdout=log, stderr=log
    )
    try:
        eventually(alipay.answers, within=60, what="Alipay answers")
        yield alipay
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
