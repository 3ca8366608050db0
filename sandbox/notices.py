"""Asynchronous notices to the app, repeated until it answers `success`."""

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sandbox import money, times
from sandbox.alipay import Alipay
from sandbox.database import Connection
from sandbox.wire import signed_text

# The waiting times between the eight sends, as in Alipay's guide.
WAITS = tuple(timedelta(minutes=m) for m in (4, 10, 10, 60, 120, 360, 900))
_AMOUNTS = ("amount", "total_amount", "refund_fee")
_PAYEES = ("seller_id", "payee_user_id")
_BEHIND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Notice:
    """One notice, as the table keeps it."""

    id: int
    notify_id: str
    url: str
    fields: dict[str, str]
    tries: int
    due_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime


@dataclass
class Draft:
    """A notice about to be written: faults change it here, and only here."""

    fields: dict[str, str]
    copies: int = 1
    wait: timedelta = timedelta()
    is_overtaken: bool = False
    is_forged: bool = False
    signs_empty: bool = False


def enqueue(
    conn: Connection,
    alipay: Alipay,
    kind: str,
    out_no: str,
    url: str | None,
    fields: dict[str, str],
    *,
    at: datetime,
) -> None:
    """Write a signed notice in the transaction of what it tells of."""
    if url is None or alipay.faults.take("notify_none", kind, out_no):
        return
    draft = Draft({**_common(alipay, kind, at), **{k: v for k, v in fields.items() if v != ""}})
    _spoil(alipay, kind, out_no, draft)
    draft.fields["sign"] = _signature(alipay, draft)
    for _ in range(draft.copies):
        conn.execute(
            "INSERT INTO notices (notify_id, url, fields, due_at, created_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [draft.fields["notify_id"], url, Jsonb(draft.fields), at + draft.wait, at],
        )
    if draft.is_overtaken:
        alipay.faults.keep_overtaken(draft.fields["notify_id"])
        return
    # Those that were held back come now, right behind this one.
    conn.execute(
        "UPDATE notices SET due_at = %s WHERE notify_id = ANY(%s) AND tries = 0",
        [at + draft.wait + _BEHIND, alipay.faults.take_overtaken()],
    )


def _common(alipay: Alipay, kind: str, at: datetime) -> dict[str, str]:
    return {
        "notify_id": uuid.uuid4().hex,
        "notify_type": kind,
        "notify_time": times.wire(at),
        "app_id": alipay.config.app_id,
        "auth_app_id": alipay.config.app_id,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
    }


def _spoil(alipay: Alipay, kind: str, out_no: str, draft: Draft) -> None:
    take = alipay.faults.take
    _delay(alipay, kind, out_no, draft)
    if take("notify_wrong_app", kind, out_no):
        draft.fields["app_id"] = "2021999999999999"
    if take("notify_wrong_payee", kind, out_no):
        draft.fields |= {name: "2088999999999999" for name in _PAYEES if name in draft.fields}
    if take("notify_wrong_amount", kind, out_no):
        for name in _AMOUNTS:
            if name in draft.fields:
                draft.fields[name] = money.yuan(money.fen(draft.fields[name]) + 1)
    if take("notify_empty_signed", kind, out_no):
        draft.fields["passback_params"] = ""
        draft.signs_empty = True
    if take("notify_empty_unsigned", kind, out_no):
        draft.fields["passback_params"] = ""
    draft.is_forged = take("notify_forged", kind, out_no) is not None


def _delay(alipay: Alipay, kind: str, out_no: str, draft: Draft) -> None:
    """Spoil how often and when the notice comes, and not what it says."""
    take = alipay.faults.take
    if fault := take("notify_dup", kind, out_no):
        draft.copies = int(fault.given.get("copies", 2))
    if fault := take("notify_late", kind, out_no):
        draft.wait = timedelta(seconds=float(fault.given.get("seconds", 90_000)))
    if fault := take("notify_reorder", kind, out_no):
        draft.wait = timedelta(seconds=float(fault.given.get("seconds", 90_000)))
        draft.is_overtaken = True


def _signature(alipay: Alipay, draft: Draft) -> str:
    if draft.is_forged:
        return base64.b64encode(bytes(256)).decode()
    if draft.signs_empty:
        kept = sorted((k, v) for k, v in draft.fields.items() if k != "sign_type")
        return alipay.keys.sign("&".join(f"{key}={value}" for key, value in kept))
    return alipay.keys.sign(signed_text(draft.fields, leave_out=("sign", "sign_type")))


def deliver_due(alipay: Alipay, *, at: datetime, limit: int = 100) -> int:
    """Send what is due, once each; returns how many the app took with `success`."""
    taken = 0
    for _ in range(limit):
        notice = _claim(alipay, at)
        if notice is None:
            break
        status, answer = alipay.post(notice.url, notice.fields)
        if status == 200 and answer == "success":
            taken += 1
            _mark_delivered(alipay, notice, at)
    return taken


def _claim(alipay: Alipay, at: datetime) -> Notice | None:
    # The next repeat is written before the send: a crash in between repeats, and never loses.
    with alipay.transaction() as conn, conn.cursor(row_factory=class_row(Notice)) as cursor:
        notice = cursor.execute(
            "SELECT * FROM notices WHERE due_at <= %s ORDER BY due_at, id LIMIT 1"
            " FOR UPDATE SKIP LOCKED",
            [at],
        ).fetchone()
        if notice is not None:
            conn.execute(
                "UPDATE notices SET tries = tries + 1, due_at = %s WHERE id = %s",
                [_next_due(alipay, notice.tries, at), notice.id],
            )
        return notice


def _next_due(alipay: Alipay, tries: int, at: datetime) -> datetime | None:
    if tries >= len(WAITS):
        return None
    return at + WAITS[tries] / alipay.config.notify_speed


def _mark_delivered(alipay: Alipay, notice: Notice, at: datetime) -> None:
    with alipay.transaction() as conn:
        conn.execute(
            "UPDATE notices SET delivered_at = %s, due_at = NULL WHERE id = %s", [at, notice.id]
        )


def pending(alipay: Alipay) -> list[Notice]:
    """Return the notices that are still to be sent, the next one first."""
    with alipay.transaction() as conn, conn.cursor(row_factory=class_row(Notice)) as cursor:
        return cursor.execute(
            "SELECT * FROM notices WHERE due_at IS NOT NULL ORDER BY due_at, id"
        ).fetchall()
