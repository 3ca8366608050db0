"""The mail server has taken the last reminder: from now on the clock may confirm, and however late
that was, the merchant has two hours (N4).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Order
from tasks.rules import NOTICE, REMINDERS, reminder_written
from tasks.workflow.decision import Actor, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: which, when it was written, and why it came back if it did."""

    kind: str
    written_at: datetime
    trouble: str = ""


class NotThisClock(Refused):
    code = "NOT_THIS_CLOCK"
    text = _("The reminder belongs to an earlier delivery.")


def decide(case: Case, *, at: datetime, by: Actor, given: Reminder) -> Decision:
    order = case.order
    if not is_the_present_one(order, given) or order.remind_at or order.reminded_at:
        raise NotThisClock
    assert order.confirm_by is not None
    order.reminded_at = at
    order.confirm_by = with_notice(order.confirm_by, at)
    return Decision()


def is_the_present_one(order: Order, reminder: Reminder) -> bool:
    """Whether this is the reminder that was written last for the clock as it runs now."""
    return (
        concerns_the_present_clock(order, reminder)
        and order.confirm_by is not None
        and reminder.kind == reminder_written(order.confirm_by, order.remind_at)
    )


def concerns_the_present_clock(order: Order, reminder: Reminder) -> bool:
    """Neither of an earlier delivery, nor from before a hold that ops released; nor held now."""
    if order.clock_from is None or order.held_at is not None:
        return False
    return reminder.kind in REMINDERS and reminder.written_at >= order.clock_from


def with_notice(confirm_by: datetime, at: datetime) -> datetime:
    """When the clock confirms after a last reminder that was delivered at `at`."""
    return max(confirm_by, at + NOTICE)
