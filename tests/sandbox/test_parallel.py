"""The same request from many at once is executed once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.payer import CannotPay
from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import PAYER_FEN

PAYER = "payer@example.com"
CROWD = 8


def together(ask: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(CROWD) as crowd:
        return [job.result() for job in [crowd.submit(ask) for _ in range(CROWD)]]


def test_one_offer(app: Caller) -> None:
    codes = {answer["code_url"] for answer in together(lambda: app.create("F1"))}
    assert len(codes) == 1


def test_one_release(app: Caller, alipay: LocalAlipay) -> None:
    auth_no = app.frozen("F1", "100.00")["auth_no"]
    answers = together(lambda: app.unfreeze(auth_no, "U1", "60.00"))
    assert {answer["operation_id"] for answer in answers} == {answers[0]["operation_id"]}
    assert alipay.frozen_fen(PAYER) == 40_00


def test_one_capture(app: Caller, alipay: LocalAlipay) -> None:
    freeze = app.frozen("F1", "100.00")
    answers = together(lambda: app.capture(freeze, "C1", "60.00"))
    assert {answer["trade_no"] for answer in answers} == {answers[0]["trade_no"]}
    assert alipay.platform_fen == 60_00


def test_one_refund(app: Caller, alipay: LocalAlipay) -> None:
    app.capture(app.frozen("F1", "100.00"), "C1", "60.00")
    answers = together(lambda: app.refund("C1", "R1", "20.00"))
    assert sorted(answer["fund_change"] for answer in answers) == ["N"] * (CROWD - 1) + ["Y"]
    assert alipay.platform_fen == 40_00


def test_one_transfer(app: Caller, alipay: LocalAlipay) -> None:
    app.capture(app.frozen("F1", "100.00"), "C1", "60.00")
    answers = together(lambda: app.transfer("T1", "20.00"))
    assert {answer["order_id"] for answer in answers} == {answers[0]["order_id"]}
    assert alipay.balance_fen("creator@example.com") == 20_00


def test_one_payment(app: Caller, alipay: LocalAlipay) -> None:
    app.create("F1", "100.00")

    def pay() -> dict[str, Any]:
        try:
            alipay.pay("F1")
        except CannotPay:
            return {"paid": False}
        return {"paid": True}

    assert sum(answer["paid"] for answer in together(pay)) == 1
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN - 100_00, 100_00)


@pytest.mark.parametrize("amount", ["60.00"])
def test_captures_and_releases_never_exceed_the_freeze(
    app: Caller, alipay: LocalAlipay, amount: str
) -> None:
    freeze = app.frozen("F1", "100.00")
    with ThreadPoolExecutor(2) as both:
        captured = both.submit(app.capture, freeze, "C1", amount)
        released = both.submit(app.unfreeze, freeze["auth_no"], "U1", amount)
    codes = sorted((captured.result()["code"], released.result()["code"]))
    assert codes == ["10000", "40004"]
    assert alipay.frozen_fen(PAYER) == 40_00
