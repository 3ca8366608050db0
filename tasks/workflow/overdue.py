"""The due time passed without a delivery (逾期未交付, V39); the reward goes back (V53)."""

from datetime import datetime

from tasks.models import Side
from tasks.workflow.decision import Actor, Case, Decision, NotDue
from tasks.workflow.refund import refund


def decide(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    case.refuse_while_money_moves()
    if at < case.order.due_at:
        raise NotDue
    case.order.to_overdue(at)
    move, ask = refund(case, case.order.price_fen)
    return Decision(
        moves=(move,), ask=ask, tell=((Side.MERCHANT, "overdue"), (Side.CREATOR, "overdue"))
    )
