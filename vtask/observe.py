"""Logs as JSON with a request's id, and never with a secret; errors to Sentry where configured."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "[hidden]"

# A name that contains one of these holds a secret or somebody's private data.
SECRET_NAMES = (
    "authorization",
    "biz_content",
    "cookie",
    "id_card",
    "key_material",
    "logon_id",
    "passwd",
    "password",
    "phone",
    "private_key",
    "real_name",
    "secret",
    "sign",
    "token",
)
# Names that contain one of the above and are harmless.
PLAIN_NAMES = frozenset({"sign_type", "signal", "signed_at", "assigned", "design"})

_NAMES = "|".join(SECRET_NAMES)
SECRETS_IN_TEXT = (
    # key material
    re.compile(r"-----BEGIN [A-Z ]*-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL),
    # "name": {...}, name={...}: what an object holds goes as a whole
    re.compile(rf"(?i)(?<=[a-z_\"'])?\b[\w-]*(?:{_NAMES})[\w-]*[\"']?\s*[=:]\s*\{{[^}}]*\}}"),
    # "name": "value", name='value', name=value, Name: value; to the end of the value
    re.compile(
        rf"(?i)[\w-]*(?:{_NAMES})[\w-]*[\"']?\s*[=:]\s*"
        r"(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?:bearer|basic|token)\s+\S+|[^\s&,;}\])]+)"
    ),
    # Chinese mobile numbers
    re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)"),
)
_NAME_IN_MATCH = re.compile(r"^[\"']?([\w-]+)")


def is_secret(name: object) -> bool:
    """Whether what stands under this name must not be written down."""
    plain = str(name).lower().replace("-", "_")
    return plain not in PLAIN_NAMES and any(secret in plain for secret in SECRET_NAMES)


def without_secrets(value: Any) -> Any:
    """The value with everything secret replaced, however deep it lies."""
    if isinstance(value, str):
        return _text_without_secrets(value)
    if isinstance(value, bytes):
        return _text_without_secrets(value.decode(errors="replace"))
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if is_secret(name) else without_secrets(inside)
            for name, inside in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(inside) for inside in value]
    return value


def _text_without_secrets(text: str) -> str:
    for pattern in SECRETS_IN_TEXT:
        text = pattern.sub(_hide, text)
    return text


def _hide(match: re.Match[str]) -> str:
    found = _NAME_IN_MATCH.match(match.group())
    name = found.group(1) if found else ""
    if not is_secret(name):
        # Key material and phone numbers have no name before them; a harmless name stays.
        return match.group() if name.lower().replace("-", "_") in PLAIN_NAMES else HIDDEN
    return f"{name}={HIDDEN}"


def hide_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The last but one step of every log line."""
    internal = {name: value for name, value in event.items() if name.startswith("_")}
    told = {name: value for name, value in event.items() if not name.startswith("_")}
    clean: dict[str, Any] = without_secrets(told)
    return {**clean, **internal}


SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_config(level: str) -> dict[str, Any]:
    """One JSON line per event on standard error, from our code and from every library."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_secrets,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Its requests are in ours; its errors come with the trace.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            # Jobs run every few seconds; one that fails is an error here.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def start_sentry(dsn: str, environment: str) -> None:
    """Errors go to Sentry, cleaned like the log and without anybody's data."""
    import sentry_sdk

    def clean(event: Any, _hint: dict[str, Any]) -> Any:
        return without_secrets(event)

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        before_send=clean,
        include_local_variables=False,
    )


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger that takes facts by name: `log.info("order paid", order_id=1)`."""
    return structlog.stdlib.get_logger(name)
