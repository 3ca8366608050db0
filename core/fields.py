"""Private text: encrypted at rest, found again only through a blind index."""

import hashlib
import hmac
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The first of FIELD_KEYS encrypts, all of them decrypt."""
    return _cipher(tuple(settings.FIELD_KEYS))


def encrypt(text: str) -> str:
    """Empty stays empty, so that "is it filled in" needs no key."""
    return cipher().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    return cipher().decrypt(token.encode()).decode() if token else ""


def blind_index(value: str) -> str:
    """A keyed fingerprint (64 hex digits): equal for equal values, useless without the key."""
    plain = value.strip().casefold().encode()
    return hmac.new(settings.BLIND_INDEX_KEY.encode(), plain, hashlib.sha256).hexdigest()


if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


@cache
def encrypted(model: type[models.Model], prefix: str = "") -> tuple[str, ...]:
    """The names of its encrypted fields, for `defer`: a list that shows none opens none."""
    fields = model._meta.concrete_fields
    return tuple(prefix + f.name for f in fields if isinstance(f, EncryptedTextField))


class EncryptedTextField(TextField):
    """Text that the database only ever sees encrypted. It cannot be searched."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return encrypt(prepared) if prepared is not None else None

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Any comparison would compare cipher texts, which never match: only "is null" is left."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
