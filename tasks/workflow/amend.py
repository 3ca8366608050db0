"""Before payment the merchant changes the times of the brief (V15); its orders follow."""

from dataclasses import dataclass
from datetime import datetime

from tasks.states import Reason
from tasks.workflow.decision import Actor, Case, Decision


@dataclass(frozen=True, slots=True)
class Times:
    start_at: datetime
    due_at: datetime


def decide(case: Case, *, at: datetime, by: Actor, given: Times) -> Decision:
    case.refuse_while_money_moves()
    case.order.start_at, case.order.due_at = given.start_at, given.due_at
    return Decision(note=Reason.TIMES_CHANGED)
