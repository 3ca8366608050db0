"""Accounts at the local Alipay for everybody who pays or is paid in the demo."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from settlement.models import PayoutAccount
from vtask import demo
from vtask.demo_world.people import OPENING_BALANCE_FEN, People


def open_accounts(people: People) -> None:
    """Open them by the local Alipay's own command; those that exist stay as they are."""
    demo.tell_alipay()
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "accounts.json"
        file.write_text(json.dumps(accounts(people)), encoding="utf-8")
        command = [sys.executable, "-m", "sandbox", "seed", str(file)]
        subprocess.run(command, env=os.environ, check=True)  # noqa: S603 - our own command


def accounts(people: People) -> list[dict[str, object]]:
    """Who has an account there, under which name, and with how much (fen)."""
    payers: list[dict[str, object]] = [
        {
            "logon_id": people.payers[merchant.pk],
            "name": merchant.company_name,
            "balance_fen": OPENING_BALANCE_FEN,
            "is_payer": True,
        }
        for merchant in people.merchants
        if merchant.pk in people.payers
    ]
    return payers + [
        {"logon_id": account.logon_id, "name": account.real_name}
        for account in PayoutAccount.objects.order_by("pk")
        if not account.logon_id.startswith("closed")  # opened, and closed, when it is first paid
    ]
