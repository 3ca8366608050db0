"""An app that speaks to Alipay with nothing but the published rules of the wire."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox import keys, times
from tests.alipay import GATEWAY_URL, LocalAlipay


class BadSignature(Exception):
    """The answer is not what Alipay signed."""


class Caller:
    """Signs requests, checks answers."""

    def __init__(self, alipay: LocalAlipay) -> None:
        self.alipay = alipay
        self.http = httpx.Client(transport=alipay.transport)

    def params(
        self, method: str, biz: dict[str, Any] | None = None, **common: str
    ) -> dict[str, str]:
        """Common parameters, signed; a value given as "" leaves the parameter out."""
        params = {
            "app_id": self.alipay.house.config.app_id,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": times.wire(self.alipay.house.now()),
            "version": "1.0",
            "biz_content": json.dumps(biz or {}, ensure_ascii=False),
            **common,
        }
        params = {name: value for name, value in params.items() if value != ""}
        return {**params, "sign": self.sign(params)}

    def sign(self, params: dict[str, str]) -> str:
        text = "&".join(f"{k}={v}" for k, v in sorted(params.items()))
        key = _private_key(self.alipay.keys_dir)
        return base64.b64encode(
            key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        ).decode()

    def certificates(self) -> dict[str, str]:
        """The common parameters of certificate mode."""
        return {
            "app_cert_sn": keys.cert_sn(self._pem("app_cert.crt")),
            "alipay_root_cert_sn": keys.cert_sn(self._pem("alipay_root_cert.crt")),
        }

    def send(self, params: dict[str, str]) -> dict[str, Any]:
        """Post the parameters; returns the content of a well-signed answer."""
        reply = self.http.post(GATEWAY_URL, data=params)
        assert reply.status_code == 200
        return self.checked(reply.text)

    def ask(self, method: str, biz: dict[str, Any] | None = None, **common: str) -> dict[str, Any]:
        return self.send(self.params(method, biz, **common))

    def checked(self, text: str) -> dict[str, Any]:
        """Check the signature over the exact text between the name and the signature."""
        whole = json.loads(text)
        name = next(iter(whole))
        end = text.rindex(',"alipay_cert_sn"' if "alipay_cert_sn" in whole else ',"sign"')
        signed = text[len(f'{{"{name}":') : end]
        self.check(signed, whole["sign"])
        content: dict[str, Any] = whole[name]
        return content

    def check(self, text: str, signature: str) -> None:
        """Raise BadSignature unless Alipay signed this text."""
        public = _alipay_key(self.alipay.keys_dir)
        try:
            raw = base64.b64decode(signature)
            public.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as wrong:
            raise BadSignature from wrong

    def _pem(self, name: str) -> bytes:
        return (Path(self.alipay.keys_dir) / name).read_bytes()

    # the product's methods, with sensible contents

    def create(self, no: str = "F1", amount: str = "100.00", **other: Any) -> dict[str, Any]:
        common = {k: other.pop(k) for k in ("notify_url", "return_url") if k in other}
        biz = {
            "out_order_no": no,
            "out_request_no": no,
            "order_title": "Three posts {about} tea",
            "amount": amount,
            "product_code": "PRE_AUTH",
            **other,
        }
        return self.ask("alipay.fund.auth.order.voucher.create", biz, **common)

    def frozen(self, no: str = "F1", amount: str = "100.00", **other: Any) -> dict[str, Any]:
        """A freeze that the payer has confirmed; returns what the query tells of it."""
        self.create(no, amount, **other)
        self.alipay.pay(no)
        return self.query(no)

    def query(
        self, no: str = "F1", request: str | None = None, kind: str = "FREEZE"
    ) -> dict[str, Any]:
        biz = {"out_order_no": no, "out_request_no": request or no, "operation_type": kind}
        return self.ask("alipay.fund.auth.operation.detail.query", biz)

    def unfreeze(self, auth_no: str, no: str, amount: str) -> dict[str, Any]:
        biz = {"auth_no": auth_no, "out_request_no": no, "amount": amount, "remark": "lapsed"}
        return self.ask("alipay.fund.auth.order.unfreeze", biz)

    def cancel(self, no: str = "F1") -> dict[str, Any]:
        biz = {"out_order_no": no, "out_request_no": no, "remark": "void"}
        return self.ask("alipay.fund.auth.operation.cancel", biz)

    def capture(self, freeze: dict[str, Any], no: str, amount: str, **other: Any) -> dict[str, Any]:
        biz = {
            "out_trade_no": no,
            "subject": "One post",
            "total_amount": amount,
            "product_code": "PRE_AUTH",
            "auth_no": freeze["auth_no"],
            "buyer_id": freeze["payer_user_id"],
            "seller_id": self.alipay.house.config.seller_id,
            "auth_confirm_mode": "NOT_COMPLETE",
            **other,
        }
        return self.ask("alipay.trade.pay", biz)

    def refund(self, trade: str, no: str, amount: str) -> dict[str, Any]:
        biz = {"out_trade_no": trade, "out_request_no": no, "refund_amount": amount}
        return self.ask("alipay.trade.refund", biz)

    def query_refund(self, trade: str, no: str) -> dict[str, Any]:
        biz = {"out_trade_no": trade, "out_request_no": no}
        return self.ask("alipay.trade.fastpay.refund.query", biz)

    def transfer(
        self, no: str, amount: str, payee: str = "creator@example.com", name: str = "林小雨"
    ) -> dict[str, Any]:
        biz = {
            "out_biz_no": no,
            "trans_amount": amount,
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
            "order_title": "Reward",
            "payee_info": {"identity": payee, "identity_type": "ALIPAY_LOGON_ID", "name": name},
        }
        return self.ask("alipay.fund.trans.uni.transfer", biz, **self.certificates())

    def query_transfer(self, no: str) -> dict[str, Any]:
        biz = {
            "out_biz_no": no,
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
        }
        return self.ask("alipay.fund.trans.common.query", biz, **self.certificates())


@cache
def _private_key(directory: Path) -> rsa.RSAPrivateKey:
    pem = (directory / "app_private_key.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def _alipay_key(directory: Path) -> rsa.RSAPublicKey:
    key = serialization.load_pem_public_key((directory / "alipay_public_key.pem").read_bytes())
    assert isinstance(key, rsa.RSAPublicKey)
    return key
