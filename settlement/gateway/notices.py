"""Verifies what Alipay posts to us unasked. A verified notice is a doorbell and not the truth:
the worker asks Alipay before anything changes.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from settlement.gateway.answers import fen
from settlement.gateway.client import client_for
from settlement.gateway.keys import KeysRefusedError
from settlement.gateway.signed import UnreadableError, strict_base64
from settlement.kinds import Kind

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_NOT_SIGNED = ("sign", "sign_type")
# What we act upon may not hold the signs that join fields: "a=1&b=2" as one value has the same
# signed text as two fields.
_ACTED_UPON = (
    "notify_id", "notify_type", "app_id", "out_order_no", "out_request_no", "out_trade_no",
    "out_biz_no", "operation_type", "amount", "total_amount", "refund_fee", "seller_id",
    "payee_user_id",
)  # fmt: skip
_JOINT = re.compile(r"[=&]")


class BadNoticeError(Exception):
    """The notice is not accepted. `reason` is a code for the log, never for the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


BadNotice = BadNoticeError


@dataclass(frozen=True)
class VerifiedNotice:
    """A notice that Alipay signed, for our app and our account.

    `out_no` is the number of the operation to ask about: of the freeze for FREEZE and for
    CANCEL_FREEZE, whose own number never reaches Alipay. `amount_fen` is None where the notice has
    no amount; of a REFUND it is what the trade has been refunded in all.
    """

    notify_id: str
    notify_type: str
    out_no: str
    amount_fen: int | None
    kind: Kind | None
    fields: dict[str, str] = field(repr=False)


def verify(form: Mapping[str, str | Sequence[str]]) -> VerifiedNotice:
    """The notice in a posted form: `dict(request.POST.lists())`, so that no double name hides.

    Raises BadNoticeError: FIELD, UNSIGNED, SIGN_TYPE, SIGNATURE, APP, PAYEE, ID, AMOUNT, or
    KEYS when our own keys are amiss.
    """
    fields = {name: _single(name, value) for name, value in form.items()}
    _check_signature(fields)
    _check_addressee(fields)
    if any(_JOINT.search(fields.get(name, "")) for name in _ACTED_UPON):
        raise BadNoticeError("FIELD")
    if not 1 <= len(fields.get("notify_id", "")) <= 128:
        raise BadNoticeError("ID")
    kind = _kind(fields)
    return VerifiedNotice(
        notify_id=fields["notify_id"],
        notify_type=fields.get("notify_type", ""),
        out_no=_out_no(kind, fields),
        amount_fen=_amount(kind, fields),
        kind=kind,
        fields={name: value for name, value in fields.items() if name not in _NOT_SIGNED},
    )


def _single(name: str, value: str | Sequence[str]) -> str:
    values = [value] if isinstance(value, str) else list(value)
    if len(values) != 1 or not _NAME.fullmatch(name):
        raise BadNoticeError("FIELD")
    return values[0]


def _check_signature(fields: dict[str, str]) -> None:
    if not fields.get("sign"):
        raise BadNoticeError("UNSIGNED")
    if fields.get("sign_type") != "RSA2":
        raise BadNoticeError("SIGN_TYPE")
    try:
        client, signature = client_for(None), strict_base64(fields["sign"])
    except KeysRefusedError as error:
        raise BadNoticeError("KEYS") from error
    except UnreadableError as error:
        raise BadNoticeError("SIGNATURE") from error
    # Sources disagree on empty values: as received first, then without them.
    texts = (_signed_text(fields, with_empty=True), _signed_text(fields, with_empty=False))
    if not any(client.is_signed(text, signature) for text in texts):
        raise BadNoticeError("SIGNATURE")


def _signed_text(fields: dict[str, str], *, with_empty: bool) -> bytes:
    kept = sorted(
        (name, value)
        for name, value in fields.items()
        if name not in _NOT_SIGNED and (value or with_empty)
    )
    return "&".join(f"{name}={value}" for name, value in kept).encode()


def _check_addressee(fields: dict[str, str]) -> None:
    if not _equal(fields.get("app_id", ""), settings.ALIPAY_APP_ID):
        raise BadNoticeError("APP")
    ours = settings.ALIPAY_SELLER_ID
    for name in ("seller_id", "payee_user_id"):
        if ours and fields.get(name) and not _equal(fields[name], ours):
            raise BadNoticeError("PAYEE")


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


_AUTH_KINDS = {"FREEZE": Kind.FREEZE, "UNFREEZE": Kind.UNFREEZE, "PAY": Kind.CAPTURE}
_AUTH_TYPES = {"fund_auth_freeze": Kind.FREEZE, "fund_auth_unfreeze": Kind.UNFREEZE}


def _kind(fields: dict[str, str]) -> Kind | None:
    notify_type = fields.get("notify_type", "")
    if notify_type == "fund_auth_operation_cancel":
        return Kind.CANCEL_FREEZE
    if notify_type in _AUTH_TYPES:
        return _AUTH_KINDS.get(fields.get("operation_type", ""), _AUTH_TYPES[notify_type])
    if notify_type == "trade_status_sync":
        return Kind.REFUND if fields.get("refund_fee") else Kind.CAPTURE
    return None


_NUMBER = {
    Kind.FREEZE: "out_request_no",
    Kind.CANCEL_FREEZE: "out_order_no",
    Kind.CAPTURE: "out_trade_no",
    Kind.UNFREEZE: "out_request_no",
    Kind.REFUND: "out_biz_no",
}
_AMOUNT = {
    Kind.FREEZE: "amount",
    Kind.UNFREEZE: "amount",
    Kind.CAPTURE: "total_amount",
    Kind.REFUND: "refund_fee",
}


def _out_no(kind: Kind | None, fields: dict[str, str]) -> str:
    if kind is None:
        return ""
    # A capture told by the freeze's own notice has its number in out_request_no.
    number = fields.get(_NUMBER[kind]) or fields.get("out_request_no", "")
    if not number:
        raise BadNoticeError("ID")
    return number


def _amount(kind: Kind | None, fields: dict[str, str]) -> int | None:
    names = (_AMOUNT.get(kind, "") if kind else "", "amount")
    text = next((fields[name] for name in names if fields.get(name)), "")
    if not text:
        return None
    amount = fen(text)
    if amount is None:
        raise BadNoticeError("AMOUNT")
    return amount
