"""The gateway: read a request, execute it once, sign the exact text of the answer.

This is also the one place where the faults of the wire strike.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from sandbox import bills, errors, money, preauth, trades, transfers, wire
from sandbox.alipay import Alipay
from sandbox.wire import Ask

log = logging.getLogger("sandbox")

Handler = Callable[[Alipay, Ask], dict[str, Any]]

HANDLERS: dict[str, Handler] = {
    "alipay.fund.auth.order.voucher.create": preauth.create,
    "alipay.fund.auth.order.app.freeze": preauth.accept_order_string,
    "alipay.fund.auth.operation.detail.query": preauth.query,
    "alipay.fund.auth.operation.cancel": preauth.cancel,
    "alipay.fund.auth.order.unfreeze": preauth.unfreeze,
    "alipay.trade.pay": trades.pay,
    "alipay.trade.query": trades.query,
    "alipay.trade.refund": trades.refund,
    "alipay.trade.fastpay.refund.query": trades.query_refund,
    "alipay.fund.trans.uni.transfer": transfers.send,
    "alipay.fund.trans.common.query": transfers.query,
    "alipay.data.dataservice.bill.downloadurl.query": bills.download_url,
}


class ConnectionCut(ConnectionError):
    """The line goes dead: the caller gets no answer at all."""


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    text: str
    status: int = 200
    content_type: str = "text/html;charset=utf-8"


def answer(alipay: Alipay, params: Mapping[str, str]) -> Reply:
    """Answer one request. Raises ConnectionCut when a fault says so."""
    try:
        ask = wire.read(params, alipay.config, alipay.keys, at=alipay.now())
    except errors.GatewayError as refusal:
        return Reply(_signed(alipay, wire.response_key(params), refusal.body(), certified=False))
    spoiled = _before(alipay, ask)
    if spoiled is not None:
        return spoiled
    body = execute(alipay, ask)
    return _after(alipay, ask, body)


def execute(alipay: Alipay, ask: Ask) -> dict[str, Any]:
    """Carry the request out; a refusal is an answer like any other."""
    try:
        result = HANDLERS[ask.method.name](alipay, ask)
    except errors.GatewayError as refusal:
        return refusal.body()
    except psycopg.Error:
        log.exception("%s of %s failed", ask.method.name, ask.out_no)
        return errors.refused(ask.method.system_error, "系统错误").body()
    return {"code": "10000", "msg": "Success", **result}


def _before(alipay: Alipay, ask: Ask) -> Reply | None:
    """Strike before the execution: nothing has happened yet."""
    name, out_no = ask.method.name, ask.out_no
    take = alipay.faults.take
    if take("drop_before", name, out_no):
        raise ConnectionCut
    if take("slow_exec", name, out_no):
        alipay.faults.keep_late(lambda: execute(alipay, ask))
        raise ConnectionCut
    if take("http500_before", name, out_no):
        return Reply("Internal Server Error", 500)
    if fault := take("error_response", name, out_no):
        return Reply(_signed(alipay, "error_response", _told(fault.given), certified=False))
    fault = take("code20000", name, out_no)
    if fault is None:
        return None
    if fault.given.get("executed"):
        execute(alipay, ask)
    body = errors.unavailable().body()
    return Reply(_signed(alipay, ask.method.response_key, body, certified=ask.is_certified))


def _told(given: dict[str, Any]) -> dict[str, str]:
    """Build an error body from the switch: code and sub_code may be chosen."""
    sub_code = str(given.get("sub_code", "isv.invalid-parameter"))
    return errors.GatewayError(
        str(given.get("code", "40002")), "Invalid Arguments", sub_code, "switched on"
    ).body()


def _after(alipay: Alipay, ask: Ask, body: dict[str, Any]) -> Reply:
    """Strike after the execution: the money may have moved, the answer is spoiled."""
    name, out_no = ask.method.name, ask.out_no
    take = alipay.faults.take
    if take("drop_after", name, out_no):
        raise ConnectionCut
    if fault := take("hang", name, out_no):
        time.sleep(float(fault.given.get("seconds", 20)))
        raise ConnectionCut
    if take("http500_after", name, out_no):
        return Reply("Internal Server Error", 500)
    if take("html", name, out_no):
        return Reply("<html><body>Please try again later</body></html>")
    return Reply(_spoiled_signature(alipay, ask, body))


def _spoiled_signature(alipay: Alipay, ask: Ask, body: dict[str, Any]) -> str:
    key, content = ask.method.response_key, wire.dumps(body)
    cert_sn = alipay.keys.alipay_cert_sn if ask.is_certified else None
    name, out_no = ask.method.name, ask.out_no
    if alipay.faults.take("unsigned", name, out_no):
        return wire.envelope(key, content, None, cert_sn)
    if alipay.faults.take("sha1", name, out_no):
        return wire.envelope(key, content, alipay.keys.sign_sha1(content), cert_sn)
    if alipay.faults.take("tamper", name, out_no):
        altered = wire.dumps(_altered(body))
        return wire.envelope(key, altered, alipay.keys.sign(content), cert_sn)
    return wire.envelope(key, content, alipay.keys.sign(content), cert_sn)


def _altered(body: dict[str, Any]) -> dict[str, Any]:
    """Change an amount where there is one, else the message: the signature fits no more."""
    for name in ("amount", "total_amount", "trans_amount", "refund_amount", "refund_fee"):
        if name in body:
            return {**body, name: money.yuan(money.fen(body[name]) + 1)}
    return {**body, "msg": "Succes5"}


def _signed(alipay: Alipay, key: str, body: dict[str, Any], *, certified: bool) -> str:
    content = wire.dumps(body)
    cert_sn = alipay.keys.alipay_cert_sn if certified else None
    return wire.envelope(key, content, alipay.keys.sign(content), cert_sn)
