"""The way of an order from sent to reviewed: its steps, and how long each part took."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core import charts
from core.templatetags.ui import TONES
from tasks.models import Order, OrderEvent
from tasks.states import State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STEPS: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("sent_at", pgettext_lazy("step of an order", "Sent")),
    ("paid_at", pgettext_lazy("step of an order", "Payment")),
    ("accepted_at", pgettext_lazy("step of an order", "Acceptance")),
    ("delivered_at", pgettext_lazy("step of an order", "Delivery")),
    ("confirmed_at", pgettext_lazy("step of an order", "Confirmation")),
    ("reviewed_at", pgettext_lazy("step of an order", "Review")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """A dot of the stepper: `status` is done, now, next or ended; `at` is when it was reached."""

    label: str
    status: str
    at: datetime | None = None
    url: str = ""


def steps(order: Order) -> list[Step]:
    """What was reached, where the order stands, and what is still to come. An order that ended on
    the way ends there.
    """
    reached = [
        Step(str(label), "done", at) for name, label in STEPS if (at := getattr(order, name))
    ]
    if order.closed_at is not None and order.reviewed_at is None:
        return [*reached, Step(str(State(order.state).label), "ended", order.closed_at)]
    to_come = [str(label) for name, label in STEPS if getattr(order, name) is None]
    return [
        *reached,
        *(Step(label, "next" if place else "now") for place, label in enumerate(to_come)),
    ]


# What time is spent on while an order is in a state.
SPENT: "dict[State, StrOrPromise]" = {
    State.UNPAID: pgettext_lazy("step of an order", "Payment"),
    State.PAID: pgettext_lazy("step of an order", "Acceptance"),
    State.ACCEPTED: pgettext_lazy("step of an order", "Work"),
    State.DELIVERED: pgettext_lazy("step of an order", "Verification"),
    State.DISPUTED: pgettext_lazy("step of an order", "Dispute"),
    State.CONFIRMED: pgettext_lazy("step of an order", "Review"),
}


def chart(order: Order, events: Iterable[OrderEvent], *, at: datetime) -> charts.Chart:
    """An order's path: the time spent in each state, up to `at` where it still goes on."""
    return charts.spans(_("The order's path"), spans(events), at=at)


def spans(events: Iterable[OrderEvent]) -> list[charts.Span]:
    """The stretches between the changes of state; the end of an order takes no time."""
    changes = [
        (event.at, State(event.target))
        for event in sorted(events, key=lambda event: event.pk)
        if event.target and event.source != event.target
    ]
    ends = [at for at, _state in changes[1:]]
    return [
        charts.Span(str(SPENT[state]), at, end, TONES.get(state, ""))
        for (at, state), end in zip(changes, [*ends, None], strict=True)
        if state in SPENT
    ]
