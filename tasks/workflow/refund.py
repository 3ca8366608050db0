"""Sending money back to the merchant out of escrow: shared by overdue and rulings."""

from settlement.kinds import Kind
from settlement.pockets import HELD, REFUND_IN_TRANSIT, Move
from tasks.workflow.decision import Ask, Case


def refund(case: Case, amount_fen: int) -> tuple[Move, Ask]:
    return Move("refund", HELD, REFUND_IN_TRANSIT, amount_fen), ask_refund(case, amount_fen)


def ask_refund(case: Case, amount_fen: int) -> Ask:
    return Ask(Kind.REFUND, amount_fen, {"reason": f"order {case.order.pk}"})
