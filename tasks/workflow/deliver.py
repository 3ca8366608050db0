"""The creator hands in published content (V33, V56); while not confirmed he may do so again, and
the clock starts anew.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.links import BadLink, checked_link
from tasks.models import Delivery, Side
from tasks.states import State
from tasks.workflow.decision import Actor, Case, Decision, Refused, within

MOST_CHARS = 500


@dataclass(frozen=True, slots=True)
class Content:
    url: str
    note: str = ""
    pictures: tuple[str, ...] = ()


class UnableToDeliver(Refused):
    code = "UNABLE_TO_DELIVER"


def decide(case: Case, *, at: datetime, by: Actor, given: Content) -> Decision:
    order = case.order
    if order.secured_at is None:
        raise UnableToDeliver(
            _("The reward is still being secured. Delivery opens when it is in escrow."),
            code="NOT_SECURED",
        )
    if at >= order.due_at and order.state == State.ACCEPTED:
        raise UnableToDeliver(_("The due time has passed."), code="TOO_LATE")
    if order.is_being_confirmed(at):
        raise UnableToDeliver(_("The order is being confirmed."), code="TOO_LATE")
    try:
        url = checked_link(given.url)
    except BadLink as problem:
        raise UnableToDeliver(str(problem), code="BAD_LINK") from problem
    order.to_delivered(at)
    delivery = Delivery(
        order_id=order.pk,
        at=at,
        url=url,
        note=within(given.note, MOST_CHARS),
        pictures=list(given.pictures),
    )
    return Decision(records=(delivery,), note=url[:500], tell=((Side.MERCHANT, "delivered"),))
