"""What the worker asks of the gateway and what it hears: plain values, no wire, no database."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What an answer means for the operation. Everything that is not understood is UNKNOWN."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    WAIT_USER = "WAIT_USER"  # the freeze exists, and its payer has not confirmed it yet
    EXPIRED = "EXPIRED"  # the freeze closed unpaid
    IN_PROGRESS = "IN_PROGRESS"
    NOT_FOUND = "NOT_FOUND"  # of a query only: clearly no such operation
    HOLD = "HOLD"  # later again, with the same number; an operator is told
    CONFIG = "CONFIG"  # nothing was executed, and nothing will be until the set-up is corrected
    MANUAL = "MANUAL"  # a person must look
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Payee:
    """Who is paid, decrypted at the moment of sending; kept out of every representation."""

    logon_id: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True)
class Ask:
    """One operation as its row froze it. `request` holds the facts of its kind:

    FREEZE title, timeout_minutes, notify_url [return_url] · CANCEL_FREEZE freeze_out_no, remark ·
    CAPTURE auth_no, subject, payer_user_id, freeze_out_no · UNFREEZE auth_no, freeze_out_no,
    remark · REFUND capture_out_no, reason · TRANSFER title, remark.
    `out_no` is both out_order_no and out_request_no of a FREEZE.
    """

    kind: str
    out_no: str
    amount_fen: int
    request: dict[str, Any]
    payee: Payee | None = None


@dataclass(frozen=True)
class Answer:
    """What came of one call of `send` or `query` (either may take two calls on the wire).

    gateway_no: auth_no of a FREEZE, trade_no of a CAPTURE or REFUND, order_id of a TRANSFER,
    operation_id otherwise. When a query settled what was sent, `raw` has a line for each of the two
    answers, and `method` ends in "+query".
    """

    outcome: Outcome
    code: str = ""
    sub_code: str = ""
    message: str = ""
    gateway_no: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    http_status: int | None = None
    raw: bytes = field(default=b"", repr=False)
    method: str = ""
    elapsed_ms: int = 0
