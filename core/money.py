"""Money is an integer number of fen. Floats never touch it."""

import re
from collections.abc import Sequence

BPS = 10_000
MAX_FEN = 10**14
YUAN = re.compile(r"(?P<yuan>\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.(?P<fen>\d{1,2}))?", re.ASCII)


def yuan(fen: int) -> str:
    """For people: 123450 fen are "1,234.50"."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02d}"


def plain(fen: int) -> str:
    """For the wire: 123450 fen are "1234.50"."""
    return yuan(fen).replace(",", "")


def parse_yuan(text: str) -> int:
    """Fen from what a person typed: "1,234.5" is 123450. Raises ValueError."""
    match = YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount in yuan: {text!r}")
    fen = (match["fen"] or "").ljust(2, "0")
    return int(match["yuan"].replace(",", "")) * 100 + int(fen)


def share(amount_fen: int, bps: int) -> int:
    """The part of an amount in basis points (2000 = 20 %), in fen, half up."""
    if amount_fen < 0 or not 0 <= bps <= BPS:
        raise ValueError("a share needs an amount of at least 0 and 0 to 10000 basis points")
    return (amount_fen * bps + BPS // 2) // BPS


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Divide by weights so that the parts add up exactly: largest remainder, earlier part first."""
    whole = sum(weights)
    if total_fen < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a split needs a total of at least 0 and weights of at least 0")
    parts = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(total_fen * weights[i] % whole))
    for i in by_remainder[: total_fen - sum(parts)]:
        parts[i] += 1
    return parts
