"""Posting moves to an escrow. Works on loaded rows; the caller holds the lock and writes the
result.

The transfers of an order form a chain: each carries the hash of the one before it and of its own
content (N3).
"""

from collections.abc import Iterable
from datetime import datetime

from settlement.models import Escrow, Transfer
from settlement.pockets import FEE, IN_TRANSIT, OUTSIDE, PAID, PAYABLE, TAX, Line, Move, chain

PLATFORM = "platform"
TAX_OFFICE = "tax"


def party_of(pocket: str, *, merchant: str, payee: str) -> str:
    """Whose money lies in a pocket. Until it is confirmed it is the merchant's, in escrow too."""
    if pocket in (PAYABLE, IN_TRANSIT, PAID):
        return payee
    return {FEE: PLATFORM, TAX: TAX_OFFICE, OUTSIDE: merchant}.get(pocket, merchant)


def post(
    escrow: Escrow,
    moves: Iterable[Move],
    *,
    payee: str,
    at: datetime,
    asked: str = "",
    answered: str = "",
) -> list[tuple[Line, str]]:
    """Apply `moves` to the pockets of `escrow` and return the lines to insert, each with its hash.

    `payee` is the party that the order pays, `asked` the number of the gateway operation that is
    asked for now, `answered` of the one whose answer this is; either may be "". Raises `Overdrawn`
    when a pocket would fall below zero; the caller then writes nothing.
    """
    merchant = f"merchant:{escrow.merchant_id}"
    lines = []
    for move in moves:
        _apply(escrow, move)
        line = Line(
            order_id=escrow.order_id,
            seq=escrow.seq + 1,
            code=move.code,
            debit=move.debit,
            credit=move.credit,
            amount_fen=move.amount_fen,
            debit_party=party_of(move.debit, merchant=merchant, payee=payee),
            credit_party=party_of(move.credit, merchant=merchant, payee=payee),
            operation=answered if move.settles else asked,
            at=at,
            key=move.key(escrow.order_id),
        )
        escrow.seq, escrow.head = line.seq, chain(escrow.head, line)
        lines.append((line, escrow.head))
    return lines


class Overdrawn(Exception):
    """A move would take more out of a pocket than is in it. Nothing was posted."""


def _apply(escrow: Escrow, move: Move) -> None:
    if move.amount_fen <= 0:
        raise Overdrawn(f"{move.code}: {move.amount_fen} fen is no amount")
    if move.debit == OUTSIDE:
        escrow.funded += move.amount_fen
    else:
        left = getattr(escrow, move.debit) - move.amount_fen
        if left < 0:
            raise Overdrawn(
                f"{move.code}: {move.debit} of order {escrow.order_id} falls to {left} fen"
            )
        setattr(escrow, move.debit, left)
    setattr(escrow, move.credit, getattr(escrow, move.credit) + move.amount_fen)


def line_of(transfer: Transfer) -> Line:
    """The line that the hash of a stored transfer covers."""
    return Line(
        order_id=transfer.order_id,
        seq=transfer.seq,
        code=transfer.code,
        debit=transfer.debit,
        credit=transfer.credit,
        amount_fen=transfer.amount_fen,
        debit_party=transfer.debit_party,
        credit_party=transfer.credit_party,
        operation=transfer.operation,
        at=transfer.at,
        key=transfer.key,
    )
