"""The pockets of an escrow and the hash chain of its transfers. Pure: no ORM, no clock.

A move takes an amount out of one pocket and puts it into another; money enters the platform's view
from `OUTSIDE` once, when a freeze succeeded. At every instant the nine pockets sum to what was
funded.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

OUTSIDE = "outside"
FROZEN = "frozen"  # in the merchant's own payment account (V50)
HELD = "held"  # in escrow at the guarantee account (V51)
PAYABLE = "payable"  # owed to the creator, not yet on its way
IN_TRANSIT = "in_transit"  # on its way to the creator
REFUND_IN_TRANSIT = "refund_in_transit"  # on its way back to the merchant
PAID = "paid"  # with the creator (V52)
RETURNED = "returned"  # back with the merchant (V53)
FEE = "fee"  # the platform's (V59)
TAX = "tax"  # withheld for the tax office

POCKETS = (FROZEN, HELD, PAYABLE, IN_TRANSIT, REFUND_IN_TRANSIT, PAID, RETURNED, FEE, TAX)
OPEN_POCKETS = (FROZEN, HELD, PAYABLE, IN_TRANSIT, REFUND_IN_TRANSIT)

GENESIS = ""  # what the first transfer of an order is chained to


@dataclass(frozen=True, slots=True)
class Move:
    """One amount (fen, above 0) from the pocket `debit` to the pocket `credit`."""

    code: str
    debit: str
    credit: str
    amount_fen: int
    settles: bool = False  # what the answered operation did, not what a new one is asked for
    nth: int = 1  # the second payout of an order, after the first one failed, is number 2

    def key(self, order_id: int) -> str:
        """The derived unique key: the same move of an order can be written only once."""
        suffix = f":{self.nth}" if self.nth > 1 else ""
        return f"order:{order_id}:{self.code}{suffix}"


@dataclass(frozen=True, slots=True)
class Line:
    """What the hash of one transfer covers; a receipt prints exactly these fields (N3)."""

    order_id: int
    seq: int
    code: str
    debit: str
    credit: str
    amount_fen: int
    debit_party: str
    credit_party: str
    operation: str
    at: datetime
    key: str

    def text(self) -> str:
        return "|".join(
            (
                "v1",
                str(self.order_id),
                str(self.seq),
                self.code,
                self.debit,
                self.credit,
                str(self.amount_fen),
                self.debit_party,
                self.credit_party,
                self.operation,
                stamp(self.at),
                self.key,
            )
        )


def stamp(at: datetime) -> str:
    """An instant as the chain writes it: UTC, microseconds, always the same length."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chain(head: str, line: Line) -> str:
    """SHA-256 over the former head and the line, as hexadecimal."""
    return hashlib.sha256(f"{head}\n{line.text()}".encode()).hexdigest()
