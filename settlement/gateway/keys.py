"""Our private key, Alipay's public key, and the certificates: files, read once per process."""

import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeysRefusedError(Exception):
    """A key is missing, or others may read it."""


@dataclass(frozen=True)
class Certificates:
    """What certificate mode needs besides the private key, in PEM."""

    app: str
    alipay: str
    root: str


@dataclass(frozen=True)
class Keys:
    """In PEM. Either Alipay's public key or the certificates may be missing, never both."""

    private: str = field(repr=False)
    alipay_public: str | None
    certificates: Certificates | None


@lru_cache(maxsize=8)
def load(directory: Path) -> Keys:
    """The keys of one directory, kept for the life of the process. Raises KeysRefusedError."""
    keys = Keys(
        private=_private(directory / "app_private_key.pem"),
        alipay_public=_public(directory / "alipay_public_key.pem"),
        certificates=_certificates(directory),
    )
    if keys.alipay_public is None and keys.certificates is None:
        raise KeysRefusedError("neither Alipay's public key nor certificates are there")
    return keys


def _private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if mode & _OTHERS:
            raise KeysRefusedError(f"{path.name} must be readable by its owner alone (0600)")
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise KeysRefusedError(f"{path.name} cannot be read") from error


def _public(path: Path) -> str | None:
    return path.read_text(encoding="ascii") if path.is_file() else None


def _certificates(directory: Path) -> Certificates | None:
    app = _public(directory / "app_cert.crt")
    alipay = _public(directory / "alipay_cert.crt")
    root = _public(directory / "alipay_root_cert.crt")
    return Certificates(app, alipay, root) if app and alipay and root else None
