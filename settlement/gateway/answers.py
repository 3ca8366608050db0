"""What an answer of Alipay means: a table, and the comparison with what was asked.

Everything that the table does not name is UNKNOWN, and only the table can say SUCCESS or FAILED.
SUCCESS needs our own number and the same amount in the answer; another content is MANUAL, whatever
the code says. The codes are those of Alipay's published models; nothing has been tried against
Alipay itself.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from settlement.gateway.client import Reply
from settlement.gateway.messages import Answer, Ask, Outcome
from settlement.kinds import Kind

Node = Mapping[str, Any]


class Step(StrEnum):
    """Which of the two calls an answer belongs to."""

    SEND = "SEND"
    QUERY = "QUERY"


class Check(StrEnum):
    """An answer to `send` that only a query of our own number can settle."""

    CONFIRM = "CONFIRM"  # it says success, without our number or the amount
    EXISTS = "EXISTS"  # something with this number exists: ours, or another content?
    REFUSED = "REFUSED"  # refused for good, if nothing of this number exists


Verdict = Outcome | Check


@dataclass(frozen=True)
class Row:
    """One line of the table. `sub_codes` are patterns without "ACQ."; `states` are exact."""

    kinds: frozenset[Kind]
    steps: frozenset[Step]
    code: str
    verdict: Verdict
    sub_codes: tuple[str, ...] = ("*",)
    states: tuple[str, ...] | None = None

    def fits(self, kind: Kind, step: Step, code: str, sub_code: str, state: str) -> bool:
        """Whether this line speaks of such an answer."""
        return (
            kind in self.kinds
            and step in self.steps
            and code == self.code
            and any(fnmatchcase(sub_code, pattern) for pattern in self.sub_codes)
            and (self.states is None or state in self.states)
        )


DONE, PAYER_NEXT, DENIED = "10000", "10003", "40004"
_ALL, _BOTH = frozenset(Kind), frozenset(Step)
_SEND, _QUERY = frozenset({Step.SEND}), frozenset({Step.QUERY})
_FREEZE, _CANCEL = frozenset({Kind.FREEZE}), frozenset({Kind.CANCEL_FREEZE})
_CAPTURE, _UNFREEZE = frozenset({Kind.CAPTURE}), frozenset({Kind.UNFREEZE})
_TRANSFER, _REFUND = frozenset({Kind.TRANSFER}), frozenset({Kind.REFUND})
_AUTH = _FREEZE | _CANCEL | _UNFREEZE

# Said of a number that was used before, with a content that may be another.
EXISTS_CODES = (
    "TRADE_HAS_SUCCESS", "CONTEXT_INCONSISTENT", "UNIQUE_VIOLATION", "FREEZE_ALREADY_SUCCESS",
    "ORDER_ALREADY_FINISH", "ORDER_ALREADY_CLOSED", "PAYMENT_INFO_INCONSISTENCY",
    "DISCORDANT_REPEAT_REQUEST", "BIZ_UNIQUE_EXCEPTION", "ALIN42683",
)  # fmt: skip
# Said only when the same number comes with another content; a transfer's query has no payee to
# compare, so that an equal amount proves nothing there.
OTHER_CONTENT_CODES = frozenset({"PAYMENT_INFO_INCONSISTENCY", "BIZ_UNIQUE_EXCEPTION"})
CAPTURE_REFUSALS = (
    "AUTH_ORDER_HAS_CLOSED", "AUTH_ORDER_HAS_FINISHED", "AUTH_AMOUNT_NOT_ENOUGH",
    "AUTH_ORDER_NOT_PAID", "AUTH_NO_ERROR", "TRADE_BUYER_NOT_MATCH", "SELLER_BEEN_BLOCKED", "ZM_*",
)  # fmt: skip
# All of them are about the payee or the words, and need a person's correction.
TRANSFER_REFUSALS = (
    "PAYEE_NOT_EXIST", "PAYEE_ACCOUNT_NOT_EXSIT", "PAYEE_ACCOUNT_STATUS_ERROR",
    "PAYEE_USERINFO_ERROR", "PAYEE_USERINFO_STATUS_ERROR", "PAYEE_USER_TYPE_ERROR",
    "PAYEE_NOT_RELNAME_CERTIFY", "PAYEE_IDENTITY_NOT_MATCH", "PAYEE_CERT_INFO_ERROR",
    "PAYER_PAYEE_CANNOT_SAME", "PERMIT_CHECK_RECEIVE_LIMIT", "PERM_AML_NOT_REALNAME_REV",
    "NO_ACCOUNT_RECEIVE_PERMISSION", "RELEASE_USER_FORBBIDEN_RECIEVE",
    "BLOCK_USER_FORBBIDEN_RECIEVE", "REMARK_HAS_SENSITIVE_WORD", "INVALID_PARAMETER",
)  # fmt: skip
# No code was given out, so nobody can pay it.
FREEZE_REFUSALS = (
    "ILLEGAL_ARGUMENT", "EXIST_FORBIDDEN_WORD", "PAYEE_NOT_EXIST", "PAYEE_USER_STATUS_LIMIT",
)  # fmt: skip
SHORT_OF_MONEY = (
    "PAYER_BALANCE_NOT_ENOUGH", "BALANCE_IS_NOT_ENOUGH", "BALANCE_NOT_ENOUGH",
    "PAYMENT_MONEY_NOT_ENOUGH", "EXCEED_LIMIT_*",
)  # fmt: skip
# Named so that nobody takes them for a refusal: the money may have moved, or may still move.
UNSETTLED_CODES = (
    "SYSTEM_ERROR", "BIZ_ERROR", "REQUEST_PROCESSING", "TRANS_ORDER_DEALING",
    "BANK_RESPONSE_ERROR", "PROCESS_FAIL", "PAYMENT_FAIL",
)  # fmt: skip
NO_SUCH_OPERATION = ("AUTH_ORDER_NOT_EXIST", "AUTH_OPERATION_NOT_EXIST")

# The first line that fits decides.
TABLE: tuple[Row, ...] = (
    Row(_ALL, _BOTH, "20000", Outcome.UNKNOWN),
    Row(_ALL, _BOTH, "40001", Outcome.CONFIG),
    Row(_ALL, _BOTH, "40002", Outcome.CONFIG),
    Row(_ALL, _BOTH, PAYER_NEXT, Outcome.IN_PROGRESS),
    Row(_ALL, _BOTH, DENIED, Outcome.UNKNOWN, UNSETTLED_CODES),
    Row(_ALL, _SEND, DENIED, Check.EXISTS, EXISTS_CODES),
    # freeze
    Row(_FREEZE, _SEND, DONE, Outcome.WAIT_USER, states=("CODE",)),
    Row(_FREEZE, _SEND, DENIED, Check.REFUSED, FREEZE_REFUSALS),
    Row(_FREEZE, _QUERY, DONE, Outcome.WAIT_USER, states=("INIT",)),
    Row(_FREEZE, _QUERY, DONE, Outcome.SUCCESS, states=("FROZEN",)),
    Row(_FREEZE, _QUERY, DONE, Outcome.EXPIRED, states=("CLOSED",)),
    Row(_AUTH, _QUERY, DENIED, Outcome.NOT_FOUND, NO_SUCH_OPERATION),
    # cancel a freeze: it has no record of its own, the freeze shows whether it happened
    Row(_CANCEL, _SEND, DONE, Outcome.SUCCESS, states=("close", "unfreeze")),
    Row(_CANCEL, _SEND, DENIED, Outcome.FAILED, ("AUTH_ORDER_NOT_EXIST",)),
    Row(_CANCEL, _QUERY, DONE, Outcome.SUCCESS, states=("CLOSED", "RELEASED")),
    Row(_CANCEL, _QUERY, DONE, Outcome.NOT_FOUND, states=("INIT", "FROZEN")),
    Row(_CANCEL, _QUERY, DONE, Outcome.MANUAL, states=("SPENT",)),
    # capture
    Row(_CAPTURE, _SEND, DONE, Outcome.SUCCESS, states=("", "TRADE_SUCCESS", "TRADE_FINISHED")),
    Row(_CAPTURE, _QUERY, DONE, Outcome.SUCCESS, states=("TRADE_SUCCESS", "TRADE_FINISHED")),
    Row(_CAPTURE, _BOTH, DONE, Outcome.IN_PROGRESS, states=("WAIT_BUYER_PAY",)),
    # unpaid, or refunded in full: the state alone does not tell
    Row(_CAPTURE, _BOTH, DONE, Outcome.MANUAL, states=("TRADE_CLOSED",)),
    Row(_CAPTURE, _SEND, DENIED, Check.REFUSED, CAPTURE_REFUSALS),
    Row(_CAPTURE, _QUERY, DENIED, Outcome.NOT_FOUND, ("TRADE_NOT_EXIST",)),
    # unfreeze
    Row(_UNFREEZE, _BOTH, DONE, Outcome.SUCCESS, states=("SUCCESS",)),
    Row(_UNFREEZE, _BOTH, DONE, Outcome.IN_PROGRESS, states=("INIT",)),
    Row(_UNFREEZE, _BOTH, DONE, Outcome.MANUAL, states=("CLOSED",)),
    # pay out
    Row(_TRANSFER, _BOTH, DONE, Outcome.SUCCESS, states=("SUCCESS",)),
    Row(_TRANSFER, _BOTH, DONE, Outcome.IN_PROGRESS, states=("INIT", "DEALING", "WAIT_PAY")),
    Row(_TRANSFER, _SEND, DONE, Check.REFUSED, states=("FAIL",)),
    Row(_TRANSFER, _QUERY, DONE, Outcome.FAILED, states=("FAIL",)),
    # it was paid and came back
    Row(_TRANSFER, _BOTH, DONE, Outcome.MANUAL, states=("REFUND",)),
    Row(_TRANSFER, _SEND, DENIED, Outcome.HOLD, SHORT_OF_MONEY),
    Row(_TRANSFER, _SEND, DENIED, Check.REFUSED, TRANSFER_REFUSALS),
    Row(_TRANSFER, _QUERY, DENIED, Outcome.NOT_FOUND, ("ORDER_NOT_EXIST",)),
    # refund: fund_change says only whether this very call moved money; the query, not before
    # 10 s, says that it is done
    Row(_REFUND, _SEND, DONE, Outcome.IN_PROGRESS, states=("Y", "N")),
    Row(_REFUND, _SEND, DENIED, Outcome.HOLD, ("SELLER_BALANCE_NOT_ENOUGH",)),
    Row(_REFUND, _QUERY, DONE, Outcome.SUCCESS, states=("REFUND_SUCCESS",)),
    # no state: it did not arrive, or it failed; repeating the same request is safe
    Row(_REFUND, _QUERY, DONE, Outcome.UNKNOWN, states=("",)),
    Row(_REFUND, _QUERY, DENIED, Outcome.NOT_FOUND, ("TRADE_NOT_EXIST",)),
)


def verdict(kind: Kind, step: Step, code: str, sub_code: str = "", state: str = "") -> Verdict:
    """What the table says; UNKNOWN where it says nothing."""
    bare = sub_code.removeprefix("ACQ.")
    fitting = (row.verdict for row in TABLE if row.fits(kind, step, code, bare, state))
    return next(fitting, Outcome.UNKNOWN)


def read(ask: Ask, step: Step, reply: Reply) -> tuple[Answer, Verdict]:
    """The answer as far as this one call tells it, and the verdict behind it.

    A Check as verdict means that `query` must settle it; the answer is UNKNOWN until then.
    """
    kind, node = Kind(ask.kind), reply.node
    answer = Answer(
        Outcome.UNKNOWN,
        message=reply.problem,
        http_status=reply.http_status,
        raw=reply.raw,
        method=reply.method,
        elapsed_ms=reply.elapsed_ms,
    )
    if node is None:
        return answer, Outcome.UNKNOWN
    code, sub_code = _word(node, "code"), _word(node, "sub_code")
    found = verdict(kind, step, code, sub_code, _state(kind, step, node))
    if code == DONE:
        found = _compared(found, step, _comparison(ask, kind, step, node))
    answer = replace(
        answer,
        outcome=found if isinstance(found, Outcome) else Outcome.UNKNOWN,
        code=code,
        sub_code=sub_code,
        message=_word(node, "sub_msg") or _word(node, "msg"),
        gateway_no=_word(node, _GATEWAY_NO[kind]),
        facts=_facts(kind, step, node),
    )
    return answer, found


def settle(check: Check, first: Answer, looked: Answer) -> Answer:
    """One answer of two: `first` came from sending, `looked` from the query that settles it."""
    return replace(
        looked,
        outcome=_settled(check, first, looked.outcome),
        code=first.code or looked.code,
        sub_code=first.sub_code or looked.sub_code,
        message=first.message or looked.message,
        gateway_no=looked.gateway_no or first.gateway_no,
        facts={**first.facts, **looked.facts, "checked": str(looked.outcome)},
        raw=first.raw + b"\n" + looked.raw,
        method=f"{first.method}+query",
        elapsed_ms=first.elapsed_ms + looked.elapsed_ms,
    )


def _settled(check: Check, first: Answer, looked: Outcome) -> Outcome:
    if check is Check.REFUSED:
        return Outcome.FAILED if looked is Outcome.NOT_FOUND else looked
    if check is Check.CONFIRM:
        # It was said to be done: "not there" is then no answer to act upon.
        return Outcome.UNKNOWN if looked is Outcome.NOT_FOUND else looked
    if first.sub_code.removeprefix("ACQ.") in OTHER_CONTENT_CODES:
        return Outcome.MANUAL
    return Outcome.MANUAL if looked in (Outcome.NOT_FOUND, Outcome.FAILED) else looked


# Comparison with what was asked


class Match(StrEnum):
    """How an answer compares with what was asked."""

    EQUAL = "EQUAL"
    MISSING = "MISSING"
    OTHER = "OTHER"


def _compared(found: Verdict, step: Step, match: Match) -> Verdict:
    if match is Match.OTHER:
        return Outcome.MANUAL
    if match is Match.MISSING and found in (Outcome.SUCCESS, Outcome.FAILED, Outcome.EXPIRED):
        return Check.CONFIRM if step is Step.SEND else Outcome.MANUAL
    return found


def _comparison(ask: Ask, kind: Kind, step: Step, node: Node) -> Match:
    needed = [_same(node, name, wanted) for name, wanted in _expected(ask, kind, step).items()]
    extra = [_same(node, name, wanted) for name, wanted in _expected_if_there(ask, kind).items()]
    if Match.OTHER in (*needed, *extra):
        return Match.OTHER
    return Match.MISSING if Match.MISSING in needed else Match.EQUAL


def _same(node: Node, name: str, wanted: str | int) -> Match:
    word = _word(node, name)
    if not word:
        return Match.MISSING
    found = fen(word) if isinstance(wanted, int) else word
    return Match.EQUAL if found == wanted else Match.OTHER


def _expected(ask: Ask, kind: Kind, step: Step) -> dict[str, str | int]:
    """The fields that must be there: text is one of our numbers, an integer is fen."""
    own, amount = ask.out_no, ask.amount_fen
    freeze = str(ask.request.get("freeze_out_no", ""))
    if kind is Kind.FREEZE:
        ids: dict[str, str | int] = {"out_order_no": own, "out_request_no": own}
        return ids if step is Step.SEND else {**ids, "amount": amount}
    if kind is Kind.CANCEL_FREEZE:
        return {"out_order_no": freeze}
    if kind is Kind.CAPTURE:
        return {"out_trade_no": own, "total_amount": amount}
    if kind is Kind.UNFREEZE:
        return {"out_request_no": own, "amount": amount}
    if kind is Kind.TRANSFER:
        return {"out_biz_no": own, "amount" if step is Step.SEND else "trans_amount": amount}
    trade: dict[str, str | int] = {"out_trade_no": str(ask.request.get("capture_out_no", ""))}
    return trade if step is Step.SEND else {**trade, "out_request_no": own, "refund_amount": amount}


def _expected_if_there(ask: Ask, kind: Kind) -> dict[str, str | int]:
    """Fields that not every answer has, and that must not contradict."""
    if kind is Kind.FREEZE:
        return {"operation_type": "FREEZE"}
    if kind is Kind.UNFREEZE:
        return {"operation_type": "UNFREEZE", "auth_no": str(ask.request.get("auth_no", ""))}
    if kind is Kind.CAPTURE:
        return {"buyer_user_id": str(ask.request.get("payer_user_id", ""))}
    return {}


# Words, states and facts of an answer


def fen(text: str) -> int | None:
    """Fen of an amount on the wire ("12.34", "12.3", "12"), or None."""
    match = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,2}))?", text, re.ASCII)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else None


def _word(node: Node, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


_GATEWAY_NO = {
    Kind.FREEZE: "auth_no",
    Kind.CANCEL_FREEZE: "operation_id",
    Kind.CAPTURE: "trade_no",
    Kind.UNFREEZE: "operation_id",
    Kind.TRANSFER: "order_id",
    Kind.REFUND: "trade_no",
}


def _state(kind: Kind, step: Step, node: Node) -> str:
    if step is Step.SEND and kind in _STATE_OF_SEND:
        return _STATE_OF_SEND[kind](node)
    return _STATE[kind](node)


def _code_state(node: Node) -> str:
    return "CODE" if _word(node, "code_value") or _word(node, "code_url") else ""


def _freeze_state(node: Node) -> str:
    """INIT, FROZEN (and what became of it later is in the facts), or CLOSED unpaid."""
    order_status = _word(node, "order_status")
    status = _word(node, "status") or _FROM_ORDER_STATUS.get(order_status, "")
    is_closed = "CLOSED" in (status, order_status)
    if status == "SUCCESS" or (is_closed and _was_paid(node)):
        return "FROZEN"
    if is_closed:
        return "CLOSED"
    return "INIT" if status == "INIT" else ""


def _cancelled_state(node: Node) -> str:
    """Of the freeze, for its cancellation: INIT, FROZEN, CLOSED unpaid, RELEASED or SPENT."""
    state = _freeze_state(node)
    if state != "FROZEN":
        return state
    if (fen(_word(node, "total_pay_amount")) or 0) > 0:
        return "SPENT"
    is_empty = fen(_word(node, "rest_amount")) == 0
    return "RELEASED" if is_empty or _word(node, "order_status") == "CLOSED" else "FROZEN"


def _was_paid(node: Node) -> bool:
    return (fen(_word(node, "total_freeze_amount")) or 0) > 0


_FROM_ORDER_STATUS = {"INIT": "INIT", "AUTHORIZED": "SUCCESS", "FINISH": "SUCCESS"}
_STATE_OF_SEND: dict[Kind, Callable[[Node], str]] = {
    Kind.FREEZE: _code_state,
    Kind.CANCEL_FREEZE: lambda node: _word(node, "action"),
    Kind.REFUND: lambda node: _word(node, "fund_change"),
}
_STATE: dict[Kind, Callable[[Node], str]] = {
    Kind.FREEZE: _freeze_state,
    Kind.CANCEL_FREEZE: _cancelled_state,
    Kind.CAPTURE: lambda node: _word(node, "trade_status"),
    Kind.UNFREEZE: lambda node: _word(node, "status"),
    Kind.TRANSFER: lambda node: _word(node, "status"),
    Kind.REFUND: lambda node: _word(node, "refund_status"),
}

_FREEZE_WORDS = ("auth_no", "payer_user_id", "pre_auth_type", "order_status", "status")
_FREEZE_AMOUNTS = (
    "fund_amount", "credit_amount", "rest_amount", "total_freeze_amount", "total_pay_amount",
)  # fmt: skip
_WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.FREEZE: ("code_value", "code_url", *_FREEZE_WORDS),
    Kind.CANCEL_FREEZE: ("action", *_FREEZE_WORDS),
    Kind.CAPTURE: ("trade_status", "buyer_user_id"),
    Kind.UNFREEZE: ("status", "auth_no"),
    Kind.TRANSFER: ("status", "error_code", "fail_reason", "pay_fund_order_id"),
    Kind.REFUND: ("fund_change", "refund_status"),
}
_AMOUNTS: dict[Kind, tuple[str, ...]] = {
    Kind.FREEZE: _FREEZE_AMOUNTS,
    Kind.CANCEL_FREEZE: _FREEZE_AMOUNTS,
}


def _facts(kind: Kind, step: Step, node: Node) -> dict[str, Any]:
    """What the rules need to know beside the outcome; amounts in fen, only those that are there."""
    facts: dict[str, Any] = {name: _word(node, name) for name in _there(node, _WORDS[kind])}
    for name in _there(node, _AMOUNTS.get(kind, ())):
        facts[f"{name}_fen"] = fen(_word(node, name))
    if kind is Kind.REFUND and step is Step.QUERY and not _word(node, "refund_status"):
        facts["may_resend"] = _word(node, "code") == DONE
    return facts


def _there(node: Node, names: Iterable[str]) -> list[str]:
    return [name for name in names if _word(node, name)]
