"""What was executed, as one list: the truth that others are compared with."""

from typing import Any

from psycopg.rows import dict_row

from sandbox.alipay import Alipay

_ALL = """
SELECT kind, out_no, amount_fen, status, done_at FROM (
    SELECT o.kind, o.out_request_no AS out_no, o.amount_fen, o.status, o.done_at
    FROM freeze_operations o WHERE o.kind <> 'PAY'
    UNION ALL SELECT 'CAPTURE', out_trade_no, total_fen, status, paid_at FROM trades
    UNION ALL SELECT 'REFUND', out_request_no, amount_fen, 'SUCCESS', refunded_at FROM refunds
    UNION ALL SELECT 'TRANSFER', out_biz_no, amount_fen, status, sent_at FROM transfers
) AS everything
WHERE done_at IS NOT NULL AND status <> 'CLOSED' OR kind = 'CANCEL'
ORDER BY done_at, out_no
"""


def executed(alipay: Alipay, out_no: str | None = None) -> list[dict[str, Any]]:
    """Return every executed operation: kind, out_no, amount_fen, status, done_at.

    A cancel has the number of its freeze and, as amount, what it gave back.
    """
    with alipay.transaction() as conn, conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_ALL).fetchall()
    return [row for row in rows if out_no in (None, row["out_no"])]
