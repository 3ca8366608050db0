"""The start time passed with neither yes nor no (流单, V37); the reward goes back (V53)."""

from datetime import datetime

from tasks.models import Side
from tasks.workflow.decision import Actor, Case, Decision, NotDue
from tasks.workflow.mark_paid import give_back


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    case.refuse_while_money_moves()
    if at < case.order.start_at:
        raise NotDue
    case.order.to_lapsed(at)
    return Decision(ask=give_back(case), tell=((Side.MERCHANT, "lapsed"), (Side.CREATOR, "lapsed")))
