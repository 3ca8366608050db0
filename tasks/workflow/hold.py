"""A reminder came back: the merchant may know of nothing, so the clock stands still until ops have
looked (N4). The merchant himself may confirm or dispute at any time.
"""

from datetime import datetime

from tasks.models import Side
from tasks.workflow.decision import Actor, Case, Decision
from tasks.workflow.mark_reminded import NotThisClock, Reminder, concerns_the_present_clock


def decide(case: Case, *, at: datetime, by: Actor, given: Reminder) -> Decision:
    order = case.order
    if not concerns_the_present_clock(order, given):
        raise NotThisClock
    order.held_at = at
    order.remind_at = order.reminded_at = None
    return Decision(
        note=given.trouble[:500],
        tell=((Side.MERCHANT, "held"), (Side.CREATOR, "held")),
    )
