"""The creator declines with a reason; the reward goes back (V38, V53)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Side
from tasks.workflow.decision import Actor, Case, Decision, Refused, within
from tasks.workflow.mark_paid import give_back

MOST_CHARS = 300


class UnableToDecline(Refused):
    code = "UNABLE_TO_DECLINE"


def decide(case: Case, *, at: datetime, by: Actor, given: str) -> Decision:
    """`given` is the reason that the merchant will read."""
    reason = within(given, MOST_CHARS)
    case.refuse_while_money_moves()
    if not reason:
        raise UnableToDecline(_("Tell the merchant why."), code="NO_REASON")
    if at >= case.order.start_at:
        raise UnableToDecline(
            _("The start time has passed, so this order has lapsed."), code="TOO_LATE"
        )
    case.order.to_declined(at, reason)
    return Decision(ask=give_back(case), note=reason, tell=((Side.MERCHANT, "declined"),))
