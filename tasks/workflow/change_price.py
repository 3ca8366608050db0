"""Before payment, one side offers another price and the other side accepts it (改价, V19)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.money import yuan
from policy.numbers import Policy
from tasks import rules
from tasks.models import Order, Side
from tasks.workflow.decision import Actor, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Offer:
    price_fen: int
    policy: Policy


class UnableToChangePrice(Refused):
    code = "UNABLE_TO_CHANGE_PRICE"


def offer(case: Case, *, at: datetime, by: Actor, given: Offer) -> Decision:
    """A new offer takes the place of the one before, whichever side made it."""
    order = case.order
    _refuse_unless_open(case, at)
    if given.price_fen == order.price_fen:
        raise UnableToChangePrice(_("This is the price already."), code="SAME_PRICE")
    if problem := rules.price_problem(given.price_fen, given.policy):
        raise UnableToChangePrice(problem, code="PRICE")
    order.offer_fen, order.offer_by = given.price_fen, by.role
    return Decision(
        note=f"¥{yuan(given.price_fen)}", tell=((_other_side(by.role), "price_offered"),)
    )


def accept(case: Case, *, at: datetime, by: Actor, given: int) -> Decision:
    """`given` is the price (fen) that the person saw: an offer that changed meanwhile is not
    accepted.
    """
    order = case.order
    offered = _offer_of_the_other(case, at, by)
    if offered != given:
        raise UnableToChangePrice(
            _("The offer has changed. Look at it again."), code="OFFER_CHANGED"
        )
    order.price_fen = offered
    _forget_terms(order)
    side = Side(order.offer_by)
    order.offer_fen, order.offer_by = None, ""
    return Decision(note=f"¥{yuan(offered)}", tell=((side, "price_accepted"),))


def _forget_terms(order: Order) -> None:
    """What a payment that came to nothing has left are the terms of the former price (N2)."""
    order.auto_confirm_days = order.fee_bps = None
    order.fee_fen = order.tax_fen = order.net_fen = None


def reject(case: Case, *, at: datetime, by: Actor, given: None = None) -> Decision:
    """The other side says no, or the one who offered takes it back."""
    order = case.order
    _refuse_unless_open(case, at)
    if order.offer_fen is None:
        raise UnableToChangePrice(_("There is no open offer."), code="NO_OFFER")
    note = f"¥{yuan(order.offer_fen)}"
    order.offer_fen, order.offer_by = None, ""
    return Decision(note=note, tell=((_other_side(by.role), "price_rejected"),))


def _offer_of_the_other(case: Case, at: datetime, by: Actor) -> int:
    order: Order = case.order
    _refuse_unless_open(case, at)
    if order.offer_fen is None:
        raise UnableToChangePrice(_("There is no open offer."), code="NO_OFFER")
    if order.offer_by == by.role:
        raise UnableToChangePrice(_("The other side has to accept your offer."), code="OWN_OFFER")
    return order.offer_fen


def _refuse_unless_open(case: Case, at: datetime) -> None:
    case.refuse_while_money_moves()
    if at >= case.order.start_at:
        raise UnableToChangePrice(_("The start time has passed."), code="TOO_LATE")


def _other_side(role: str) -> Side:
    return Side.CREATOR if role == Side.MERCHANT else Side.MERCHANT
