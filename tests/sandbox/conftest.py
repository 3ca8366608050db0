"""An empty Alipay with one payer of 10,000 yuan and one payee, and an app that calls it."""

from collections.abc import Iterator

import pytest

from tests.alipay import LocalAlipay, local_alipay
from tests.sandbox.caller import Caller

PAYER_FEN = 10_000_00


@pytest.fixture
def alipay() -> Iterator[LocalAlipay]:
    """After every test the books must balance."""
    alipay = local_alipay()
    alipay.open_payer("payer@example.com", balance_fen=PAYER_FEN)
    alipay.open_payee("creator@example.com", "林小雨")
    yield alipay
    assert alipay.total_fen == 0
    assert alipay.differences() == []


@pytest.fixture
def app(alipay: LocalAlipay) -> Caller:
    return Caller(alipay)
