"""Telling devices apart for one day and one link, without knowing them. Pure.

What is kept is a keyed hash; the salt in it is drawn anew each day and thrown away with the day's
rows, so that afterwards not even we could say whose it was.
"""

import hashlib
import hmac
from collections.abc import Mapping
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings

HASH_BYTES = 16


def device_of(*, link: str, network: str, user_agent: str, salt: bytes) -> bytes:
    """Sixteen bytes that are the same for the same device on the same link and day alone."""
    told = f"{link}\0{network}\0{user_agent}".encode(errors="replace")
    key = hashlib.sha256(b"vtask device\0" + settings.BLIND_INDEX_KEY.encode() + salt).digest()
    return hmac.digest(key, told, "sha256")[:HASH_BYTES]


def network_of(meta: Mapping[str, object], *, proxies: int) -> str:
    """The address that a request comes from: what the outermost of our own `proxies` has seen.

    What stands further left in X-Forwarded-For was written by the sender and is not believed. Of
    an IPv6 address the network (/64) counts: a device changes the rest of it by itself.
    """
    told = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    seen = [part.strip() for part in told.split(",") if part.strip()]
    text = str(meta.get("REMOTE_ADDR", ""))
    if 0 < proxies <= len(seen):
        text = seen[-proxies]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False))
    return str(address)
