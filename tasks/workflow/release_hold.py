"""Ops have corrected the merchant's address or reached him: the clock runs again, with fresh notice
of three days and all its reminders (N4).
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Side
from tasks.rules import FRESH_NOTICE
from tasks.workflow.decision import Actor, Case, Decision, Refused, within

MOST_CHARS = 500


class UnableToRelease(Refused):
    code = "UNABLE_TO_RELEASE"


def decide(case: Case, *, at: datetime, by: Actor, given: str) -> Decision:
    order = case.order
    reason = within(given, MOST_CHARS)
    if not reason:
        raise UnableToRelease(_("Say how the merchant was reached."), code="NO_REASON")
    if order.held_at is None:
        raise UnableToRelease(_("The confirmation is not held."), code="NOT_HELD")
    order.start_clock(at, until=until(order.confirm_by, at))
    return Decision(note=reason, tell=((Side.CREATOR, "released"),))


def until(confirm_by: datetime | None, at: datetime) -> datetime:
    """When the clock confirms an order whose hold is released at `at`: nobody's time is cut."""
    return max(confirm_by or at, at + FRESH_NOTICE)
