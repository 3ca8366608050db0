"""The gateway refused a payout for good: the money is payable again until the account is corrected
(crash point 12).
"""

from datetime import datetime

from settlement.pockets import IN_TRANSIT, PAYABLE, Move
from tasks.models import Side
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision
from tasks.workflow.payout import BLOCKED, trouble_left


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    escrow = case.escrow
    case.order.trouble = trouble_left(case, BLOCKED)
    back = Move(
        "payout_failed", IN_TRANSIT, PAYABLE, escrow.in_transit, settles=True, nth=escrow.payouts
    )
    return Decision(moves=(back,), note=given.trouble, tell=((Side.CREATOR, "payout_blocked"),))
