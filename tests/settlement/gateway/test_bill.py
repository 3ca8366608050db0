"""The bill of a day: only from the gateway's own house, limited in size, read by column names."""

import io
import zipfile
from datetime import date

import httpx
import pytest
from pytest_django import Settings

from settlement.gateway import bill
from settlement.gateway.bill import BillNotThereError, BillRefusedError, Line
from settlement.gateway.client import Reply

DAY = date(2026, 3, 2)
TITLE = (
    "账务流水号,业务流水号,商户订单号,发生时间,"
    "收入金额（+元）,支出金额（-元）,账户余额（元）,业务类型"
)
LINES = (
    "1\t,9,C1\t,2026-03-02 10:00:00,800.00,,\t1234.5,交易付款",
    "2,9,T1,2026-03-02 11:00:00,0.00,-30,1204.50,转账",
)
TEXT = "\n".join(("#支付宝账务明细查询", "#账号：[2088]", TITLE, *LINES, "#共 2 笔", ""))
TWO = [Line("1", "C1", "交易付款", 80_000, 123_450), Line("2", "T1", "转账", -3_000, 120_450)]


def packed(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(f"{name}.csv", content)
    return archive.getvalue()


class Alipay:
    """Answers the address of a bill, and whatever lies there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.node: dict[str, str] | None = {
            "code": "10000",
            "bill_download_url": "https://gateway.invalid/bills/1.zip",
        }
        self.response: httpx.Response | Exception = httpx.Response(
            200, content=packed(lines=TEXT.encode("gb18030"))
        )
        self.asked: list[str] = []
        monkeypatch.setattr(bill, "client_for", lambda kind: self)
        monkeypatch.setattr(bill, "download", self.download)

    def call(self, method: str, biz: dict[str, str], common: dict[str, str]) -> Reply:
        assert biz == {"bill_type": "signcustomer", "bill_date": "2026-03-02"}
        return Reply(method, node=self.node, problem="" if self.node else "ReadTimeout")

    def download(self, url: str, *, most_bytes: int, total_s: float) -> httpx.Response:
        self.asked.append(url)
        if isinstance(self.response, Exception):
            raise self.response
        return self.response


@pytest.fixture
def alipay(monkeypatch: pytest.MonkeyPatch) -> Alipay:
    return Alipay(monkeypatch)


def test_the_columns_are_found_by_name_and_tabs_are_no_part_of_a_number(alipay: Alipay) -> None:
    assert list(bill.fetch(DAY).lines) == TWO


def test_the_same_bytes_have_the_same_digest(alipay: Alipay) -> None:
    assert bill.fetch(DAY).digest == bill.fetch(DAY).digest


def test_a_summary_beside_the_lines_is_left_alone(alipay: Alipay) -> None:
    files = {"2088_账务明细": TEXT.encode("gb18030"), "2088_账务明细(汇总)": b"x"}
    alipay.response = httpx.Response(200, content=packed(**files))
    assert len(bill.fetch(DAY).lines) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/bills/1.zip",
        "http://gateway.invalid/bills/1.zip",
        "https://gateway.invalid:8443/bills/1.zip",
        "https://user@gateway.invalid/bills/1.zip",
        "https://gateway.invalid.evil.example/1.zip",
        "http://dwbillcenter.alipay.com/downloadBillFile.resource",
        "http://127.0.0.1:5432/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://gateway.invalid:port/",
        "",
    ],
)
def test_no_other_house_is_asked(alipay: Alipay, url: str) -> None:
    assert alipay.node is not None
    alipay.node["bill_download_url"] = url
    with pytest.raises(BillRefusedError):
        bill.fetch(DAY)
    assert alipay.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.invalid/another/path.zip?token=1",
        "https://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=X",
    ],
)
def test_the_gateways_house_and_alipays_house_for_bills_are_asked(alipay: Alipay, url: str) -> None:
    assert alipay.node is not None
    alipay.node["bill_download_url"] = url
    bill.fetch(DAY)
    assert alipay.asked == [url]


def test_the_local_gateway_may_call_itself_localhost(alipay: Alipay, settings: Settings) -> None:
    settings.ALIPAY_GATEWAY_URL = "http://127.0.0.1:8001/gateway.do"
    assert alipay.node is not None
    alipay.node["bill_download_url"] = "http://localhost:8001/bills/1.zip"
    assert len(bill.fetch(DAY).lines) == 2
    alipay.node["bill_download_url"] = "http://localhost:6379/"
    with pytest.raises(BillRefusedError):
        bill.fetch(DAY)


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (None, "ReadTimeout"),
        ({"code": "40004", "sub_code": "isp.bill_not_exist"}, "NOT_YET"),
        ({"code": "20000", "sub_code": "isp.unknow-error"}, "isp.unknow-error"),
        ({"code": "10000"}, "10000"),
    ],
)
def test_without_an_address_it_is_tried_later(
    alipay: Alipay, node: dict[str, str] | None, why: str
) -> None:
    alipay.node = node
    with pytest.raises(BillNotThereError, match=why):
        bill.fetch(DAY)


@pytest.mark.parametrize(
    "response",
    [
        httpx.ReadTimeout("slow"),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(500),
    ],
)
def test_a_download_that_fails_is_tried_later(
    alipay: Alipay, response: httpx.Response | Exception
) -> None:
    alipay.response = response
    with pytest.raises(BillNotThereError):
        bill.fetch(DAY)


BROKEN = {
    "no archive": b"<html>",
    "an archive without a table": packed(),
    "two tables": packed(a=b"", b=b""),
    "no columns": packed(a=b"1,2,3\n"),
    "another encoding": packed(a=b"\xff\xff\xff"),
    "a line too short": packed(a=f"{TITLE}\n1,2\n".encode("gb18030")),
    "an amount in words": packed(a=TEXT.replace("800.00", "viel").encode("gb18030")),
    "an amount with three digits": packed(a=TEXT.replace("800.00", "8.001").encode("gb18030")),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_bill_is_refused(alipay: Alipay, content: bytes) -> None:
    alipay.response = httpx.Response(200, content=content)
    with pytest.raises(BillRefusedError):
        bill.fetch(DAY)


def test_a_bill_that_unpacks_to_more_than_the_limit_is_refused(
    alipay: Alipay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bill, "MOST_BYTES", len(TEXT.encode("gb18030")) - 1)
    with pytest.raises(BillRefusedError, match="too large"):
        bill.fetch(DAY)


def test_a_day_without_movements_has_no_lines() -> None:
    assert bill.read(f"#1\n{TITLE}\n#共 0 笔\n") == []
