"""RSA keys and certificates of both sides, made here because nobody else issues them.

Names and formats are those that Alipay hands out: PEM keys, and certificates whose serial
numbers (`*_cert_sn`) are the MD5 of issuer and serial.
"""

import base64
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_YEARS = timedelta(days=3650)
_PEM = serialization.Encoding.PEM
_ISSUER = (
    ("CN", NameOID.COMMON_NAME),
    ("OU", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("O", NameOID.ORGANIZATION_NAME),
    ("C", NameOID.COUNTRY_NAME),
)


@dataclass(frozen=True)
class Keys:
    """What the local Alipay needs: its own private key, and what it knows of the app."""

    alipay_private: rsa.RSAPrivateKey
    app_public: rsa.RSAPublicKey
    app_cert_sn: str
    alipay_cert_sn: str
    root_cert_sn: str

    def sign(self, content: str) -> str:
        """Sign as Alipay (RSA2)."""
        return self._sign(content, hashes.SHA256())

    def sign_sha1(self, content: str) -> str:
        """Sign with the old RSA1: no client may accept it."""
        return self._sign(content, hashes.SHA1())  # noqa: S303 (a fault to be refused)

    def _sign(self, content: str, digest: hashes.HashAlgorithm) -> str:
        signature = self.alipay_private.sign(content.encode(), padding.PKCS1v15(), digest)
        return base64.b64encode(signature).decode()

    def verify(self, content: str, signature: str) -> bool:
        """Tell whether the app signed this (RSA2)."""
        try:
            raw = base64.b64decode(signature, validate=True)
            self.app_public.verify(raw, content.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, InvalidSignature):
            return False
        return True

    def secret(self) -> bytes:
        """Derive the secret of the cashier's form tokens."""
        private = self.alipay_private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return hashlib.sha256(b"cashier" + private).digest()


def make(directory: Path, *, at: datetime) -> None:
    """Write what both sides need; what exists is kept."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(directory):
        app = _pair(directory, "app")
        alipay = _pair(directory, "alipay")
        names = ("app_cert.crt", "alipay_cert.crt", "alipay_root_cert.crt")
        if not all((directory / name).exists() for name in names):
            _certificates(directory, app, alipay, at)


def load(directory: Path) -> Keys:
    """Read the keys and certificates that `make` wrote."""
    private = serialization.load_pem_private_key(
        (directory / "alipay_private_key.pem").read_bytes(), password=None
    )
    public = serialization.load_pem_public_key((directory / "app_public_key.pem").read_bytes())
    assert isinstance(private, rsa.RSAPrivateKey)
    assert isinstance(public, rsa.RSAPublicKey)
    return Keys(
        private,
        public,
        *(
            cert_sn((directory / f"{name}.crt").read_bytes())
            for name in ("app_cert", "alipay_cert", "alipay_root_cert")
        ),
    )


def cert_sn(pem: bytes) -> str:
    """Return Alipay's number of a certificate: the MD5 of its issuer and serial."""
    cert = x509.load_pem_x509_certificate(pem)
    text = ",".join(
        f"{name}={cert.issuer.get_attributes_for_oid(oid)[0].value!s}" for name, oid in _ISSUER
    )
    return hashlib.md5(f"{text}{cert.serial_number}".encode(), usedforsecurity=False).hexdigest()


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    # Web and sandbox may both start first; only one may make the keys.
    with (directory / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _pair(directory: Path, name: str) -> rsa.RSAPrivateKey:
    path = directory / f"{name}_private_key.pem"
    if not path.exists():
        _write(path, _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    public = directory / f"{name}_public_key.pem"
    if not public.exists():
        info = serialization.PublicFormat.SubjectPublicKeyInfo
        _write(public, key.public_key().public_bytes(_PEM, info))
    return key


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    # Written under another name first: a crash leaves no half key behind.
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    draft.rename(path)


def _certificates(
    directory: Path, app: rsa.RSAPrivateKey, alipay: rsa.RSAPrivateKey, at: datetime
) -> None:
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root = _name("Local Alipay Root")
    _issue(directory / "alipay_root_cert.crt", root, root_key, root, root_key, at)
    _issue(directory / "app_cert.crt", _name("Local App"), app, root, root_key, at)
    _issue(directory / "alipay_cert.crt", _name("Local Alipay"), alipay, root, root_key, at)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Local Alipay"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Test Authority"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _issue(
    path: Path,
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    at: datetime,
) -> None:
    builder = x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=at - timedelta(days=1),
        not_valid_after=at + _YEARS,
    ).add_extension(x509.BasicConstraints(ca=issuer == subject, path_length=None), critical=True)
    cert = builder.sign(issuer_key, hashes.SHA256())
    _write(path, cert.public_bytes(_PEM))
