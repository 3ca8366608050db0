"""What the local Alipay is told when it starts."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DEFAULT_APP_ID = "2021000000000001"
DEFAULT_SELLER_ID = "2088000000000001"
DEMO_PAYER = ("demo.payer@example.com", "演示商家 Demo")
DEFAULT_SELLER_LOGON = "platform@vtask.example"


class Forbidden(RuntimeError):
    """The local Alipay must never run beside a production system."""


def wall_clock() -> datetime:
    """Return the real instant, aware, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True)
class Config:
    """One app with one platform account, its database and its keys.

    `open_accounts` opens an unknown payer or payee on first sight (for the demo).
    `notify_speed` divides the waiting times between the repeats of a notice.
    """

    database_url: str
    keys_dir: Path
    app_id: str = DEFAULT_APP_ID
    seller_id: str = DEFAULT_SELLER_ID
    seller_logon_id: str = DEFAULT_SELLER_LOGON
    seller_name: str = "Vtask"
    public_url: str = "http://127.0.0.1:8001"
    open_accounts: bool = False
    opening_balance_fen: int = 100_000_000_00
    notify_speed: float = 1.0
    clock: Callable[[], datetime] = wall_clock


def refuse_production() -> None:
    """Raise Forbidden when the environment says production."""
    if os.environ.get("VTASK_ENV") == "production":
        raise Forbidden("the local Alipay refuses to start in production")


def from_environment(*, port: int, open_accounts: bool, notify_speed: float) -> Config:
    """Build the configuration of the process from the ALIPAY_* variables."""
    env = os.environ
    return Config(
        database_url=env["ALIPAY_DATABASE_URL"],
        keys_dir=Path(env.get("ALIPAY_KEYS_DIR", "var/alipay-keys")),
        app_id=env.get("ALIPAY_APP_ID", DEFAULT_APP_ID),
        seller_id=env.get("ALIPAY_SELLER_ID", DEFAULT_SELLER_ID),
        seller_logon_id=env.get("ALIPAY_SELLER_LOGON_ID", DEFAULT_SELLER_LOGON),
        public_url=env.get("ALIPAY_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        open_accounts=open_accounts,
        notify_speed=notify_speed,
    )
