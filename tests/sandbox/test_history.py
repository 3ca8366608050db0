"""A past for the demo's books."""

from datetime import date
from typing import Any

import pytest

from sandbox import bills, history
from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller

STORY: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {
            "logon_id": "shop@example.com",
            "name": "茶店",
            "balance_fen": 500_00,
            "is_payer": True,
            "user_id": "2088700000000001",
        }
    ],
    "events": [
        {
            "kind": "FREEZE",
            "at": "2026-03-01T10:00:00+08:00",
            "out_no": "F1",
            "gateway_no": "2026030100000000000000000001",
            "amount_fen": 100_00,
            "title": "Three posts",
            "payer": "shop@example.com",
        },
        {
            "kind": "CAPTURE",
            "at": "2026-03-02T10:00:00+08:00",
            "out_no": "C1",
            "gateway_no": "TRADE1",
            "amount_fen": 60_00,
            "auth_no": "2026030100000000000000000001",
            "subject": "One post",
        },
        {
            "kind": "UNFREEZE",
            "at": "2026-03-03T10:00:00+08:00",
            "out_no": "U1",
            "amount_fen": 30_00,
            "auth_no": "2026030100000000000000000001",
        },
        {
            "kind": "REFUND",
            "at": "2026-03-04T10:00:00+08:00",
            "out_no": "R1",
            "amount_fen": 20_00,
            "capture_out_no": "C1",
        },
        {
            "kind": "TRANSFER",
            "at": "2026-03-05T10:00:00+08:00",
            "out_no": "T1",
            "amount_fen": 25_00,
            "logon_id": "creator@example.com",
            "name": "林小雨",
            "title": "Reward",
        },
    ],
}


def test_the_past_is_in_the_books(app: Caller, alipay: LocalAlipay) -> None:
    assert history.replay(alipay.house, STORY) == 5
    assert alipay.frozen_fen("shop@example.com") == 10_00
    assert alipay.balance_fen("shop@example.com") == 500_00 - 100_00 + 30_00 + 20_00
    assert alipay.balance_fen("creator@example.com") == 25_00
    assert alipay.platform_fen == 15_00
    told = app.query("F1")
    assert (told["auth_no"], told["payer_user_id"]) == (
        "2026030100000000000000000001",
        "2088700000000001",
    )
    assert told["gmt_trans"] == "2026-03-01 10:00:00"


def test_replaying_again_changes_nothing(alipay: LocalAlipay) -> None:
    history.replay(alipay.house, STORY)
    before = alipay.executed()
    history.replay(alipay.house, STORY)
    assert alipay.executed() == before
    assert alipay.platform_fen == 15_00


def test_what_the_past_froze_can_be_captured_today(app: Caller, alipay: LocalAlipay) -> None:
    history.replay(alipay.house, STORY)
    assert app.capture(app.query("F1"), "C2", "10.00")["code"] == "10000"
    assert app.query("F1")["order_status"] == "FINISH"


def test_the_bill_of_a_past_day_has_its_row(alipay: LocalAlipay) -> None:
    history.replay(alipay.house, STORY)
    rows = bills.rows(alipay.house, "signcustomer", date(2026, 3, 5))
    assert [(row["ref"], row["amount_fen"]) for row in rows] == [("T1", 25_00)]


def test_an_impossible_past_is_refused(alipay: LocalAlipay) -> None:
    event = STORY["events"][0] | {"amount_fen": 500_01}
    with pytest.raises(history.CannotReplay):
        history.replay(alipay.house, {"accounts": STORY["accounts"], "events": [event]})
    assert alipay.balance_fen("shop@example.com") == 500_00
