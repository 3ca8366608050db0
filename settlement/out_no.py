"""Our own number for an operation at the gateway, derived and never drawn by lot.

The same intent gives the same number again, even after a restore from a backup that lost the
operation's row: the gateway then knows the number and cannot pay twice.
"""

import hmac

from settlement.kinds import Kind

LETTERS = {
    Kind.FREEZE: "F",
    Kind.CANCEL_FREEZE: "X",
    Kind.CAPTURE: "C",
    Kind.UNFREEZE: "U",
    Kind.TRANSFER: "T",
    Kind.REFUND: "R",
}
LENGTH = 27
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Two base32 characters for each 10 bits: half as many steps as one by one.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_DIGEST_BYTES = 17
_SHIFTS = range(_DIGEST_BYTES * 8 - 10, 0, -10)


def out_no(kind: str, subject: str, intent: int, *, secret: bytes) -> str:
    """The kind's letter and 26 base32 characters (130 bits) of HMAC-SHA256: 27 of [A-Z2-7].

    `subject` names what it is about ("order:12"), `intent` counts the intents of this kind for it.
    Raises ValueError for an unknown kind.
    """
    letter = LETTERS[Kind(kind)]
    digest = hmac.digest(secret, f"{subject}|{kind}|{intent}".encode(), "sha256")
    number = int.from_bytes(digest[:_DIGEST_BYTES], "big")
    return letter + "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
