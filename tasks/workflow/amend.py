"""Before payment the merchant changes the times of the brief (V15); its orders follow."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks import rules
from tasks.workflow.decision import Actor, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Times:
    start_at: datetime
    due_at: datetime


class UnableToAmend(Refused):
    code = "UNABLE_TO_AMEND"


def decide(case: Case, *, at: datetime, by: Actor, given: Times) -> Decision:
    """An order whose start has passed is void, even if the clock has not said so yet (V36)."""
    case.refuse_while_money_moves()
    if at >= case.order.start_at or at >= given.start_at:
        raise UnableToAmend(_("The start time has passed."), code="TOO_LATE")
    if problem := rules.due_problem(given.start_at, given.due_at):
        raise UnableToAmend(problem, code="DUE")
    case.order.start_at, case.order.due_at = given.start_at, given.due_at
    return Decision(note="times changed")
