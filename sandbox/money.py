"""Yuan on the wire, integer fen inside."""

import re

_YUAN = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")


def fen(text: str) -> int:
    """Read "12.34" as 1234 fen; raises ValueError for anything else."""
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError(f"not an amount in yuan: {text!r}")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def yuan(amount_fen: int) -> str:
    """Write 1234 fen as "12.34"."""
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"
