"""The merchant is reminded 72, 24 and 2 hours before the clock confirms (N4). Of several that are
past due at once, only the last is sent.
"""

from datetime import datetime

from tasks.models import Side
from tasks.rules import reminder_due
from tasks.workflow.decision import Actor, Case, Decision, NotDue


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    order = case.order
    if order.remind_at is None or at < order.remind_at:
        raise NotDue
    assert order.confirm_by is not None
    kind, order.remind_at = reminder_due(order.confirm_by, at)
    return Decision(note=kind, tell=((Side.MERCHANT, kind),))
