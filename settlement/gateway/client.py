"""The SDK's signing, our own travelling: POST, limits, exact bytes, and no log of secrets.

The SDK asks by GET (its signature would stand in every proxy's log), follows redirects, counts
braces inside strings, takes its timestamp from the machine's time zone and sets up logging for the
whole process. All that is replaced here; building and signing a request stay its own.
"""

import logging
import logging.config
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from Cryptodome.Hash import SHA256
from Cryptodome.Signature import PKCS1_v1_5
from django.conf import settings

from settlement.gateway import certificates as numbers
from settlement.gateway import keys
from settlement.gateway.signed import UnreadableError, content, signed_part, strict_base64
from settlement.gateway.wire import OneShotTransport
from settlement.kinds import Kind


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """The SDK configures logging when it is imported, which would close everybody's handlers."""
    configure = logging.config.dictConfig
    logging.config.dictConfig = lambda config: None
    try:
        yield
    finally:
        logging.config.dictConfig = configure


with _logging_left_alone():
    from alipay import AliPay, DCAliPay

# The SDK writes requests with their signatures. `disabled` would not last: the next configuration
# of logging undoes it.
_sdk_log = logging.getLogger("python-alipay-sdk")
_sdk_log.handlers[:] = [logging.NullHandler()]
_sdk_log.propagate = False

TOTAL_LIMIT_S = 18  # below the lease of an operation, even for two calls in a row
_TIMEOUT = httpx.Timeout(connect=3, read=15, write=15, pool=3)
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
    "Accept-Encoding": "identity",  # so that what is kept is what was sent
}
_SHANGHAI = ZoneInfo("Asia/Shanghai")

_replacement: httpx.BaseTransport | None = None


@contextmanager
def use_transport(transport: httpx.BaseTransport) -> Iterator[None]:
    """Talks through `transport` instead of the network, in all threads: for tests."""
    global _replacement  # noqa: PLW0603 - one switch for all threads
    before, _replacement = _replacement, transport
    try:
        yield
    finally:
        _replacement = before


@dataclass(frozen=True)
class Reply:
    """What came back from one call. `node` is there only when its signature was right."""

    method: str
    http_status: int | None = None
    raw: bytes = field(default=b"", repr=False)
    node: dict[str, Any] | None = field(default=None, repr=False)
    problem: str = ""
    elapsed_ms: int = 0


class _OverHttpx:
    """Goes before one of the SDK's classes. `call` is all that others use."""

    _gateway: str
    alipay_public_key: Any

    def call(self, method: str, biz: dict[str, Any], common: dict[str, str]) -> Reply:
        """One signed request and its verified answer. Never raises for what the outside does."""
        try:
            reply: Reply = self.server_api(method, biz, **common)  # type: ignore[attr-defined]
        except Exception as error:
            return Reply(method, problem=type(error).__name__)
        return reply

    def is_signed(self, text: bytes, signature: bytes) -> bool:
        """Whether Alipay signed exactly these bytes, with RSA2 and nothing weaker."""
        try:
            return bool(PKCS1_v1_5.new(self.alipay_public_key).verify(SHA256.new(text), signature))
        except ValueError:  # the number in the signature is larger than the key's
            return False

    def build_body(self, method: str, biz_content: Any = None, **common: Any) -> dict[str, Any]:
        """As the SDK does, with the true time in Shanghai: Alipay refuses any other."""
        data: dict[str, Any] = super().build_body(method, biz_content, **common)  # type: ignore[misc]
        # The wall clock on purpose: core.clock may have been moved, Alipay's has not.
        moment = datetime.fromtimestamp(time.time(), _SHANGHAI)
        data["timestamp"] = moment.strftime("%Y-%m-%d %H:%M:%S")
        return data

    def verified_sync_response(self, data: dict[str, Any], response_type: str) -> Reply:
        """In the place of the SDK's: sends, keeps the bytes, verifies; a Reply in every case."""
        started = time.monotonic()
        method = data["method"]
        try:
            response = self._post(data)
        except Exception as error:  # whatever happened: it may have been executed
            return Reply(method, problem=type(error).__name__, elapsed_ms=_since(started))
        node, problem = self._read(response, response_type)
        return Reply(method, response.status_code, response.content, node, problem, _since(started))

    def _post(self, data: dict[str, Any]) -> httpx.Response:
        body: str = self.sign_data(data)  # type: ignore[attr-defined]
        # Everything travels in the body; only the charset must stand in the address.
        url = httpx.URL(self._gateway).copy_merge_params({"charset": "utf-8"})
        with httpx.Client(
            transport=_replacement or OneShotTransport(TOTAL_LIMIT_S),
            timeout=_TIMEOUT,
            headers=_HEADERS,
            follow_redirects=False,
            trust_env=False,
        ) as http:
            return http.post(url, content=body.encode("ascii"))

    def _read(self, response: httpx.Response, node: str) -> tuple[dict[str, Any] | None, str]:
        if response.status_code != httpx.codes.OK:
            return None, "HTTP_STATUS"
        try:
            signed = signed_part(response.content, node)
            if not self.is_signed(signed.text, signed.signature):
                return None, "BAD_SIGNATURE"
            return content(signed.text), ""
        except UnreadableError as error:
            return None, str(error)

    def _verify(self, raw_content: str, signature: str) -> bool:
        return self.is_signed(raw_content.encode(), strict_base64(signature))


class PublicKeyClient(_OverHttpx, AliPay):  # type: ignore[misc]
    """For an app that is set up with plain keys."""

    def __init__(self, app_id: str, gateway: str, private: str, alipay_public: str) -> None:
        super().__init__(
            appid=app_id,
            app_private_key_string=private,
            alipay_public_key_string=alipay_public,
            sign_type="RSA2",
        )
        self._gateway = gateway


class CertificateClient(_OverHttpx, DCAliPay):  # type: ignore[misc]
    """For an app that is set up with certificates, which transfers need."""

    def __init__(
        self, app_id: str, gateway: str, private: str, certificates: keys.Certificates
    ) -> None:
        super().__init__(
            appid=app_id,
            app_private_key_string=private,
            app_public_key_cert_string=certificates.app,
            alipay_public_key_cert_string=certificates.alipay,
            alipay_root_cert_string=certificates.root,
            sign_type="RSA2",
        )
        self._gateway = gateway
        # Computed at once, so that a broken certificate is found before anything is sent.
        self._app_cert_sn = numbers.number(certificates.app)
        self._alipay_root_cert_sn = numbers.root_number(certificates.root)

    def load_alipay_public_key_string(self) -> str:
        """In the place of the SDK's, which warns."""
        return numbers.public_key(self._alipay_public_key_cert_string)


Client = PublicKeyClient | CertificateClient


def download(url: str, *, most_bytes: int, total_s: float) -> httpx.Response:
    """One GET with the same care: no redirects, no retries, limits on size and time. Raises
    whatever goes wrong on the way; whether the address may be asked is the caller's to know.
    """
    with httpx.Client(
        transport=_replacement or OneShotTransport(total_s, most_bytes),
        timeout=_TIMEOUT,
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    ) as http:
        return http.get(url)


def client_for(kind: str | None) -> Client:
    """The client for a kind of operation: certificates for a TRANSFER, where there are any.

    None means Alipay's own notices. Raises KeysRefusedError.
    """
    directory = Path(settings.ALIPAY_KEYS_DIR)
    found = keys.load(directory)
    certified = found.certificates is not None and kind == Kind.TRANSFER
    return _client(
        directory,
        settings.ALIPAY_APP_ID,
        settings.ALIPAY_GATEWAY_URL,
        certified=certified or found.alipay_public is None,
    )


@lru_cache(maxsize=8)
def _client(directory: Path, app_id: str, gateway: str, *, certified: bool) -> Client:
    found = keys.load(directory)
    if certified and found.certificates is not None:
        return CertificateClient(app_id, gateway, found.private, found.certificates)
    return PublicKeyClient(app_id, gateway, found.private, found.alipay_public or "")


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
