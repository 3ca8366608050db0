"""The bill of a day."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox import bills, times
from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller

METHOD = "alipay.data.dataservice.bill.downloadurl.query"


@pytest.fixture
def busy(app: Caller) -> Caller:
    """A day with a capture, a refund and a transfer."""
    app.capture(app.frozen("F1", "100.00"), "C1", "40.00")
    app.refund("C1", "R1", "5.00")
    app.transfer("T1", "30.00")
    return app


def today(alipay: LocalAlipay) -> date:
    return alipay.house.now().astimezone(times.CHINA).date()


def lines(content: bytes) -> list[list[str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(archive.namelist()[0]).decode(bills.ENCODING)
    return [row for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")]


def test_the_bill_names_every_movement_of_the_platform(busy: Caller, alipay: LocalAlipay) -> None:
    table = lines(bills.zipped(alipay.house, "signcustomer", today(alipay)))
    assert table[0] == list(bills.HEADER)
    assert [(r[1], r[2], r[5], r[6], r[7]) for r in table[1:]] == [
        ("C1", "交易付款", "40.00", "", "40.00"),
        ("R1", "交易退款", "", "-5.00", "35.00"),
        ("T1", "转账", "", "-30.00", "5.00"),
    ]


def test_the_bill_of_trades_has_no_transfers(busy: Caller, alipay: LocalAlipay) -> None:
    table = lines(bills.zipped(alipay.house, "trade", today(alipay)))
    assert [row[1] for row in table[1:]] == ["C1", "R1"]


def test_another_day_is_empty(busy: Caller, alipay: LocalAlipay) -> None:
    yesterday = today(alipay) - timedelta(days=1)
    assert len(lines(bills.zipped(alipay.house, "signcustomer", yesterday))) == 1


def test_the_bill_is_there_on_the_next_day(busy: Caller, alipay: LocalAlipay) -> None:
    biz = {"bill_type": "signcustomer", "bill_date": today(alipay).isoformat()}
    assert busy.ask(METHOD, biz)["sub_code"] == "isp.bill_not_exist"
    house, tomorrow = alipay.house, alipay.house.now() + timedelta(days=1)
    later = replace(house, config=replace(house.config, clock=lambda: tomorrow))
    alipay.app.extensions["alipay"] = later
    try:
        url = busy.ask(METHOD, biz, timestamp=times.wire(tomorrow))["bill_download_url"]
    finally:
        alipay.app.extensions["alipay"] = house
    assert len(lines(busy.http.get(url).content)) == 4
    assert busy.http.get(url.replace(".zip", "0.zip")).status_code == 404


@pytest.mark.parametrize(("fault", "numbers"), [
    ("bill_missing_row", ["C1", "R1"]),
    ("bill_extra_row", ["C1", "R1", "T1", "UNKNOWN000000000000000000EXTRA"]),
])  # fmt: skip
def test_a_bill_may_be_wrong(
    busy: Caller, alipay: LocalAlipay, fault: str, numbers: list[Any]
) -> None:
    alipay.faults.on(fault)
    table = lines(bills.zipped(alipay.house, "signcustomer", today(alipay)))
    assert [row[1] for row in table[1:]] == numbers
