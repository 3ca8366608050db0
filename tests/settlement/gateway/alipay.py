"""A stand-in for Alipay at the other end of the wire: it signs what a test tells it to say."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from settlement.gateway import client

OWN = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ALIPAY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
APP_ID = "2021000000000001"
SELLER_ID = "2088000000000001"

Body = bytes | Exception
Words = dict[str, Any]


def write_keys(directory: Path, *, certificates: bool = False, public: bool = True) -> Path:
    """A directory of keys as the adapter expects it."""
    directory.mkdir(parents=True, exist_ok=True)
    private = directory / "app_private_key.pem"
    private.write_bytes(_private_pem(OWN))
    private.chmod(0o600)
    if public:
        (directory / "alipay_public_key.pem").write_bytes(_public_pem(ALIPAY))
    if certificates:
        for name, key in (("app", OWN), ("alipay", ALIPAY), ("alipay_root", ALIPAY)):
            (directory / f"{name}_cert.crt").write_bytes(_certificate(name, key))
    return directory


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, info)


def _certificate(name: str, key: rsa.RSAPrivateKey) -> bytes:
    oids = (
        NameOID.COUNTRY_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    )
    words = ("CN", "A test", "Certificates", name)
    pairs = zip(oids, words, strict=True)
    who = x509.Name([x509.NameAttribute(oid, word) for oid, word in pairs])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(who, who, key.public_key(), 7, at, at + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def sign(text: bytes, algorithm: hashes.HashAlgorithm | None = None) -> str:
    """Alipay's signature of a text, RSA2 unless another algorithm is given."""
    signature = ALIPAY.sign(text, padding.PKCS1v15(), algorithm or hashes.SHA256())
    return base64.b64encode(signature).decode()


def was_signed_by_us(text: str, signature: str) -> None:
    """Raises InvalidSignature unless our key signed the text."""
    raw = base64.b64decode(signature)
    OWN.public_key().verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def node_of(method: str) -> str:
    """The name of an answer: "alipay.trade.pay" answers "alipay_trade_pay_response"."""
    return method.replace(".", "_") + "_response"


def signed(node: str, words: Words) -> bytes:
    """A whole answer, as Alipay writes it."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    return b'{"' + node.encode() + b'":' + text + b',"sign":"' + sign(text).encode() + b'"}'


def done(**words: Any) -> Words:
    """Code 10000 and what goes with it."""
    return {"code": "10000", "msg": "Success", **words}


def denied(sub_code: str, code: str = "40004") -> Words:
    """A refusal."""
    return {"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "不行"}


class Alipay:
    """Answers each call with the next of what it was told to say, and keeps what it heard."""

    def __init__(self, *says: Words | Body | Callable[[httpx.Request], httpx.Response]) -> None:
        self.says = list(says)
        self.heard: list[dict[str, str]] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = dict(parse_qsl(request.read().decode(), keep_blank_values=True))
        self.requests.append(request)
        self.heard.append(form)
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, dict):
            said = signed(node_of(form["method"]), said)
        return httpx.Response(200, content=said) if isinstance(said, bytes) else said(request)

    @property
    def methods(self) -> list[str]:
        """The methods it was asked, without "alipay."."""
        return [form["method"].removeprefix("alipay.") for form in self.heard]

    def content(self, number: int = 0) -> Words:
        """The biz_content of one call."""
        found: Words = json.loads(self.heard[number]["biz_content"])
        return found


@contextmanager
def alipay_says(
    *says: Words | Body | Callable[[httpx.Request], httpx.Response],
) -> Iterator[Alipay]:
    """Within it, every call reaches an Alipay that says these things in turn."""
    alipay = Alipay(*says)
    with client.use_transport(httpx.MockTransport(alipay)):
        yield alipay
