"""The merchant asks ops to rule on a delivery (退款申诉, V40). The 10-day clock stands still."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Dispute, Side
from tasks.workflow.decision import Actor, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Complaint:
    reason: str
    pictures: tuple[str, ...] = ()


class UnableToDispute(Refused):
    code = "UNABLE_TO_DISPUTE"


def decide(case: Case, *, at: datetime, by: Actor, given: Complaint) -> Decision:
    order = case.order
    case.refuse_while_money_moves()
    reason = given.reason.strip()
    if not reason:
        raise UnableToDispute(_("Say which requirements were not met."), code="NO_REASON")
    if order.is_being_confirmed(at):
        raise UnableToDispute(
            _("The time to verify is over; the order is being confirmed."), code="TOO_LATE"
        )
    order.to_disputed(at)
    record = Dispute(order_id=order.pk, at=at, reason=reason, pictures=list(given.pictures))
    return Decision(records=(record,), note=reason[:500], tell=((Side.CREATOR, "disputed"),))
