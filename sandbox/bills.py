"""The bill of a day: what came to and left the platform's account, as a zipped CSV."""

import csv
import hmac
import io
import zipfile
from datetime import date
from typing import Any

from psycopg.rows import dict_row

from sandbox import errors, money, times
from sandbox.alipay import Alipay
from sandbox.wire import Ask

ENCODING = "gb18030"
HEADER = (
    "账务流水号",
    "商户订单号",
    "业务类型",
    "发生时间",
    "对方账号",
    "收入金额（+元）",
    "支出金额（-元）",
    "账户余额（元）",
)
LABELS = {"CAPTURE": "交易付款", "REFUND": "交易退款", "TRANSFER": "转账", "BOUNCE": "转账退回"}
TRADE_CODES = ("CAPTURE", "REFUND")

_ROWS = """
SELECT m.id, m.ref, m.code, m.moved_at, other.logon_id AS other, m.amount_fen,
       m.credit_account = %(seller)s AS is_income,
       SUM(CASE WHEN m.credit_account = %(seller)s THEN m.amount_fen ELSE -m.amount_fen END)
           OVER (ORDER BY m.id) AS balance_fen
FROM movements m
JOIN accounts other ON other.id =
    CASE WHEN m.credit_account = %(seller)s THEN m.debit_account ELSE m.credit_account END
WHERE %(seller)s IN (m.debit_account, m.credit_account)
ORDER BY m.id
"""


def download_url(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Return where the bill of a past day can be fetched."""
    try:
        day = date.fromisoformat(ask.biz["bill_date"])
    except ValueError as problem:
        raise errors.refused("isp.invalid-arguments", "bill_date is not a day") from problem
    if day >= alipay.now().astimezone(times.CHINA).date():
        raise errors.refused("isp.bill_not_exist", "账单不存在")
    kind = ask.biz["bill_type"]
    path = f"/bills/{kind}/{day.isoformat()}/{token(alipay, kind, day)}.zip"
    return {"bill_download_url": alipay.config.public_url + path}


def token(alipay: Alipay, kind: str, day: date) -> str:
    """Return what makes the address of a bill unguessable."""
    text = f"bill|{kind}|{day.isoformat()}".encode()
    return hmac.new(alipay.keys.secret(), text, "sha256").hexdigest()[:32]


def rows(alipay: Alipay, kind: str, day: date) -> list[dict[str, Any]]:
    """Return the movements of a Chinese day on the platform's account, with running balance."""
    start, end = times.day_bounds(day)
    with alipay.transaction() as conn, conn.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_ROWS, {"seller": alipay.seller(conn).id}).fetchall()
    wanted = TRADE_CODES if kind == "trade" else tuple(LABELS)
    return [r for r in found if r["code"] in wanted and start <= r["moved_at"] < end]


def zipped(alipay: Alipay, kind: str, day: date) -> bytes:
    """Write the bill as Alipay does: a CSV in a zip, comment lines around the table."""
    table = rows(alipay, kind, day)
    if table and alipay.faults.take("bill_missing_row", kind, day.isoformat()):
        table.pop()
    if table and alipay.faults.take("bill_extra_row", kind, day.isoformat()):
        table.append({**table[-1], "id": 0, "ref": "UNKNOWN000000000000000000EXTRA"})
    packed = io.BytesIO()
    name = f"{alipay.config.seller_id}_{day:%Y%m%d}.csv"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, _csv(alipay, day, table).encode(ENCODING))
    return packed.getvalue()


def _csv(alipay: Alipay, day: date, table: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    text.write(
        f"#支付宝账务明细查询\n#账号：[{alipay.config.seller_id}]\n#日期：[{day:%Y-%m-%d}]\n"
    )
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_line(row) for row in table)
    text.write(f"#共 {len(table)} 笔\n")
    return text.getvalue()


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    amount = money.yuan(row["amount_fen"])
    return (
        f"{row['id']:020d}",
        row["ref"],
        LABELS[row["code"]],
        times.wire(row["moved_at"]),
        row["other"],
        amount if row["is_income"] else "",
        "" if row["is_income"] else f"-{amount}",
        money.yuan(int(row["balance_fen"])),
    )
