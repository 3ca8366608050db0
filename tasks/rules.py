"""The pure rules of tasks and orders: briefs, prices, terms, reminders. No ORM, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.money import share, yuan
from policy.numbers import Policy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order is paid by, fixed when payment is asked for (N2). All amounts in fen; they sum
    to the price.
    """

    auto_confirm_days: int
    fee_bps: int
    fee_fen: int
    tax_fen: int
    net_fen: int


def terms(price_fen: int, policy: Policy) -> Terms:
    """The shares of a price under a policy (V59): the fee is rounded once, half up to the fen."""
    fee_fen = share(price_fen, policy.fee_bps)
    return Terms(
        auto_confirm_days=policy.auto_confirm_days,
        fee_bps=policy.fee_bps,
        fee_fen=fee_fen,
        tax_fen=0,
        net_fen=price_fen - fee_fen,
    )


def price_problem(price_fen: int, policy: Policy) -> "StrOrPromise | None":
    """Why an order cannot have this price, or None (V18): the creator's net must be payable."""
    least_fen = policy.smallest_net_fen
    if price_fen < least_fen or terms(price_fen, policy).net_fen < least_fen:
        return _("The creator would get less than ¥%(least)s, which cannot be paid out.") % {
            "least": yuan(least_fen)
        }
    if price_fen > policy.largest_price_fen:
        return _("An order can cost at most ¥%(most)s.") % {"most": yuan(policy.largest_price_fen)}
    return None


def requirements_problem(text: str, policy: Policy) -> "StrOrPromise | None":
    """V10: 1 to 200 Unicode characters."""
    if not text.strip():
        return _("Say what the content must show and how.")
    over = len(text) - policy.requirements_max_chars
    if over > 0:
        return ngettext_lazy(
            "%(over)s character too many; at most %(most)s.",
            "%(over)s characters too many; at most %(most)s.",
            over,
        ) % {"over": over, "most": policy.requirements_max_chars}
    return None


def start_window(
    *, at: datetime, policy: Policy, freeze_max_days: int
) -> tuple[datetime, datetime]:
    """V12: the earliest and the latest start of a task that is sent at `at`: between one day and
    180 days ahead, and inside the time that a freeze lasts at the gateway.
    """
    most_days = min(policy.start_max_days, freeze_max_days)
    return at + timedelta(hours=policy.start_min_hours), at + timedelta(days=most_days)


def start_problem(
    start_at: datetime, *, at: datetime, policy: Policy, freeze_max_days: int
) -> "StrOrPromise | None":
    """V12: whether the start lies outside its window."""
    earliest, latest = start_window(at=at, policy=policy, freeze_max_days=freeze_max_days)
    if start_at < earliest:
        return _("The start must be at least %(hours)s hours from now.") % {
            "hours": policy.start_min_hours
        }
    if start_at > latest:
        most_days = min(policy.start_max_days, freeze_max_days)
        return _("The start can be at most %(days)s days from now.") % {"days": most_days}
    return None


def due_problem(start_at: datetime, due_at: datetime) -> "StrOrPromise | None":
    """V12: the due time is after the start."""
    if due_at <= start_at:
        return _("The due time must be after the start.")
    return None


def brief_problems(
    *,
    requirements: str,
    start_at: datetime,
    due_at: datetime,
    at: datetime,
    policy: Policy,
    freeze_max_days: int,
) -> "dict[str, StrOrPromise]":
    """Everything that keeps a brief from being published, by field (V10, V12). Empty when there is
    nothing.
    """
    found = {
        "requirements": requirements_problem(requirements, policy),
        "start_at": start_problem(start_at, at=at, policy=policy, freeze_max_days=freeze_max_days),
        "due_at": due_problem(start_at, due_at),
    }
    return {name: problem for name, problem in found.items() if problem is not None}


# N4: when the merchant is reminded, in hours before the clock confirms. It is a promise to him
# and no policy; the smallest number of days until the clock confirms leaves room for the first.
REMINDER_HOURS = (72, 24, 2)
# What the last reminder leaves him, however late it was delivered.
NOTICE = timedelta(hours=REMINDER_HOURS[-1])
# What he gets when ops release a confirmation that was held.
FRESH_NOTICE = timedelta(hours=REMINDER_HOURS[0])
REMINDERS = tuple(f"reminder_{hours}" for hours in REMINDER_HOURS)
LAST_REMINDER = REMINDERS[-1]


def first_reminder(confirm_by: datetime) -> datetime:
    """When the first reminder is due."""
    return confirm_by - timedelta(hours=REMINDER_HOURS[0])


def reminder_due(confirm_by: datetime, at: datetime) -> tuple[str, datetime | None]:
    """Of the reminders that are due at `at` the last, and when the next one is due, if any: after
    an outage nobody gets three at once.
    """
    times = [confirm_by - timedelta(hours=hours) for hours in REMINDER_HOURS]
    later = [time for time in times[1:] if time > at]
    return REMINDERS[-1 - len(later)], min(later, default=None)


def reminder_written(confirm_by: datetime, remind_at: datetime | None) -> str:
    """The reminder that was written last, when the next one is due at `remind_at`; "" for none."""
    if remind_at is None:
        return LAST_REMINDER
    later = [hours for hours in REMINDER_HOURS if confirm_by - timedelta(hours=hours) >= remind_at]
    return REMINDERS[-1 - len(later)] if len(later) < len(REMINDERS) else ""
