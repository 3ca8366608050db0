"""The merchant confirms, or the clock does exactly 10 days after the last delivery (V34, V52): the
reward is released. The clock does so only when the merchant's last reminder was delivered and none
of them came back (N4).
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from settlement.pockets import FEE, HELD, PAYABLE, TAX, Move
from tasks.models import Order, Side
from tasks.workflow.decision import Actor, Case, Decision, NotDue, Refused, Role
from tasks.workflow.payout import payout


class NotReminded(Refused):
    code = "NOT_REMINDED"
    text = _("The merchant's last reminder has not been delivered.")


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    order = case.order
    case.refuse_while_money_moves()
    if by.role == Role.CLOCK:
        _refuse_too_early(order, at)
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


def _refuse_too_early(order: Order, at: datetime) -> None:
    if order.reminded_at is None or order.held_at is not None:
        raise NotReminded
    if order.confirm_by is None or at < order.confirm_by:
        raise NotDue


def release(net_fen: int, fee_fen: int, tax_fen: int) -> tuple[Move, ...]:
    """What leaves escrow at the moment of release: the creator's net, the fee (V59) and the tax."""
    moves = (
        Move("confirm", HELD, PAYABLE, net_fen),
        Move("fee", HELD, FEE, fee_fen),
        Move("tax", HELD, TAX, tax_fen),
    )
    return tuple(move for move in moves if move.amount_fen > 0)
