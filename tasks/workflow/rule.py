"""Ops rule on a dispute by the requirements as paid for (V11, V40): pay, refund, or a split between
the two.

Of a split the refund goes first, the payout follows when it is done: an order has one open
operation at most.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.money import share
from settlement.pockets import Move
from tasks.models import Ruling, Side
from tasks.workflow.confirm import release
from tasks.workflow.decision import Actor, Ask, Case, Decision, Refused
from tasks.workflow.payout import payout
from tasks.workflow.refund import refund

SMALLEST_TRANSFER_FEN = 10  # the gateway pays out 0.10 yuan or more


@dataclass(frozen=True, slots=True)
class Judgement:
    """`refund_fen` goes back to the merchant; the rest, less the fee, to the creator."""

    refund_fen: int
    reason: str


class UnableToRule(Refused):
    code = "UNABLE_TO_RULE"


def decide(case: Case, *, at: datetime, by: Actor, given: Judgement) -> Decision:
    order = case.order
    case.refuse_while_money_moves()
    reason = given.reason.strip()
    if not reason:
        raise UnableToRule(_("Give the reason for the ruling."), code="NO_REASON")
    if not 0 <= given.refund_fen <= order.price_fen:
        raise UnableToRule(_("The refund lies between 0 and the price."), code="AMOUNT")
    pay_fen = order.price_fen - given.refund_fen
    moves, ask = _money(case, pay_fen, given.refund_fen)
    if pay_fen:
        order.to_confirmed(at)
    else:
        order.to_refunded(at, reason[:300])
    ruling = Ruling(
        order_id=order.pk, at=at, pay_fen=pay_fen, refund_fen=given.refund_fen, reason=reason
    )
    return Decision(
        moves=moves,
        ask=ask,
        records=(ruling,),
        note=reason[:500],
        tell=((Side.MERCHANT, "ruled"), (Side.CREATOR, "ruled")),
    )


def _money(case: Case, pay_fen: int, refund_fen: int) -> tuple[tuple[Move, ...], Ask | None]:
    moves: tuple[Move, ...] = _released(case, pay_fen) if pay_fen else ()
    if refund_fen:
        back, ask_back = refund(case, refund_fen)
        return (*moves, back), ask_back
    send, ask = payout(case, moves[0].amount_fen)
    return (*moves, *send), ask


def _released(case: Case, pay_fen: int) -> tuple[Move, ...]:
    """The creator's part of the price at the fee rate that the order was paid under."""
    order = case.order
    assert order.fee_bps is not None
    assert order.fee_fen is not None
    assert order.tax_fen is not None
    if pay_fen == order.price_fen:
        fee_fen, tax_fen = order.fee_fen, order.tax_fen
    else:
        fee_fen, tax_fen = share(pay_fen, order.fee_bps), 0
    net_fen = pay_fen - fee_fen - tax_fen
    if net_fen < SMALLEST_TRANSFER_FEN:
        raise UnableToRule(
            _("What is left for the creator is too small to be paid out. Rule a full refund."),
            code="TOO_SMALL",
        )
    return release(net_fen, fee_fen, tax_fen)
