"""The start time passed unpaid: the order never takes effect (V36). A freeze still under way is
undone when it answers.
"""

from datetime import datetime

from tasks.models import Side
from tasks.states import Reason
from tasks.workflow.decision import Actor, Case, Decision, NotDue


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    if at < case.order.start_at:
        raise NotDue
    case.order.to_void(at, Reason.UNPAID_AT_START)
    return Decision(tell=((Side.MERCHANT, "void"), (Side.CREATOR, "void")))
