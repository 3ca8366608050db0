"""The gateway says that the merchant has the money back (V53): a released freeze or a refund."""

from datetime import datetime

from settlement.kinds import Kind
from settlement.pockets import FROZEN, REFUND_IN_TRANSIT, RETURNED, Move
from tasks.models import Side
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Ask, Case, Decision
from tasks.workflow.payout import payout


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    escrow = case.escrow
    case.order.trouble = ""
    source = FROZEN if given.kind == Kind.UNFREEZE else REFUND_IN_TRANSIT
    moves: tuple[Move, ...] = (
        Move("return", source, RETURNED, getattr(escrow, source), settles=True),
    )
    ask: Ask | None = None
    if escrow.payable:  # the other part of a split ruling
        send, ask = payout(case, escrow.payable)
        moves = (*moves, *send)
    return Decision(moves=moves, ask=ask, tell=((Side.MERCHANT, "returned"),))
