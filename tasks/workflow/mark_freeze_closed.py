"""The freeze was found closed at the gateway, with nothing captured for this order: it ends with
the same moves as a release (crash point 14).
"""

from datetime import datetime

from settlement.pockets import FROZEN, RETURNED, Move
from tasks.models import Side
from tasks.states import Reason
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    """Frozen to returned, without an operation: the gateway did it by itself.

    Raises `MoneyOnItsWay`: an operation under way finds the closed freeze on its own.
    """
    case.refuse_while_money_moves()
    case.order.to_void(at, Reason.FREEZE_CLOSED)
    back = Move("return", FROZEN, RETURNED, case.escrow.frozen)
    return Decision(
        moves=(back,),
        note=given.out_no,
        tell=((Side.MERCHANT, "freeze_closed"), (Side.CREATOR, "freeze_closed")),
    )
