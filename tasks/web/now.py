"""What an order waits for: whose turn it is, by when, what happens otherwise, and what to press.

The one home of these sentences: the order's page, the task's page, the lists and both homes ask
here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.light import address
from core.money import yuan
from settlement.models import Escrow
from tasks.models import Order
from tasks.states import PAYOUT_BLOCKED, RETURN_BLOCKED, State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MERCHANT, CREATOR, STAFF, SERVICE = "MERCHANT", "CREATOR", "STAFF", "SERVICE"


@dataclass(frozen=True, slots=True)
class Action:
    """A link to the page where something is done; the first of an order's is the one to press."""

    label: str
    url: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Now:
    """`turn` names who is to act, `is_yours` says that it is the reader; `until` is by when, and
    `clock` what runs out then.
    """

    turn: str = ""
    is_yours: bool = False
    until: datetime | None = None
    clock: str = ""
    tone: str = ""
    actions: tuple[Action, ...] = ()
    text: str = ""

    @property
    def first(self) -> Action | None:
        """The one clear action of a row."""
        return self.actions[0] if self.actions else None


TURNS: "dict[str, StrOrPromise]" = {
    MERCHANT: gettext_lazy("The merchant's turn"),
    CREATOR: gettext_lazy("The creator's turn"),
    STAFF: gettext_lazy("Our staff's turn"),
    SERVICE: gettext_lazy("The payment service works"),
}
WHOSE: dict[str, str] = {
    State.UNPAID: MERCHANT,
    State.PAID: CREATOR,
    State.ACCEPTED: CREATOR,
    State.DELIVERED: MERCHANT,
    State.DISPUTED: STAFF,
    State.CONFIRMED: MERCHANT,
}
# The column by whose time somebody has to act, and what is said before the time that is left.
CLOCKS: "dict[str, tuple[str, StrOrPromise]]" = {
    State.UNPAID: ("start_at", gettext_lazy("starts in")),
    State.PAID: ("start_at", gettext_lazy("starts in")),
    State.ACCEPTED: ("due_at", gettext_lazy("due in")),
    State.DELIVERED: ("confirm_by", gettext_lazy("confirms by itself in")),
}

# %(creator)s and %(merchant)s are names, %(price)s and %(net)s amounts with their sign.
TEXTS: "dict[tuple[str, str], StrOrPromise]" = {
    (State.UNPAID, MERCHANT): gettext_lazy(
        "Pay before the start, or the order does not take effect. %(creator)s can accept once it "
        "is paid."
    ),
    (State.UNPAID, CREATOR): gettext_lazy(
        "%(merchant)s has chosen you and has not paid yet. You can accept once it is paid."
    ),
    (State.UNPAID, STAFF): gettext_lazy(
        "The merchant can pay until the start; otherwise the order does not take effect."
    ),
    (State.PAID, MERCHANT): gettext_lazy(
        "%(creator)s can accept until the start. If not, all %(price)s are released to you."
    ),
    (State.PAID, CREATOR): gettext_lazy(
        "It is paid. Accept it before the start, or decline with a reason; otherwise it lapses and "
        "the money goes back."
    ),
    (State.PAID, STAFF): gettext_lazy(
        "The creator can accept until the start; otherwise it lapses and the money goes back."
    ),
    ("SECURING", MERCHANT): gettext_lazy(
        "%(creator)s has accepted. The reward is being moved into escrow, usually within a minute."
    ),
    ("SECURING", CREATOR): gettext_lazy(
        "The reward is being secured in escrow, usually within a minute. Delivery opens as soon as "
        "it is there."
    ),
    ("SECURING", STAFF): gettext_lazy(
        "Accepted; the reward is being moved into escrow. Delivery opens when it is there."
    ),
    (State.ACCEPTED, MERCHANT): gettext_lazy(
        "%(creator)s is at work. Without a delivery by the due time, all %(price)s come back to "
        "you."
    ),
    (State.ACCEPTED, CREATOR): gettext_lazy(
        "The reward is safe in escrow. Publish the content and hand in its link by the due time; "
        "otherwise the money goes back."
    ),
    (State.ACCEPTED, STAFF): gettext_lazy(
        "The creator is at work; without a delivery by the due time the money goes back."
    ),
    (State.DELIVERED, MERCHANT): gettext_lazy(
        "Look at what was published and compare it with the brief. Without an answer from you the "
        "order confirms itself and %(creator)s is paid."
    ),
    (State.DELIVERED, CREATOR): gettext_lazy(
        "%(merchant)s is verifying your delivery. Without an answer the order confirms itself and "
        "you are paid %(net)s."
    ),
    (State.DELIVERED, STAFF): gettext_lazy(
        "The merchant is verifying the delivery; without an answer the order confirms itself."
    ),
    ("HELD", MERCHANT): gettext_lazy(
        "Please verify: compare what was published with the brief. The clock is held, because a "
        "reminder to you came back."
    ),
    ("HELD", CREATOR): gettext_lazy(
        "%(merchant)s has yet to verify. The clock is held, because a reminder to the merchant "
        "came back; our staff looks after it."
    ),
    ("HELD", STAFF): gettext_lazy(
        "The merchant has yet to verify. The clock is held, because a reminder came back."
    ),
    (State.DISPUTED, MERCHANT): gettext_lazy(
        "Our staff decides by the brief as paid for. Until then the clock stands still and "
        "%(price)s stay in escrow."
    ),
    (State.DISPUTED, CREATOR): gettext_lazy(
        "The merchant disputes the delivery, and our staff decides by the brief as paid for. Until "
        "then the reward stays in escrow."
    ),
    (State.DISPUTED, STAFF): gettext_lazy(
        "Staff rule by the brief as paid for; the clock stands still and the money stays in escrow."
    ),
    (State.CONFIRMED, MERCHANT): gettext_lazy(
        "Confirmed. Tell %(creator)s and other merchants how it was: your review completes the "
        "order."
    ),
    (State.CONFIRMED, CREATOR): gettext_lazy("Confirmed. The review of the merchant is next."),
    (State.CONFIRMED, STAFF): gettext_lazy("Confirmed; the review of the merchant is next."),
    (State.REVIEWED, MERCHANT): gettext_lazy("Complete: delivered, confirmed and reviewed."),
    (State.REVIEWED, CREATOR): gettext_lazy("Complete: delivered, confirmed and reviewed."),
    (State.LAPSED, MERCHANT): gettext_lazy("%(creator)s did not accept before the start."),
    (State.LAPSED, CREATOR): gettext_lazy("You did not accept before the start."),
    (State.DECLINED, MERCHANT): gettext_lazy("%(creator)s has declined."),
    (State.DECLINED, CREATOR): gettext_lazy("You have declined."),
    (State.OVERDUE, MERCHANT): gettext_lazy("Nothing was delivered by the due time."),
    (State.OVERDUE, CREATOR): gettext_lazy("You did not deliver by the due time."),
    (State.REFUNDED, MERCHANT): gettext_lazy("Our staff ruled that the reward goes back to you."),
    (State.REFUNDED, CREATOR): gettext_lazy(
        "Our staff ruled that the reward goes back to the merchant."
    ),
    ("OFFERED", MERCHANT): gettext_lazy(
        "%(creator)s offers %(offer)s in place of %(price)s. Answer before you pay."
    ),
    ("OFFERED", CREATOR): gettext_lazy(
        "%(merchant)s offers %(offer)s in place of %(price)s. Answer before the start."
    ),
    ("OFFERING", MERCHANT): gettext_lazy(
        "You offered %(offer)s in place of %(price)s; %(creator)s has to answer before you can pay."
    ),
    ("OFFERING", CREATOR): gettext_lazy(
        "You offered %(offer)s in place of %(price)s; %(merchant)s has to answer."
    ),
    (PAYOUT_BLOCKED, MERCHANT): gettext_lazy(
        "Confirmed. The payout waits until %(creator)s has corrected the payout account; the money "
        "is safe."
    ),
    (PAYOUT_BLOCKED, CREATOR): gettext_lazy(
        "The payout to your account failed; the money is safe. Correct your payout account, then "
        "try again."
    ),
    (PAYOUT_BLOCKED, STAFF): gettext_lazy(
        "The payout failed; the creator has to correct the payout account. The money is safe."
    ),
    (RETURN_BLOCKED, MERCHANT): gettext_lazy(
        "The return of your money is delayed at the payment service. Our staff is on it; you need "
        "not do anything."
    ),
    (RETURN_BLOCKED, CREATOR): gettext_lazy(
        "The return to the merchant is delayed at the payment service. Our staff is on it."
    ),
    ("INVOICE", CREATOR): gettext_lazy("%(merchant)s asks you for an invoice."),
}
ENDINGS = (State.VOID, State.LAPSED, State.DECLINED, State.OVERDUE, State.REFUNDED)


def now(order: Order, side: str, escrow: Escrow | None = None) -> Now:
    """What the order waits for, as this side ("" for staff) reads it; with the escrow it also says
    where the money of an ended order is.
    """
    return replace(next_step(order, side), text=told(order, side, escrow))


def next_step(order: Any, side: str) -> Now:
    """The same without the sentence, for a row of a list; `order` has the facts of one."""
    key, side = situation(order, side), side or STAFF
    whose = turn_of(order, key)
    until = deadline(order, key)
    return Now(
        turn=_("Your turn") if whose == side else str(TURNS.get(whose, "")),
        is_yours=whose == side,
        until=until,
        clock=str(CLOCKS[order.state][1]) if until else "",
        tone=TONES.get(key, ""),
        actions=actions(order, key, side),
    )


def situation(order: Any, side: str) -> str:
    """The state, or what is more urgent than it."""
    if order.trouble in (PAYOUT_BLOCKED, RETURN_BLOCKED):
        return str(order.trouble)
    if order.state == State.UNPAID and order.offer_fen and side:
        return "OFFERING" if order.offer_by == side else "OFFERED"
    if order.state == State.ACCEPTED and order.secured_at is None:
        return "SECURING"
    if order.held_at is not None:
        return "HELD"
    if side == CREATOR and order.invoice_wanted_at and not order.invoiced_at:
        return "INVOICE"
    return str(order.state)


TONES = {
    PAYOUT_BLOCKED: "bad",
    RETURN_BLOCKED: "warm",
    "HELD": "warm",
    "SECURING": "warm",
    State.DISPUTED: "warm",
}


def turn_of(order: Any, key: str) -> str:
    """Who is to act."""
    if key in ("OFFERED", "OFFERING"):
        return CREATOR if order.offer_by == MERCHANT else MERCHANT
    return MORE_URGENT.get(key) or WHOSE.get(order.state, "")


MORE_URGENT = {
    "SECURING": SERVICE,
    "HELD": MERCHANT,
    "INVOICE": CREATOR,
    PAYOUT_BLOCKED: CREATOR,
    RETURN_BLOCKED: STAFF,
}


def deadline(order: Any, key: str) -> datetime | None:
    """By when; nothing for what no clock waits for."""
    if key in ("HELD", "SECURING") or order.state not in CLOCKS:
        return None
    found: datetime | None = getattr(order, CLOCKS[order.state][0])
    return found


def clock_of(order: Any, key: str) -> str:
    return str(CLOCKS[order.state][1]) if deadline(order, key) else ""


def told(order: Any, side: str, escrow: Escrow | None = None) -> str:
    """The sentence of what an order waits for, with names and amounts."""
    key, side = situation(order, side), side or STAFF
    text = TEXTS.get((key, side)) or TEXTS.get((key, CREATOR), "")
    if key == State.VOID:
        text = order.reason_text or str(State.VOID.label)
    elif side == STAFF and key in (*ENDINGS, State.REVIEWED):
        text = State(key).label
    facts = {
        "creator": order.creator_name,
        "merchant": order.merchant_name,
        "price": amount(order.price_fen),
        "net": amount(order.net_fen),
        "offer": amount(order.offer_fen),
    }
    said = str(text) % facts if key != State.VOID else str(text)
    where = money_told(order, side, escrow)
    if not (said and where):
        return said or where
    return pgettext("two sentences", "%(first)s %(second)s") % {"first": said, "second": where}


def amount(fen: int | None) -> str:
    return f"¥{yuan(fen or 0)}"


def money_told(order: Any, side: str, escrow: Escrow | None) -> str:
    """Where the money of an order that has ended is."""
    if escrow is None or not escrow.funded or order.trouble:
        return ""
    if order.state in ENDINGS:
        is_back = escrow.returned == escrow.funded
        return str(BACK[is_back, side == MERCHANT]) % {"price": amount(escrow.funded)}
    if order.state in (State.CONFIRMED, State.REVIEWED) and side == CREATOR:
        is_paid = not (escrow.payable or escrow.in_transit or escrow.refund_in_transit)
        fen = escrow.paid if is_paid else escrow.payable + escrow.in_transit
        return str(PAID[is_paid]) % {"net": amount(fen)}
    return ""


BACK: "dict[tuple[bool, bool], StrOrPromise]" = {
    (True, True): gettext_lazy("All %(price)s are back in your payment account."),
    (True, False): gettext_lazy("All %(price)s are back with the merchant."),
    (False, True): gettext_lazy("%(price)s are on their way back to you."),
    (False, False): gettext_lazy("%(price)s are on their way back to the merchant."),
}
PAID: "dict[bool, StrOrPromise]" = {
    True: gettext_lazy("%(net)s were paid to your account."),
    False: gettext_lazy("%(net)s are on their way to your account."),
}


def actions(order: Any, key: str, side: str) -> tuple[Action, ...]:
    """What this side can do now, the one to press first. Stuck money does not stop a review."""
    if side == MERCHANT and order.state == State.CONFIRMED:
        key = State.CONFIRMED
    return tuple(make(order) for make in ACTIONS.get((key, side), ()))


def to(
    label: "StrOrPromise", name: str, tone: str = "", symbol: str = "", *, of_task: bool = False
) -> Callable[[Any], Action]:
    """An action that leads to the page of that name."""

    def make(order: Any) -> Action:
        number = order.task_id if of_task else order.pk
        return Action(str(label), address(name, number), tone, symbol)

    return make


def account(_order: Any) -> Action:
    return Action(_("Change the payout account"), address("creators:payout-account"))


OFFER = to(gettext_lazy("Offer another price"), "tasks:offer", symbol="tag")
WITHDRAW = to(gettext_lazy("Withdraw this order"), "tasks:withdraw", "ghost-danger")
VERIFY = to(gettext_lazy("Verify"), "tasks:confirm", "primary", symbol="eye-check")
DISPUTE = to(gettext_lazy("Something is wrong"), "tasks:dispute", "ghost-danger")
ANSWER = to(gettext_lazy("Answer the offer"), "tasks:order", "primary", symbol="tag")
PAY = to(gettext_lazy("Pay"), "tasks:pay", "primary", symbol="wallet", of_task=True)
ACCEPT = to(gettext_lazy("Accept"), "tasks:accept", "primary", symbol="check")
DECLINE = to(gettext_lazy("Decline"), "tasks:decline")
DELIVER = to(gettext_lazy("Deliver"), "tasks:deliver", "primary", symbol="send")
AGAIN = to(gettext_lazy("Deliver again"), "tasks:deliver")
REVIEW = to(gettext_lazy("Review"), "tasks:review", symbol="star")
PAY_OUT = to(gettext_lazy("Try the payout again"), "tasks:pay_out", "primary", symbol="refresh")
INVOICE = to(
    gettext_lazy("Hand in the invoice"), "tasks:hand_in_invoice", "primary", symbol="receipt"
)
ACTIONS: dict[tuple[str, str], tuple[Callable[[Any], Action], ...]] = {
    (State.UNPAID, MERCHANT): (PAY, OFFER, WITHDRAW),
    (State.UNPAID, CREATOR): (OFFER,),
    ("OFFERED", MERCHANT): (ANSWER, WITHDRAW),
    ("OFFERED", CREATOR): (ANSWER,),
    ("OFFERING", MERCHANT): (WITHDRAW,),
    (State.PAID, CREATOR): (ACCEPT, DECLINE),
    (State.ACCEPTED, CREATOR): (DELIVER,),
    (State.DELIVERED, MERCHANT): (VERIFY, DISPUTE),
    ("HELD", MERCHANT): (VERIFY, DISPUTE),
    (State.DELIVERED, CREATOR): (AGAIN,),
    ("HELD", CREATOR): (AGAIN,),
    (State.CONFIRMED, MERCHANT): (REVIEW,),
    (PAYOUT_BLOCKED, CREATOR): (PAY_OUT, account),
    ("INVOICE", CREATOR): (INVOICE,),
}
