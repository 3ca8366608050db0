"""The merchant confirms, or the clock does exactly 10 days after the last delivery (V34, V52): the
reward is released.
"""

from datetime import datetime

from settlement.pockets import FEE, HELD, PAYABLE, TAX, Move
from tasks.models import Side
from tasks.workflow.decision import Actor, Case, Decision, NotDue, Role
from tasks.workflow.payout import payout


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    order = case.order
    case.refuse_while_money_moves()
    if by.role == Role.CLOCK and (order.confirm_by is None or at < order.confirm_by):
        raise NotDue
    order.to_confirmed(at)
    assert order.net_fen is not None
    assert order.fee_fen is not None
    assert order.tax_fen is not None
    send, ask = payout(case, order.net_fen)
    return Decision(
        moves=(*release(order.net_fen, order.fee_fen, order.tax_fen), *send),
        ask=ask,
        tell=((Side.CREATOR, "confirmed"), (Side.MERCHANT, "confirmed")),
    )


def release(net_fen: int, fee_fen: int, tax_fen: int) -> tuple[Move, ...]:
    """What leaves escrow at the moment of release: the creator's net, the fee (V59) and the tax."""
    moves = (
        Move("confirm", HELD, PAYABLE, net_fen),
        Move("fee", HELD, FEE, fee_fen),
        Move("tax", HELD, TAX, tax_fen),
    )
    return tuple(move for move in moves if move.amount_fen > 0)
