"""Before payment the merchant takes an order back (V15): it never takes effect."""

from datetime import datetime

from tasks.models import Side
from tasks.states import Reason
from tasks.workflow.decision import Actor, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    case.refuse_while_money_moves()
    case.order.to_void(at, Reason.WITHDRAWN)
    return Decision(tell=((Side.CREATOR, "withdrawn"),))
