"""Alipay's numbers of certificates: MD5 over issuer and serial number.

The SDK computes them with functions that OpenSSL's Python binding has given up.
"""

import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_RSA_SIGNATURES = "1.2.840.113549.1.1."
_ISSUER = {
    "CN": NameOID.COMMON_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "C": NameOID.COUNTRY_NAME,
}


def number(pem: str) -> str:
    """The number of the one certificate in `pem`. Raises ValueError."""
    return _number(x509.load_pem_x509_certificate(pem.encode()))


def root_number(pem: str) -> str:
    """The numbers of the root certificates that are signed with RSA, joined as Alipay does."""
    found = [_read(part) for part in _PEM.findall(pem)]
    rsa = (
        cert
        for cert in found
        if cert and cert.signature_algorithm_oid.dotted_string.startswith(_RSA_SIGNATURES)
    )
    return "_".join(_number(cert) for cert in rsa)


def public_key(pem: str) -> str:
    """The public key in a certificate, in PEM. Raises ValueError."""
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, info).decode()


def _read(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:  # Alipay's file also has certificates of the SM family
        return None


def _number(cert: x509.Certificate) -> str:
    issuer = ",".join(f"{name}={_word(cert.issuer, oid)}" for name, oid in _ISSUER.items())
    text = f"{issuer}{cert.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _word(issuer: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = issuer.get_attributes_for_oid(oid)
    return str(found[0].value) if found else "None"
