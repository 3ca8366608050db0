"""The payment service's official SDK drives the local Alipay. Runs in an environment of its own.

Nothing of ours is imported: the SDK signs and verifies with `rsa`, a third implementation beside
the client's and the local Alipay's. One function is patched, since the SDK cannot reach a port
other than 80 or 443. Prints one line per step, and ends with 1 when one is not as expected.

    official.py GATEWAY CONTROL KEYS_DIR APP_ID SELLER_ID
"""

import base64
import http.client
import json
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.request import (
    AlipayFundAuthOperationCancelRequest,
    AlipayFundAuthOperationDetailQueryRequest,
    AlipayFundAuthOrderUnfreezeRequest,
    AlipayFundAuthOrderVoucherCreateRequest,
    AlipayFundTransCommonQueryRequest,
    AlipayTradeFastpayRefundQueryRequest,
    AlipayTradePayRequest,
    AlipayTradeQueryRequest,
    AlipayTradeRefundRequest,
)
from alipay.aop.api.util import SignatureUtils, WebUtils

GATEWAY, CONTROL, KEYS, APP_ID, SELLER_ID = sys.argv[1:6]
FREEZE = "CROSSCHECK0000000000000001"
failed: list[str] = []


def connection(url: str, query: str, timeout: int) -> tuple[str, http.client.HTTPConnection]:
    """In the place of the SDK's own, which knows ports 80 and 443 only."""
    parts = urllib.parse.urlparse(url)
    return f"{parts.path}?{query}", http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=timeout
    )


WebUtils.get_http_connection = connection


def key(name: str) -> str:
    """A key as the SDK wants it: PKCS#1 for the private one, without the lines around it."""
    path = Path(KEYS) / name
    if "private" in name:
        text = run("openssl", "rsa", "-in", str(path), "-traditional").decode()
    else:
        text = path.read_text()
    return "".join(line for line in text.splitlines() if not line.startswith("-"))


def run(*command: str, content: bytes | None = None) -> bytes:
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


config = AlipayClientConfig()
config.app_id, config.sign_type = APP_ID, "RSA2"
config.app_private_key = key("app_private_key.pem")
config.alipay_public_key = key("alipay_public_key.pem")
config.server_url = GATEWAY
client = DefaultAlipayClient(config)


def ask(module: Any, **content: Any) -> dict[str, Any]:
    """One request through the SDK; it verifies the signature before it gives the answer."""
    request = getattr(module, module.__name__.rsplit(".", 1)[1])()
    request.biz_content = content
    if "VoucherCreate" in module.__name__:
        request.notify_url = "http://127.0.0.1:9/notice"
    answer: dict[str, Any] = json.loads(client.execute(request))
    return answer


def control(path: str, **given: Any) -> None:
    body = json.dumps(given).encode()
    request = urllib.request.Request(
        CONTROL + path, body, {"Content-Type": "application/json"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=10).read()


def clear_faults() -> None:
    urllib.request.urlopen(urllib.request.Request(f"{CONTROL}/faults", method="DELETE"), timeout=10)


def step(name: str, is_good: bool, told: Any = "") -> None:
    print(f"{'ok  ' if is_good else 'FAIL'}  {name:24} {str(told)[:120]}", flush=True)
    if not is_good:
        failed.append(name)


def expect(name: str, answer: dict[str, Any], **facts: Any) -> None:
    wrong = {k: answer.get(k) for k, v in {"code": "10000", **facts}.items() if answer.get(k) != v}
    step(name, not wrong, wrong or {k: answer[k] for k in facts})


def the_way_of_the_money() -> None:
    """Freeze → query → payer confirms → capture → release → refund → queries."""
    made = ask(
        AlipayFundAuthOrderVoucherCreateRequest,
        out_order_no=FREEZE,
        out_request_no=FREEZE,
        order_title="crosscheck",
        amount="100.00",
        product_code="PRE_AUTH",
        payee_user_id=SELLER_ID,
        pay_timeout="15m",
    )
    expect("freeze made", made, out_order_no=FREEZE)
    pair = {"out_order_no": FREEZE, "out_request_no": FREEZE, "operation_type": "FREEZE"}
    expect("freeze waits", ask(AlipayFundAuthOperationDetailQueryRequest, **pair), status="INIT")
    control("/accounts", logon_id="p@example.com", name="P", balance_fen=100_000, is_payer=True)
    control(f"/freezes/{FREEZE}/confirm", payer="p@example.com")
    held = ask(AlipayFundAuthOperationDetailQueryRequest, **pair)
    expect("freeze holds", held, status="SUCCESS", rest_amount="100.00")
    taken = ask(
        AlipayTradePayRequest,
        out_trade_no="CROSSCAPTURE1",
        subject="crosscheck",
        total_amount="60.00",
        product_code="PRE_AUTH",
        auth_no=held["auth_no"],
        buyer_id=held["payer_user_id"],
        seller_id=SELLER_ID,
        auth_confirm_mode="NOT_COMPLETE",
    )
    expect("captured", taken, out_trade_no="CROSSCAPTURE1", total_amount="60.00")
    trade = ask(AlipayTradeQueryRequest, out_trade_no="CROSSCAPTURE1")
    expect("capture known", trade, trade_status="TRADE_SUCCESS")
    released = ask(
        AlipayFundAuthOrderUnfreezeRequest,
        auth_no=held["auth_no"],
        out_request_no="CROSSRELEASE1",
        amount="40.00",
        remark="rest",
    )
    expect("rest released", released, out_request_no="CROSSRELEASE1")
    refund = {"out_trade_no": "CROSSCAPTURE1", "out_request_no": "CROSSREFUND1"}
    expect(
        "refunded",
        ask(AlipayTradeRefundRequest, **refund, refund_amount="25.00"),
        fund_change="Y",
    )
    expect(
        "refunded once",
        ask(AlipayTradeRefundRequest, **refund, refund_amount="25.00"),
        fund_change="N",
    )
    known = ask(AlipayTradeFastpayRefundQueryRequest, **refund)
    expect("refund known", known, refund_status="REFUND_SUCCESS", refund_amount="25.00")
    gone = ask(
        AlipayFundAuthOperationCancelRequest,
        out_order_no="CROSSNOTHING",
        out_request_no="CROSSNOTHING",
        remark="none",
    )
    step("unknown freeze refused", gone["code"] == "40004", gone.get("sub_code"))
    none = ask(
        AlipayFundTransCommonQueryRequest,
        out_biz_no="CROSSTRANSFER1",
        product_code="TRANS_ACCOUNT_NO_PWD",
        biz_scene="DIRECT_TRANSFER",
    )
    step("unknown transfer", none.get("sub_code") == "ORDER_NOT_EXIST", none.get("sub_code"))


def spoiled_answers() -> None:
    """The SDK must not believe an answer that was altered or not signed."""
    for fault in ("tamper", "unsigned"):
        control("/faults", name=fault, method="alipay.trade.query")
        try:
            ask(AlipayTradeQueryRequest, out_trade_no="CROSSCAPTURE1")
            step(f"{fault} rejected", False, "was believed")
        except Exception as problem:
            step(f"{fault} rejected", True, type(problem).__name__)
        clear_faults()


def openssl_agrees() -> None:
    """What the SDK signs, openssl verifies; a changed byte does not pass."""
    text = 'a=1&b=中文 {}"'.encode()
    sign = SignatureUtils.sign_with_rsa2(config.app_private_key, text.decode(), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sign").write_bytes(base64.b64decode(sign))
        command = [
            "openssl", "dgst", "-sha256", "-verify", f"{KEYS}/app_public_key.pem",
            "-signature", f"{folder}/sign",
        ]  # fmt: skip
        good = subprocess.run(command, input=text, capture_output=True, check=False)
        bad = subprocess.run(command, input=text + b"x", capture_output=True, check=False)
    step("openssl verifies", good.returncode == 0, good.stdout.decode().strip())
    step("openssl rejects", bad.returncode != 0, bad.stdout.decode().strip())


the_way_of_the_money()
spoiled_answers()
openssl_agrees()
sys.exit(1 if failed else 0)
