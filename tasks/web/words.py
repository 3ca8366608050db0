"""How steps, money and troubles are said to people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.words import absolute
from policy.numbers import Policy
from settlement.kinds import Kind
from settlement.models import Escrow
from settlement.pockets import FEE, PAYABLE, RETURNED, TAX
from tasks import rules
from tasks.models import Order
from tasks.states import State, in_words
from tasks.workflow.decision import Case, Decision

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STEPS: "dict[str, StrOrPromise]" = {
    "publish": gettext_lazy("Sent to the creator"),
    "amend": gettext_lazy("Brief changed"),
    "withdraw": gettext_lazy("Withdrawn before payment"),
    "offer_price": gettext_lazy("Another price offered"),
    "accept_price": gettext_lazy("New price agreed"),
    "reject_price": gettext_lazy("Price offer turned down"),
    "start_payment": gettext_lazy("Payment started"),
    "cancel_payment": gettext_lazy("Payment given up"),
    "void": gettext_lazy("Start time passed unpaid"),
    "accept": gettext_lazy("Accepted"),
    "decline": gettext_lazy("Declined"),
    "lapse": gettext_lazy("Lapsed: not accepted before the start"),
    "remind": gettext_lazy("Merchant reminded"),
    "mark_reminded": gettext_lazy("Last reminder delivered"),
    "hold": gettext_lazy("A reminder came back: confirmation held"),
    "release_hold": gettext_lazy("Hold released"),
    "deliver": gettext_lazy("Delivered"),
    "overdue": gettext_lazy("Overdue: not delivered in time"),
    "confirm": gettext_lazy("Confirmed"),
    "dispute": gettext_lazy("Disputed"),
    "rule": gettext_lazy("Ruled by our staff"),
    "review": gettext_lazy("Reviewed"),
    "request_invoice": gettext_lazy("Invoice asked for"),
    "hand_in_invoice": gettext_lazy("Invoice handed in"),
    "report_figures": gettext_lazy("The channel's own figures reported"),
    "mark_paid": gettext_lazy("Paid and frozen"),
    "mark_unpaid": gettext_lazy("The payment did not go through"),
    "mark_payment_closed": gettext_lazy("Payment closed"),
    "mark_secured": gettext_lazy("Secured in escrow"),
    "mark_unsecured": gettext_lazy("The reward could not be secured"),
    "mark_returned": gettext_lazy("Money returned to the merchant"),
    "mark_return_blocked": gettext_lazy("The return is delayed"),
    "mark_paid_out": gettext_lazy("Paid to the creator"),
    "mark_payout_blocked": gettext_lazy("The payout is delayed"),
    "mark_payout_returned": gettext_lazy("The payout came back"),
    "mark_freeze_closed": gettext_lazy("The freeze ended; the money went back"),
    "pay_out": gettext_lazy("Payout tried again"),
    "return_again": gettext_lazy("Return tried again"),
}
GOOD = {"mark_paid", "accept", "mark_secured", "deliver", "confirm", "mark_paid_out", "review"}
BAD = {
    "void",
    "decline",
    "lapse",
    "overdue",
    "dispute",
    "mark_unpaid",
    "mark_unsecured",
    "mark_payout_blocked",
    "mark_payout_returned",
    "mark_freeze_closed",
    "mark_return_blocked",
    "hold",
}
WHO: "dict[str, StrOrPromise]" = {
    "MERCHANT": gettext_lazy("merchant"),
    "CREATOR": gettext_lazy("creator"),
    "OPS": gettext_lazy("our staff"),
    "CLOCK": gettext_lazy("the clock"),
    "GATEWAY": gettext_lazy("payment service"),
    "MAIL": gettext_lazy("mail server"),
}
# Of these a line that shows only the last step says nothing.
QUIET = {"remind", "mark_reminded"}
# What the other side or the person wrote; all other notes are for staff.
TOLD = {"offer_price", "accept_price", "reject_price", "decline", "dispute", "rule"}
SHOWN_MOVES = {FEE, TAX, PAYABLE, RETURNED}


@dataclass(frozen=True)
class Happened:
    """A line of the timeline."""

    title: str
    at: datetime
    who: str
    note: str = ""
    tone: str = ""
    fen: int | None = None


def timeline(events: Iterable[Any]) -> list[Happened]:
    """What both sides may read of an order's events, newest first (V63)."""
    return [happened(event) for event in sorted(events, key=lambda event: -event.pk)]


def happened(event: Any) -> Happened:
    tone = "good" if event.verb in GOOD else "bad" if event.verb in BAD else ""
    return Happened(
        title=str(STEPS.get(event.verb, event.verb)),
        at=event.at,
        who=str(WHO.get(event.role, "")),
        note=in_words(event.note) if event.verb in TOLD else "",
        tone=tone,
    )


@dataclass(frozen=True)
class MoneyLine:
    """Who gets how much (fen)."""

    label: str
    fen: int
    note: str = ""


@dataclass(frozen=True)
class Preview:
    """What a button will do to the money, taken from the decision of the verb itself (N1)."""

    sentence: str
    lines: list[MoneyLine]
    total_fen: int | None = None
    total_label: str = ""


Seen = Sequence[tuple[Case, Decision]]


def asked_fen(seen: Seen, kind: str) -> int:
    return sum(d.ask.amount_fen for _case, d in seen if d.ask is not None and d.ask.kind == kind)


def moved_fen(seen: Seen, pocket: str) -> int:
    return sum(move.amount_fen for _case, d in seen for move in d.moves if move.credit == pocket)


def terms_lines(orders: Iterable[Order]) -> list[MoneyLine]:
    """The shares fixed for these orders: net, fee, tax."""
    rows = list(orders)
    lines = [
        MoneyLine(_("Creators receive"), sum(order.net_fen or 0 for order in rows)),
        MoneyLine(_("Platform fee"), sum(order.fee_fen or 0 for order in rows)),
    ]
    tax_fen = sum(order.tax_fen or 0 for order in rows)
    return [*lines, MoneyLine(_("Tax withheld"), tax_fen)] if tax_fen else lines


def payment_preview(seen: Seen) -> Preview:
    total_fen = asked_fen(seen, Kind.FREEZE)
    return Preview(
        sentence=_(
            "The sum is frozen in your own payment account. The part of each creator moves into "
            "escrow when he accepts. What nobody accepts by the start is released to you in full."
        ),
        lines=terms_lines(case.order for case, _decision in seen),
        total_fen=total_fen,
        total_label=_("Frozen in your account"),
    )


def accept_preview(seen: Seen) -> Preview:
    order = seen[0][0].order
    return Preview(
        sentence=_(
            "The reward moves from the merchant's account into escrow now. You receive it when the "
            "merchant confirms, or by itself %(days)s days after your delivery. Without a delivery "
            "by %(due)s it goes back to the merchant."
        )
        % {"days": order.auto_confirm_days, "due": absolute(order.due_at)},
        lines=share_lines(order),
        total_fen=asked_fen(seen, Kind.CAPTURE),
        total_label=_("Moves into escrow"),
    )


def share_lines(order: Order) -> list[MoneyLine]:
    """N7: gross, platform, agency, tax and net of an order."""
    lines = [MoneyLine(_("Reward"), order.price_fen)]
    if order.net_fen is None:
        return lines
    return [
        *lines,
        MoneyLine(_("Platform fee"), order.fee_fen or 0, rate(order)),
        MoneyLine(_("Agency"), 0, _("none")),
        MoneyLine(_("Tax withheld"), order.tax_fen or 0),
        MoneyLine(_("The creator receives"), order.net_fen),
    ]


def money_lines(order: Order, escrow: Escrow) -> list[MoneyLine]:
    """N7, on the order's page: who gets what, and what a ruling or an early end made of it."""
    shares = share_lines(order)
    if order.state in (*ENDED_UNPAID, State.VOID):
        return shares[:1]
    ruling = getattr(order, "ruling", None)
    if ruling is None or not ruling.refund_fen:
        return shares
    return [
        shares[0],
        MoneyLine(_("Back to the merchant"), ruling.refund_fen, _("by the ruling")),
        MoneyLine(_("Platform fee"), escrow.fee, rate(order)),
        MoneyLine(_("Agency"), 0, _("none")),
        MoneyLine(_("Tax withheld"), escrow.tax),
        MoneyLine(_("The creator receives"), escrow.payable + escrow.in_transit + escrow.paid),
    ]


ENDED_UNPAID = (State.LAPSED, State.DECLINED, State.OVERDUE, State.REFUNDED)


def rate(order: Order) -> str:
    return f"{(order.fee_bps or 0) / 100:g} %"


def payout_preview(seen: Seen) -> Preview:
    return Preview(
        sentence=_(
            "It is sent to your present payout account now and usually arrives within a minute. If "
            "it fails again, the money stays safe and waits for you."
        ),
        lines=[MoneyLine(_("You receive"), asked_fen(seen, Kind.TRANSFER))],
    )


def return_preview(seen: Seen) -> Preview:
    fen = asked_fen(seen, Kind.UNFREEZE) + asked_fen(seen, Kind.REFUND)
    return Preview(
        sentence=_(
            "The whole reward is released to the merchant, usually within a minute. You receive "
            "nothing. This cannot be undone."
        ),
        lines=[MoneyLine(_("Back to the merchant"), fen), MoneyLine(_("You receive"), 0)],
    )


def confirm_preview(seen: Seen) -> Preview:
    lines = [
        MoneyLine(_("The creator receives"), moved_fen(seen, PAYABLE)),
        MoneyLine(_("Platform fee"), moved_fen(seen, FEE), rate(seen[0][0].order)),
    ]
    if tax_fen := moved_fen(seen, TAX):
        lines.append(MoneyLine(_("Tax withheld"), tax_fen))
    return Preview(
        sentence=_(
            "The reward leaves escrow at once and is sent to the creator's account. This cannot be "
            "undone."
        ),
        lines=lines,
        total_fen=sum(line.fen for line in lines),
        total_label=_("Leaves escrow"),
    )


def deliver_preview(seen: Seen) -> Preview:
    """No money moves; when it will, by the clock that the delivery starts."""
    order = seen[0][0].order
    return Preview(
        sentence=_(
            "No money moves now. The merchant verifies and confirms; without an answer the order "
            "confirms itself on %(when)s, after the merchant was reminded, and you are paid."
        )
        % {"when": absolute(order.confirm_by) if order.confirm_by else ""},
        lines=[MoneyLine(_("You will receive"), order.net_fen or 0)],
    )


def dispute_preview(escrow: Escrow) -> Preview:
    return Preview(
        sentence=_(
            "No money moves now: the reward stays in escrow and the clock stands still. Our staff "
            "rules: it is paid, returned to you, or split."
        ),
        lines=[MoneyLine(_("Stays in escrow"), escrow.held)],
    )


def nothing_preview() -> Preview:
    """Of what happens before payment."""
    return Preview(sentence=_("Nothing was paid for this order, so no money moves."), lines=[])


def new_price_preview(seen: Seen, order: Order, policy: Policy, side: str) -> Preview:
    """What another price means, by the rule that will fix the shares at the payment (V18, V59).

    `seen` is the decision that accepts it; `order` still has the price of now.
    """
    price_fen = seen[0][0].order.price_fen
    terms = rules.terms(price_fen, policy)
    shares = [
        MoneyLine(_("Platform fee"), terms.fee_fen, f"{terms.fee_bps / 100:g} %"),
        MoneyLine(
            _("You receive") if side == "CREATOR" else _("The creator receives"), terms.net_fen
        ),
    ]
    return Preview(
        sentence=_("No money moves now. This is what the payment will do at the new price."),
        lines=[
            MoneyLine(_("Price now"), order.price_fen),
            MoneyLine(_("New price"), price_fen),
            *shares,
        ],
    )


PLACES: "tuple[tuple[str, StrOrPromise], ...]" = (
    ("frozen", gettext_lazy("frozen in the merchant's account")),
    ("held", gettext_lazy("in escrow")),
    ("payable", gettext_lazy("about to be paid out")),
    ("in_transit", gettext_lazy("on the way to the creator")),
    ("refund_in_transit", gettext_lazy("on the way back to the merchant")),
    ("paid", gettext_lazy("paid to the creator")),
    ("returned", gettext_lazy("returned to the merchant")),
    ("fee", gettext_lazy("platform fee")),
    ("tax", gettext_lazy("tax withheld")),
)


def places(escrow: Escrow) -> list[MoneyLine]:
    """Where an order's money is at this instant; the parts sum to what was paid."""
    found = ((label, getattr(escrow, pocket)) for pocket, label in PLACES)
    return [MoneyLine(str(label), fen) for label, fen in found if fen]


TROUBLES: "dict[str, StrOrPromise]" = {
    "PAYMENT_EXPIRED": gettext_lazy("The payment was not confirmed in time. Nothing was taken."),
    "FREEZE_HOLDS_NO_MONEY": gettext_lazy(
        "The payment used credit and froze no money. It was undone; pay from your balance."
    ),
    "PAYOUT_BLOCKED": gettext_lazy(
        "The payment service could not pay the creator's account. The money is safe in escrow; "
        "the creator has to correct the payout account."
    ),
    "RETURN_BLOCKED": gettext_lazy(
        "The payment service could not return the money yet. Our staff is on it."
    ),
}


def trouble_text(code: str) -> str:
    """Why a payment did not go through, in words; unknown codes stay legible."""
    if not code:
        return ""
    if code in TROUBLES:
        return str(TROUBLES[code])
    return _("The payment service said: %(code)s. Nothing was taken.") % {"code": code}


def contact_of(side: str, order: Order) -> dict[str, Any] | None:
    """V64: how to reach the other side, or nothing yet."""
    if side == "CREATOR":
        merchant = order.merchant
        facts = [
            (_("Name"), merchant.contact_name),
            (_("Phone"), merchant.contact_phone),
            (_("E-mail"), merchant.contact_email),
        ]
        return _contact(_("The merchant's contact"), facts)
    creator = order.creator
    facts = [
        (_("Recipient"), creator.delivery_name),
        (_("Phone"), creator.delivery_phone),
        (_("Address for samples"), creator.delivery_address),
    ]
    return _contact(_("The creator's address"), facts)


def _contact(title: str, facts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"title": title, "facts": [{"label": label, "text": text} for label, text in facts]}


def contact_later(side: str) -> str:
    """V64: what the two sides will see of each other once the order is accepted."""
    if side == "CREATOR":
        return _(
            "When you accept, you see the merchant's name, phone and e-mail, and the merchant sees "
            "the name, phone and address that you entered for samples."
        )
    return _(
        "When the creator accepts, you see the address for samples, and the creator sees your "
        "contact's name, phone and e-mail."
    )
