"""Long lists are counted only as far as anybody leafs."""

from dataclasses import dataclass
from typing import Any

MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Found:
    """So many, or more than that."""

    number: int
    has_more: bool = False

    @classmethod
    def within(cls, number: int, most: int) -> "Found":
        """Of what was counted as far as one beyond `most`."""
        return cls(min(number, most), has_more=number > most)


def counted_past(row: int, rows: Any) -> Found:
    """How many rows a query has, counted up to the next thousand after one of them: what it costs
    does not grow with the table, and every row can be reached.
    """
    most = (row // MOST_COUNTED + 1) * MOST_COUNTED
    return Found.within(rows[: most + 1].count(), most)
