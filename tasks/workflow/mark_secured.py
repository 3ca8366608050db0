"""The gateway says that the reward is in escrow (V51): from now on the creator can deliver."""

from datetime import datetime

from settlement.pockets import FROZEN, HELD, Move
from tasks.models import Side
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    case.order.secured_at = at
    return Decision(
        moves=(Move("capture", FROZEN, HELD, case.order.price_fen, settles=True),),
        tell=((Side.CREATOR, "secured"),),
    )
