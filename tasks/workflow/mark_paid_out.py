"""The gateway says that the creator has his money (V52)."""

from datetime import datetime

from settlement.pockets import IN_TRANSIT, PAID, Move
from tasks.models import Side
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision
from tasks.workflow.payout import trouble_left


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    escrow = case.escrow
    case.order.trouble = trouble_left(case)
    return Decision(
        moves=(
            Move("paid", IN_TRANSIT, PAID, escrow.in_transit, settles=True, nth=escrow.payouts),
        ),
        tell=((Side.CREATOR, "paid_out"),),
    )
