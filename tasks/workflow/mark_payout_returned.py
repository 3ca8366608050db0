"""A payout that had arrived came back (退票): the money is payable again, and the creator has to
correct the account (crash point 15).

The reversal carries the number of the transfer that came back; the next payout is a new intent with
a number of its own.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from settlement.pockets import PAID, PAYABLE, Move
from tasks.models import Side
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision, Refused
from tasks.workflow.payout import BLOCKED, trouble_left


class UnableToReverse(Refused):
    code = "UNABLE_TO_REVERSE"


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    """Moves everything that was paid: an order has one payout that succeeded at a time.

    Raises `MoneyOnItsWay`, and `UnableToReverse` when nothing counts as paid.
    """
    case.refuse_while_money_moves()
    escrow = case.escrow
    if escrow.paid == 0:
        raise UnableToReverse(_("Nothing was paid out."), code="NOTHING_PAID")
    case.order.trouble = trouble_left(case, BLOCKED)
    back = Move("payout_returned", PAID, PAYABLE, escrow.paid, settles=True, nth=escrow.payouts)
    return Decision(
        moves=(back,),
        note=given.out_no,
        tell=((Side.CREATOR, "payout_returned"),),
        answers=given.out_no,
    )
