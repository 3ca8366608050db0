"""The wire: reading a signed request, and writing an answer whose exact text is signed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox import errors, fields, times
from sandbox.config import Config
from sandbox.keys import Keys

CLOCK_TOLERANCE = timedelta(minutes=15)
_REQUIRED = ("app_id", "method", "charset", "sign_type", "timestamp", "version", "sign")
_FIXED = {"charset": "utf-8", "sign_type": "RSA2", "version": "1.0"}


@dataclass(frozen=True)
class Ask:
    """A request whose signature and fields are in order."""

    method: fields.Method
    biz: dict[str, Any]
    notify_url: str | None
    return_url: str | None
    is_certified: bool

    @property
    def out_no(self) -> str:
        """Return the caller's own number of what he asks for."""
        return str(self.biz.get(self.method.id_field, ""))

    @property
    def digest(self) -> str:
        """Return the content in one fixed form: a repeat must have the same."""
        return json.dumps(self.biz, sort_keys=True, ensure_ascii=False)


def read(params: Mapping[str, str], config: Config, keys: Keys, *, at: datetime) -> Ask:
    """Read one request; raises GatewayError, and then nothing was executed."""
    _check_common(params, config)
    if not keys.verify(signed_text(params), params["sign"]):
        raise errors.invalid("signature", "验签出错")
    _check_time(params["timestamp"], at)
    is_certified = _check_certificates(params, keys)
    method = fields.methods().get(params["method"])
    if method is None:
        raise errors.invalid("method", "不存在的方法名")
    if method.certificates and not is_certified:
        raise errors.missing("app-cert-sn")
    biz = _content(params)
    fields.check(method, biz)
    return Ask(method, biz, params.get("notify_url"), params.get("return_url"), is_certified)


def signed_text(params: Mapping[str, str], *, leave_out: tuple[str, ...] = ("sign",)) -> str:
    """Join the sorted parameters; empty ones do not count."""
    kept = sorted((k, v) for k, v in params.items() if k not in leave_out and v != "")
    return "&".join(f"{key}={value}" for key, value in kept)


def dumps(body: Mapping[str, Any]) -> str:
    """Write the content of an answer."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def response_key(params: Mapping[str, str]) -> str:
    """Return the name under which the answer stands, also when the request was bad."""
    method = fields.methods().get(params.get("method", ""))
    return method.response_key if method else "error_response"


def envelope(key: str, content: str, sign: str | None, cert_sn: str | None) -> str:
    """Put the exact signed text between the name and the signature."""
    parts = [f'"{key}":{content}']
    if cert_sn is not None:
        parts.append(f'"alipay_cert_sn":"{cert_sn}"')
    if sign is not None:
        parts.append(f'"sign":"{sign}"')
    return "{" + ",".join(parts) + "}"


def _check_common(params: Mapping[str, str], config: Config) -> None:
    for name in _REQUIRED:
        if not params.get(name):
            raise errors.missing("signature" if name == "sign" else name.replace("_", "-"))
    if params["app_id"] != config.app_id:
        raise errors.invalid("app-id", "无效的AppID参数")
    for name, wanted in _FIXED.items():
        if params[name].lower() != wanted.lower():
            raise errors.invalid(
                "signature-type" if name == "sign_type" else name, f"{name} must be {wanted}"
            )
    if params.get("format", "JSON").upper() != "JSON":
        raise errors.invalid("format", "format must be JSON")


def _check_time(text: str, at: datetime) -> None:
    try:
        sent_at = times.read(text)
    except ValueError as problem:
        raise errors.invalid("timestamp", "非法的时间戳参数") from problem
    if abs(at - sent_at) > CLOCK_TOLERANCE:
        raise errors.invalid("timestamp", "时间戳超出范围")


def _check_certificates(params: Mapping[str, str], keys: Keys) -> bool:
    given = params.get("app_cert_sn"), params.get("alipay_root_cert_sn")
    if given == (None, None):
        return False
    if given[0] != keys.app_cert_sn:
        raise errors.invalid("app-cert-sn", "应用公钥证书序列号不匹配")
    if given[1] != keys.root_cert_sn:
        raise errors.invalid("alipay-root-cert-sn", "支付宝根证书序列号不匹配")
    return True


def _content(params: Mapping[str, str]) -> dict[str, Any]:
    try:
        content = json.loads(params.get("biz_content", "{}"))
    except json.JSONDecodeError as problem:
        raise errors.invalid("parameter", "biz_content is not JSON") from problem
    if not isinstance(content, dict):
        raise errors.invalid("parameter", "biz_content is not an object")
    return content
