"""The states of an order (V30 to V41), their labels and tabs, and which step leads where. The
lowest layer: data only.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    UNPAID = "UNPAID", pgettext_lazy("order state", "Awaiting payment")
    PAID = "PAID", pgettext_lazy("order state", "Not yet accepted")
    ACCEPTED = "ACCEPTED", pgettext_lazy("order state", "Accepted")
    DELIVERED = "DELIVERED", pgettext_lazy("order state", "Delivered")
    DISPUTED = "DISPUTED", pgettext_lazy("order state", "In dispute")
    CONFIRMED = "CONFIRMED", pgettext_lazy("order state", "Awaiting review")
    REVIEWED = "REVIEWED", pgettext_lazy("order state", "Completed")
    VOID = "VOID", pgettext_lazy("order state", "Not in effect")
    LAPSED = "LAPSED", pgettext_lazy("order state", "Lapsed")
    DECLINED = "DECLINED", pgettext_lazy("order state", "Declined")
    OVERDUE = "OVERDUE", pgettext_lazy("order state", "Overdue")
    REFUNDED = "REFUNDED", pgettext_lazy("order state", "Refunded")


RULE_IDS = {
    State.UNPAID: "V30",
    State.PAID: "V31",
    State.ACCEPTED: "V32",
    State.DELIVERED: "V33",
    State.CONFIRMED: "V34",
    State.REVIEWED: "V35",
    State.VOID: "V36",
    State.LAPSED: "V37",
    State.DECLINED: "V38",
    State.OVERDUE: "V39",
    State.DISPUTED: "V40",
    State.REFUNDED: "V41",
}


class Tab(TextChoices):
    DRAFT = "draft", _("Drafts")
    UNPAID = "unpaid", _("Awaiting payment")
    OPEN = "open", _("In progress")
    COMPLETED = "completed", _("Completed")
    CLOSED = "closed", _("Closed")


# In this order: a task stands in the first tab that one of its orders is in.
ORDER_TABS: dict[Tab, tuple[State, ...]] = {
    Tab.UNPAID: (State.UNPAID,),
    Tab.OPEN: (State.PAID, State.ACCEPTED, State.DELIVERED, State.DISPUTED, State.CONFIRMED),
    Tab.COMPLETED: (State.REVIEWED,),
    Tab.CLOSED: (State.VOID, State.LAPSED, State.DECLINED, State.OVERDUE, State.REFUNDED),
}

# A task is still open while any of its orders is in one of these.
OPEN = ORDER_TABS[Tab.OPEN]
# Paid for, whatever became of it: the task can no longer be changed (V15).
EVER_PAID = (*OPEN, State.REVIEWED, State.LAPSED, State.DECLINED, State.OVERDUE, State.REFUNDED)
# From the acceptance on, the two sides see how to reach each other (V64).
KNOWN_TO_EACH_OTHER = (
    State.ACCEPTED,
    State.DELIVERED,
    State.DISPUTED,
    State.CONFIRMED,
    State.REVIEWED,
    State.OVERDUE,
    State.REFUNDED,
)


class Reason(TextChoices):
    """Why an order ended or what a step was about, where no person's words say it."""

    UNPAID_AT_START = "UNPAID_AT_START", _("The start time passed without payment.")
    PAID_TOO_LATE = "PAID_TOO_LATE", _("It was paid after the start time; the money goes back.")
    WITHDRAWN = "WITHDRAWN", _("The merchant withdrew it before payment.")
    UNSECURED = "UNSECURED", _("The reward could not be moved into escrow.")
    FREEZE_CLOSED = "FREEZE_CLOSED", _("The payment service ended the freeze; the money went back.")
    TIMES_CHANGED = "TIMES_CHANGED", _("The merchant changed start or due time.")


# What is wrong with an order's money when a person has to act before it can go on.
PAYOUT_BLOCKED, RETURN_BLOCKED = "PAYOUT_BLOCKED", "RETURN_BLOCKED"


def in_words(text: str) -> str:
    """A person's words as they are, a reason of ours in the reader's language."""
    return str(Reason(text).label) if text in Reason.values else text


def tab_of(states: set[State] | set[str]) -> Tab:
    """The tab of a task from the states of its orders (rulebook, order states): the first of
    ORDER_TABS that one of them is in.
    """
    found = (tab for tab, members in ORDER_TABS.items() if states & set(members))
    return next(found, Tab.DRAFT)


# Every legal change of state. The django-fsm transitions of `Order`, the trigger in the database
# and `docs/states.md`
# are all held against this one list.
TRANSITIONS: tuple[tuple[State, State], ...] = (
    (State.UNPAID, State.PAID),
    (State.UNPAID, State.VOID),
    (State.PAID, State.ACCEPTED),
    (State.PAID, State.DECLINED),
    (State.PAID, State.LAPSED),
    (State.PAID, State.VOID),
    (State.ACCEPTED, State.DELIVERED),
    (State.ACCEPTED, State.OVERDUE),
    (State.ACCEPTED, State.VOID),
    (State.DELIVERED, State.CONFIRMED),
    (State.DELIVERED, State.DISPUTED),
    (State.DISPUTED, State.CONFIRMED),
    (State.DISPUTED, State.REFUNDED),
    (State.CONFIRMED, State.REVIEWED),
)
