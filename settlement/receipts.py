"""The money receipt of an order: its lines in their hash chain, as both parties may download it
(N3).
"""

from dataclasses import asdict
from typing import Any

from settlement.ledger import line_of
from settlement.models import Escrow, Transfer
from settlement.pockets import stamp


def receipt(order_id: int) -> dict[str, Any]:
    """A JSON document that `check_receipt.py` can check without us. Amounts in fen, instants in
    UTC.
    """
    escrow = Escrow.objects.get(pk=order_id)
    transfers = Transfer.objects.filter(order_id=order_id).order_by("seq")
    return {
        "receipt": "vtask money receipt v1",
        "order_id": order_id,
        "currency": "CNY",
        "lines": [_line(transfer) for transfer in transfers],
        "pockets": escrow.pockets(),
        "head": escrow.head,
    }


def _line(transfer: Transfer) -> dict[str, Any]:
    line = asdict(line_of(transfer))
    return {**line, "at": stamp(transfer.at), "hash": transfer.hash}
