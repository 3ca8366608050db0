"""The local Alipay inside the test's own process, over the very same wire protocol.

    alipay = local_alipay()
    with use_transport(alipay.transport), override_settings(**alipay.settings): ...

One database and one pair of keys per process; every call of `local_alipay` empties the books.
"""

import atexit
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from psycopg.conninfo import make_conninfo

from sandbox import books, freezes, notices, operations, payer, transfers
from sandbox.alipay import Alipay
from sandbox.app import alipay_of, create_app
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.gateway import ConnectionCut
from tests.environment import HAS_SERVERS, PLACE

GATEWAY_URL = "http://alipay.test/gateway.do"
Post = Callable[[str, dict[str, str]], tuple[int, str]]
# Emptied row by row, children first: faster than TRUNCATE for the few rows of a test.
_EMPTY = """
ALTER TABLE movements DISABLE TRIGGER USER;
DELETE FROM notices; DELETE FROM transfers; DELETE FROM refunds; DELETE FROM trades;
DELETE FROM freeze_operations; DELETE FROM freezes; DELETE FROM movements; DELETE FROM accounts;
ALTER TABLE movements ENABLE TRIGGER USER;
"""


class Postman:
    """Keeps what was posted, and hands it on to whoever listens."""

    def __init__(self) -> None:
        self.posted: list[dict[str, str]] = []
        self.listener: Post | None = None

    def __call__(self, url: str, form: dict[str, str]) -> tuple[int, str]:
        self.posted.append(form)
        return self.listener(url, form) if self.listener else (200, "success")

    def reset(self) -> None:
        self.posted.clear()
        self.listener = None


class Line(httpx.BaseTransport):
    """httpx's way into the application; a cut line becomes httpx's own error."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(request)
        except ConnectionCut as cut:
            raise httpx.ReadError("the connection was cut", request=request) from cut


class LocalAlipay:
    """What a test sees of Alipay: people, books, executed operations, faults and notices."""

    def __init__(self, app: Any, postman: Postman) -> None:
        self.app = app
        self.house: Alipay = alipay_of(app)
        self.postman = postman
        self.transport = Line(app)

    @property
    def faults(self) -> Faults:
        """The switches: `alipay.faults.on("drop_after", method="alipay.trade.pay")`."""
        return self.house.faults

    @property
    def keys_dir(self) -> Path:
        return self.house.config.keys_dir

    @property
    def settings(self) -> dict[str, Any]:
        """The platform's settings that lead here, for `override_settings`."""
        return {
            "ALIPAY_GATEWAY_URL": GATEWAY_URL,
            "ALIPAY_APP_ID": self.house.config.app_id,
            "ALIPAY_KEYS_DIR": self.keys_dir,
            "ALIPAY_SELLER_ID": self.house.config.seller_id,
        }

    # people

    def open_payer(self, logon_id: str = "payer@example.com", *, balance_fen: int = 10**9) -> str:
        """Open an account that can pay; returns its user id."""
        return self._open(logon_id, "Payer", balance_fen, is_payer=True)

    def open_payee(self, logon_id: str, name: str) -> str:
        """Open an account that can be paid; returns its user id."""
        return self._open(logon_id, name, 0, is_payer=False)

    def close_account(self, logon_id: str) -> None:
        books.close_account(self.house.pool, logon_id)

    def _open(self, logon_id: str, name: str, balance_fen: int, *, is_payer: bool) -> str:
        at, pool = self.house.now(), self.house.pool
        account = books.open_account(pool, logon_id, name, balance_fen, at=at, is_payer=is_payer)
        return account.user_id

    # what the payer and Alipay itself do

    def pay(self, out_order_no: str, payer_logon_id: str = "payer@example.com") -> None:
        """The payer confirms a freeze."""
        payer.confirm(self.house, out_order_no, payer_logon_id)

    def cancel_at_cashier(self, out_order_no: str) -> None:
        """The payer says no."""
        payer.confirm(self.house, out_order_no, None)

    def expire(self, out_order_no: str) -> None:
        """The freeze ends at Alipay's side."""
        freezes.expire(self.house, out_order_no)

    def give_back(self, out_biz_no: str) -> None:
        """A transfer bounces."""
        transfers.give_back(self.house, out_biz_no)

    def deliver_notices(self) -> int:
        """Send what is due now; returns how many were answered with `success`."""
        return notices.deliver_due(self.house, at=self.house.now())

    # books

    def balance_fen(self, logon_id: str) -> int:
        """What this account can spend."""
        return books.account_of(self.house.pool, logon_id).balance_fen

    def frozen_fen(self, logon_id: str) -> int:
        return books.account_of(self.house.pool, logon_id).frozen_fen

    @property
    def platform_fen(self) -> int:
        """The balance of the platform's own account."""
        return self.balance_fen(self.house.config.seller_logon_id)

    @property
    def total_fen(self) -> int:
        """The sum over all accounts, the outside world included: always zero."""
        return books.total_fen(self.house.pool)

    def differences(self) -> list[dict[str, object]]:
        """Accounts that are not what their movements add up to: none."""
        return books.differences(self.house.pool)

    def executed(self, out_no: str | None = None) -> list[dict[str, Any]]:
        """Executed operations: kind, out_no, amount_fen, status, done_at."""
        return operations.executed(self.house, out_no)

    def reset(self) -> None:
        """Empty books, no faults, no notices."""
        with self.house.transaction() as conn:
            conn.execute(_EMPTY)
        books.found_books(self.house.pool, self.house.config, at=self.house.now())
        self.faults.off()
        self.faults.struck.clear()
        self.postman.reset()


def local_alipay() -> LocalAlipay:
    """The local Alipay of this process, with empty books."""
    alipay = _of_this_process()
    alipay.reset()
    return alipay


@cache
def _of_this_process() -> LocalAlipay:
    postman = Postman()
    keys_dir = tempfile.TemporaryDirectory(prefix="alipay-keys-")
    config = Config(
        database_url=database_url(),
        keys_dir=Path(keys_dir.name),
        public_url="http://alipay.test",
    )
    alipay = LocalAlipay(create_app(config, post=postman), postman)
    atexit.register(keys_dir.cleanup)
    atexit.register(alipay.house.pool.close)
    return alipay


def database_url() -> str:
    """A database of its own for every parallel worker."""
    name = f"alipay_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    if not HAS_SERVERS:
        return PLACE.database_url(name)
    return make_conninfo(os.environ["DATABASE_URL"], dbname=name)
