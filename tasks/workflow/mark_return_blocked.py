"""Ops found that a release or refund did not and will not happen: it has to be asked for anew."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.states import RETURN_BLOCKED
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision, Refused
from tasks.workflow.mark_paid import give_back
from tasks.workflow.refund import ask_refund

BLOCKED = RETURN_BLOCKED


class UnableToReturn(Refused):
    code = "UNABLE_TO_RETURN"


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    case.order.trouble = BLOCKED
    return Decision(note=given.trouble)


def again(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    """Ask once more, as a new intent, for what is still to go back to the merchant."""
    case.refuse_while_money_moves()
    if case.order.trouble != BLOCKED:
        raise UnableToReturn(_("Nothing is waiting to go back."), code="NOTHING_TO_RETURN")
    case.order.trouble = ""
    if case.escrow.refund_in_transit:
        return Decision(ask=ask_refund(case, case.escrow.refund_in_transit))
    return Decision(ask=give_back(case))
