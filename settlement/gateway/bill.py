"""The bill of a day: where it lies, its download, and its lines.

The address comes in a signed answer; still only the gateway's own host is asked, Alipay's host for
bills, and in the demo the local one. What comes is limited in size, packed and unpacked, and read
by the names of its columns, wherever they stand. Nobody but the platform is named in what is kept.
"""

import csv
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from settlement.gateway.client import client_for, download

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
BILL_TYPE = "signcustomer"  # all movements of the account, transfers too
# Where Alipay lays bills, as its documents show; asked by https alone.
BILL_HOSTS = frozenset({"dwbillcenter.alipay.com"})
MOST_PACKED_BYTES = 32 * 1024 * 1024
MOST_BYTES = 256 * 1024 * 1024
DOWNLOAD_LIMIT_S = 120
ENCODING = "gb18030"

SERIAL, OUT_NO, LABEL = "账务流水号", "商户订单号", "业务类型"
INCOME, EXPENSE, BALANCE = "收入金额（+元）", "支出金额（-元）", "账户余额（元）"
NEEDED = (SERIAL, OUT_NO, INCOME, EXPENSE, BALANCE)
UNPACKING = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError,
)  # fmt: skip
NOT_YET = re.compile(r"bill_not_exist", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: money that came (> 0) or left (< 0), and the balance after it; in fen."""

    serial: str
    out_no: str
    label: str
    amount_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class DayBill:
    """The lines of a day in their order, and the digest of exactly what was fetched."""

    lines: tuple[Line, ...]
    digest: str


class BillNotThereError(Exception):
    """There is no bill yet, or the gateway could not be asked: later again."""


class BillRefusedError(Exception):
    """What came is not a bill that we can read, or its address is not one that we ask."""


def fetch(day: date) -> DayBill:
    """The gateway's bill of a past day. Raises BillNotThereError or BillRefusedError."""
    packed = _download(_address(day))
    return DayBill(tuple(read(_unpacked(packed))), hashlib.sha256(packed).hexdigest())


def read(text: str) -> list[Line]:
    """The lines of the table; comments around it begin with "#". Raises BillRefusedError."""
    table = csv.reader(io.StringIO(text, newline=""))
    rows = ([cell.strip() for cell in row] for row in table if not _is_comment(row))
    try:
        title = next(rows, [])
        if not set(NEEDED) <= set(title):
            raise BillRefusedError("the columns of a bill are missing")
        return list(_lines(title, rows))
    except csv.Error as error:
        raise BillRefusedError("the table cannot be read") from error


def _is_comment(row: Sequence[str]) -> bool:
    return not row or row[0].lstrip("\ufeff \t").startswith("#") or not any(row)


def _lines(title: list[str], rows: Iterator[list[str]]) -> Iterator[Line]:
    for row in rows:
        if len(row) != len(title):
            raise BillRefusedError("a line has another number of columns")
        cells = dict(zip(title, row, strict=True))
        yield Line(
            serial=cells[SERIAL][:64],
            out_no=cells[OUT_NO][:64],
            label=cells.get(LABEL, "")[:40],
            amount_fen=abs(_fen(cells[INCOME])) - abs(_fen(cells[EXPENSE])),
            balance_fen=_fen(cells[BALANCE]),
        )


def _fen(text: str) -> int:
    """Fen of "1234.50", "-30.00" or "" (nothing). Raises BillRefusedError."""
    match = re.fullmatch(r"([+-]?)(\d{1,12})(?:\.(\d{1,2}))?", text, re.ASCII)
    if not text:
        return 0
    if match is None:
        raise BillRefusedError("an amount cannot be read")
    fen = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -fen if match[1] == "-" else fen


def _address(day: date) -> str:
    biz = {"bill_type": BILL_TYPE, "bill_date": day.isoformat()}
    try:
        reply = client_for(None).call(METHOD, biz, {})
    except Exception as error:  # missing or open keys
        raise BillNotThereError(f"{type(error).__name__}") from error
    node = reply.node or {}
    url = node.get("bill_download_url")
    if node.get("code") == "10000" and isinstance(url, str):
        return _checked(url)
    sub_code = str(node.get("sub_code") or reply.problem or node.get("code") or "UNKNOWN")
    raise BillNotThereError("NOT_YET" if NOT_YET.search(sub_code) else sub_code)


def _checked(url: str) -> str:
    """The address, when it is one that we ask. Raises BillRefusedError."""
    parts, gateway = urlsplit(url), urlsplit(settings.ALIPAY_GATEWAY_URL)
    try:
        if parts.username is None and parts.password is None and _may_ask(parts, gateway):
            return url
    except ValueError:  # a port that is none
        pass
    raise BillRefusedError("the bill lies at an address that is not the gateway's")


def _may_ask(parts: SplitResult, gateway: SplitResult) -> bool:
    if _origin(parts) == _origin(gateway):
        return True
    if parts.scheme == "https" and _origin(parts)[2] == 443:
        return parts.hostname in BILL_HOSTS
    # The demo's gateway may name itself in another way, but it stays on this machine and port.
    return _is_local(parts) and _is_local(gateway) and _origin(parts)[2] == _origin(gateway)[2]


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual


def _is_local(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return parts.scheme == "http" and ip_address(host).is_loopback
    except ValueError:
        return False


def _download(url: str) -> bytes:
    try:
        response = download(url, most_bytes=MOST_PACKED_BYTES, total_s=DOWNLOAD_LIMIT_S)
    except Exception as error:  # it can be fetched again at any time
        raise BillNotThereError(type(error).__name__) from error
    if response.status_code != 200:
        raise BillNotThereError(f"HTTP {response.status_code}")
    if len(response.content) > MOST_PACKED_BYTES:
        raise BillRefusedError("the bill is too large")
    return response.content


def _unpacked(packed: bytes) -> str:
    """The text of the one table of lines in the archive; a summary beside it is left alone."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed), metadata_encoding="gbk") as archive:
            names = [n for n in archive.namelist() if n.endswith(".csv") and "汇总" not in n]
            if len(names) != 1:
                raise BillRefusedError("the archive does not hold one table")
            with archive.open(names[0]) as file:
                content = file.read(MOST_BYTES + 1)
    except UNPACKING as error:
        raise BillRefusedError("the archive cannot be opened") from error
    if len(content) > MOST_BYTES:
        raise BillRefusedError("the bill is too large")
    try:
        return content.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise BillRefusedError("the text cannot be read") from error
