"""A small demo world for tests."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests import gateway
from vtask.demo_world import world

TODAY = datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
SMALL = world.Size(creators=20, merchants=4, orders=60, workers=0)


def load(seed: str = "vtask", **facts: Any) -> dict[str, int]:
    """The small world, with a gateway that says yes and payers who confirm by themselves."""
    given = {"size": SMALL, "payer": no_payer, "open_accounts": lambda _: None, **facts}
    with gateway.scripted():
        return world.load(at=TODAY, seed=seed, **given)


def no_payer(code_url: str, logon_id: str) -> None:
    """Nobody goes to the cashier."""
