"""Sending the net amount to the creator: shared by confirm, rulings, and a payout that is tried
again.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from settlement.kinds import Kind
from settlement.pockets import IN_TRANSIT, PAYABLE, Move
from tasks.states import PAYOUT_BLOCKED, RETURN_BLOCKED
from tasks.workflow.decision import Actor, Ask, Case, Decision, Refused


class UnableToPayOut(Refused):
    code = "UNABLE_TO_PAY_OUT"


BLOCKED = PAYOUT_BLOCKED


def trouble_left(case: Case, trouble: str = "") -> str:
    """The trouble of an order after a step of its payout. A refund that ops have to ask for again
    comes first: it must not be forgotten because the creator's part of a split went its way.
    """
    return RETURN_BLOCKED if case.escrow.refund_in_transit else trouble


def payout(case: Case, amount_fen: int) -> tuple[tuple[Move, ...], Ask | None]:
    """Each payout of an order is a new intent with its own number; the first is all that most
    orders need. Without an account to pay to, the money stays payable and the order says so.
    """
    if case.payout_account_id is None:
        case.order.trouble = BLOCKED
        return (), None
    move = Move("payout", PAYABLE, IN_TRANSIT, amount_fen, nth=case.escrow.payouts + 1)
    request = {"title": f"vtask order {case.order.pk}", "remark": f"order {case.order.pk}"}
    ask = Ask(Kind.TRANSFER, amount_fen, request, payout_account_id=case.payout_account_id)
    return (move,), ask


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    """Try a blocked payout again, to the creator's present payout account (crash point 12)."""
    case.refuse_while_money_moves()
    if case.escrow.payable == 0:
        raise UnableToPayOut(_("Nothing is waiting to be paid out."), code="NOTHING_PAYABLE")
    if case.payout_account_id is None:
        raise UnableToPayOut(_("There is no payout account."), code="NO_PAYOUT_ACCOUNT")
    case.order.trouble = trouble_left(case)
    moves, ask = payout(case, case.escrow.payable)
    return Decision(moves=moves, ask=ask)
