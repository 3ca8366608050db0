"""The gateway refused for good to move the reward into escrow: the order ends, and what is frozen
goes back.
"""

from datetime import datetime

from tasks.models import Side
from tasks.states import Reason
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision
from tasks.workflow.mark_paid import give_back


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    case.order.to_void(at, Reason.UNSECURED)
    return Decision(
        ask=give_back(case),
        note=given.trouble,
        tell=((Side.MERCHANT, "unsecured"), (Side.CREATOR, "unsecured")),
    )
