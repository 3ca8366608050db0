"""What each kind of message says to the side that reads it: in the bell, on the page of messages,
and in its letter. Data only; who fills in the names and amounts is `tasks.letters`.

Every text may use %(merchant)s, %(creator)s, %(price)s, %(net)s, %(fee)s, %(amount)s (the sum that
the message is about), %(refund)s, %(days)s and %(reason)s. Amounts come with their sign, to the
fen.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from tasks.models import Side
from tasks.rules import REMINDERS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

M, C = Side.MERCHANT, Side.CREATOR
NEEDS_YOU = _("Needs you")


@dataclass(frozen=True, slots=True)
class Wording:
    """One message: what happened, what it means and asks for, by when, and the money."""

    title: "StrOrPromise"
    body: "StrOrPromise"
    money: "StrOrPromise" = ""
    until: "tuple[str, StrOrPromise] | None" = None  # the order's column, and how it is named
    shares: bool = False  # whether the letter lists what of the reward goes where
    tone: str = ""
    icon: str = "bell"
    ask: "StrOrPromise" = NEEDS_YOU  # the badge while it still asks its reader to act


PAY_BY = ("start_at", _("Pay by"))
ANSWER_BY = ("start_at", _("Answer by"))
DELIVER_BY = ("due_at", _("Deliver by"))
DUE = ("due_at", _("Delivery due"))
VERIFY_BY = ("confirm_by", _("Verify by"))
CLOCK_AT = ("confirm_by", _("Confirmed by itself"))

VERIFY = _(
    "Open the delivered content and look at its reads. Then confirm and pay; if something is not "
    "as agreed, ask our staff to rule."
)
RELEASED_BY_CLOCK = _(
    "If you do nothing until then, the delivery counts as confirmed, and the reward of %(price)s "
    "leaves escrow."
)
FREEZE_ENDED = _(
    "The payment service ended the freeze before the order was accepted. The order is not in "
    "effect, and there is nothing left to do for it."
)
CORRECT_PAYOUT = _("Check your payout account, then try again on the order's page.")
STAYS_IN_ESCROW = _("%(price)s stay in escrow and the clock stands still until the ruling.")
REASON = _("The reason: %(reason)s")
SPLIT = _("Of the reward of %(price)s, %(refund)s go back to the merchant.")

WORDS: dict[tuple[Side, str], Wording] = {
    # Before payment
    (C, "sent"): Wording(
        _("%(merchant)s has sent you an order"),
        _(
            "It takes effect when the merchant has paid. You will hear of it at once, and can then "
            "accept or decline. Until then you can offer another price."
        ),
        money=_("Nothing is paid yet. The price of the order is %(price)s."),
        icon="mail",
    ),
    (C, "withdrawn"): Wording(
        _("%(merchant)s has withdrawn the order"),
        _("It was not paid yet. You have nothing to do."),
        money=_("No money was moved."),
        icon="arrow-back-up",
    ),
    (C, "price_offered"): Wording(
        _("%(merchant)s offers %(amount)s"),
        _("Accept the offer or turn it down. Until you accept it, the price stays as it is."),
        money=_("The price is %(price)s now. Nothing is paid yet."),
        until=ANSWER_BY,
        tone="wait",
        icon="tag",
    ),
    (M, "price_offered"): Wording(
        _("%(creator)s asks for %(amount)s"),
        _("Accept the offer or turn it down. Until you accept it, the price stays as it is."),
        money=_("The price is %(price)s now. Nothing is paid yet."),
        until=ANSWER_BY,
        tone="wait",
        icon="tag",
    ),
    (C, "price_accepted"): Wording(
        _("%(merchant)s has accepted your price of %(amount)s"),
        _("The order takes effect when the merchant has paid. You will hear of it at once."),
        money=_("Nothing is paid yet. The price of the order is %(price)s."),
        tone="good",
        icon="tag",
    ),
    (M, "price_accepted"): Wording(
        _("%(creator)s has accepted your price of %(amount)s"),
        _("Pay, and the order takes effect."),
        money=_("Nothing is paid yet. The price of the order is %(price)s."),
        until=PAY_BY,
        tone="good",
        icon="tag",
    ),
    (C, "price_rejected"): Wording(
        _("The offer of %(amount)s is closed"),
        _("%(merchant)s has turned it down or taken it back. The price stays as it was."),
        money=_("The price is %(price)s now. Nothing is paid yet."),
        icon="tag-off",
    ),
    (M, "price_rejected"): Wording(
        _("The offer of %(amount)s is closed"),
        _("%(creator)s has turned it down or taken it back. The price stays as it was."),
        money=_("The price is %(price)s now. Nothing is paid yet."),
        until=PAY_BY,
        icon="tag-off",
    ),
    (C, "void"): Wording(
        _("The order is not in effect: it was not paid in time"),
        _("Its start has passed without payment. You have nothing to do."),
        money=_("No money was moved."),
        tone="bad",
        icon="clock-off",
    ),
    (M, "void"): Wording(
        _("The order for %(creator)s is not in effect"),
        _("Its start has passed without payment. To order again, publish a new task."),
        money=_("You have paid nothing. A payment that arrives late is released to you in full."),
        tone="bad",
        icon="clock-off",
    ),
    # From payment to delivery
    (C, "received"): Wording(
        _("New order from %(merchant)s: you receive %(net)s"),
        _(
            "It is paid and waits for your answer. Accept or decline it before it starts; "
            "otherwise it lapses and counts as not answered."
        ),
        money=_(
            "The reward is frozen in the merchant's account. When you accept, it moves into "
            "escrow; when the delivery is confirmed, it is yours."
        ),
        until=ANSWER_BY,
        shares=True,
        tone="wait",
        icon="inbox",
    ),
    (M, "accepted"): Wording(
        _("%(creator)s has accepted"),
        _(
            "You have nothing to do until the delivery. From now on the order's page shows the "
            "two of you how to reach each other."
        ),
        money=_(
            "%(price)s move from your account into escrow now. They stay there until you confirm "
            "the delivery."
        ),
        until=DUE,
        tone="good",
        icon="user-check",
    ),
    (C, "secured"): Wording(
        _("%(price)s are in escrow for you: you can start"),
        _(
            "Make and publish the content as the requirements say, and hand in its link in time. "
            "What is not delivered in time is not paid."
        ),
        money=_(
            "You receive %(net)s when the merchant confirms, or by itself %(days)s days after your "
            "delivery."
        ),
        until=DELIVER_BY,
        shares=True,
        tone="good",
        icon="shield-check",
    ),
    (C, "unsecured"): Wording(
        _("The order has ended: the reward could not be secured"),
        _(
            "The payment service did not move the merchant's money into escrow. Please do no more "
            "work for this order."
        ),
        money=_("The merchant gets his %(price)s back. Nothing can be paid out for this order."),
        tone="bad",
        icon="shield-off",
    ),
    (M, "unsecured"): Wording(
        _("The order for %(creator)s has ended: the reward could not be secured"),
        _("The payment service did not move your money into escrow. You have nothing to do."),
        money=_("%(price)s are released in your payment account, in full."),
        tone="bad",
        icon="shield-off",
    ),
    (M, "declined"): Wording(
        _("%(creator)s has declined"),
        REASON,
        money=_("%(price)s are released in your payment account, in full."),
        tone="bad",
        icon="user-x",
    ),
    (C, "lapsed"): Wording(
        _("The order has lapsed: it was not answered in time"),
        _("You neither accepted nor declined it before its start. You have nothing to do now."),
        money=_("The merchant gets his %(price)s back, in full."),
        tone="bad",
        icon="clock-off",
    ),
    (M, "lapsed"): Wording(
        _("%(creator)s did not answer in time: the order has lapsed"),
        _("It was neither accepted nor declined before its start. You have nothing to do."),
        money=_("%(price)s are released in your payment account, in full."),
        tone="bad",
        icon="clock-off",
    ),
    (C, "freeze_closed"): Wording(
        _("The order is not in effect: the payment service ended the freeze"),
        FREEZE_ENDED,
        money=_("The merchant has his %(price)s back."),
        tone="bad",
        icon="shield-off",
    ),
    (M, "freeze_closed"): Wording(
        _("The order for %(creator)s is not in effect: the payment service ended the freeze"),
        FREEZE_ENDED,
        money=_("%(price)s are free again in your payment account."),
        tone="bad",
        icon="shield-off",
    ),
    # Delivery and verification
    (M, "delivered"): Wording(
        _("%(creator)s has delivered"),
        VERIFY,
        money=RELEASED_BY_CLOCK,
        until=VERIFY_BY,
        shares=True,
        tone="brand",
        icon="package",
    ),
    (M, "reminder_72"): Wording(
        _("Three days left to verify the delivery of %(creator)s"),
        VERIFY,
        money=RELEASED_BY_CLOCK,
        until=VERIFY_BY,
        shares=True,
        tone="wait",
        icon="alarm",
    ),
    (M, "reminder_24"): Wording(
        _("One day left to verify the delivery of %(creator)s"),
        VERIFY,
        money=RELEASED_BY_CLOCK,
        until=VERIFY_BY,
        shares=True,
        tone="wait",
        icon="alarm",
    ),
    (M, "reminder_2"): Wording(
        _("Two hours left to verify the delivery of %(creator)s"),
        VERIFY,
        money=RELEASED_BY_CLOCK,
        until=VERIFY_BY,
        shares=True,
        tone="bad",
        icon="alarm",
    ),
    (C, "held"): Wording(
        _("Your delivery is not confirmed by itself yet: the merchant was not reached"),
        _(
            "Our reminders to %(merchant)s came back. The clock must not confirm what he may not "
            "know of, so our staff gets in touch with him. You have nothing to do."
        ),
        money=_("%(price)s stay safe in escrow."),
        tone="wait",
        icon="hand-stop",
    ),
    (M, "held"): Wording(
        _("The delivery of %(creator)s still waits for you"),
        _(
            "Our reminders did not reach your e-mail address, so the clock does not confirm the "
            "delivery. Check your e-mail address, then verify the delivery."
        ),
        money=_("%(price)s stay in escrow until you confirm or our staff has reached you."),
        tone="bad",
        icon="hand-stop",
    ),
    (C, "released"): Wording(
        _("The merchant was reached: the clock for your delivery runs again"),
        _(
            "%(merchant)s has fresh notice of at least three days. Without an answer from him the "
            "delivery is then confirmed by itself. You have nothing to do."
        ),
        money=_("%(price)s stay safe in escrow until then."),
        until=CLOCK_AT,
        tone="good",
        icon="player-play",
    ),
    (C, "overdue"): Wording(
        _("The order is overdue: nothing was delivered in time"),
        _("The due time has passed. The order is closed, and you have nothing to do."),
        money=_("The merchant gets his %(price)s back, in full."),
        tone="bad",
        icon="clock-off",
    ),
    (M, "overdue"): Wording(
        _("%(creator)s did not deliver in time"),
        _("The due time has passed, so the order is closed. You have nothing to do."),
        money=_("%(price)s go back to your payment account, in full."),
        tone="bad",
        icon="clock-off",
    ),
    (C, "confirmed"): Wording(
        _("%(merchant)s has confirmed: %(net)s are on their way to you"),
        _("You have nothing to do. You will hear when the money has arrived."),
        money=_("%(price)s leave escrow now."),
        shares=True,
        tone="good",
        icon="circle-check",
    ),
    (M, "confirmed"): Wording(
        _("You have confirmed the delivery of %(creator)s"),
        _("Please review the work: other merchants rely on it."),
        money=_("%(price)s leave escrow now."),
        shares=True,
        tone="good",
        icon="circle-check",
        ask=_("Please review"),
    ),
    (C, "reviewed"): Wording(
        _("%(merchant)s has reviewed your work"),
        _("Read on the order's page what was said. The order is complete."),
        icon="star",
    ),
    # Disputes
    (C, "disputed"): Wording(
        _("%(merchant)s asks our staff to rule on your delivery"),
        _(
            "The order's page shows the reason and the evidence. Our staff judges by the "
            "requirements as they were paid for."
        ),
        money=STAYS_IN_ESCROW,
        tone="bad",
        icon="gavel",
    ),
    (C, "ruled"): Wording(
        _("Our staff has ruled: you receive %(amount)s"),
        REASON,
        money=SPLIT,
        icon="gavel",
    ),
    (M, "ruled"): Wording(
        _("Our staff has ruled: you get %(refund)s back"),
        REASON,
        money=_("Of the reward of %(price)s, %(refund)s go back to your payment account."),
        icon="gavel",
    ),
    # Money that has arrived or has not
    (M, "returned"): Wording(
        _("%(amount)s are back in your payment account"),
        _("This belongs to your order with %(creator)s. You have nothing to do."),
        money=_("%(amount)s have been returned to you."),
        tone="good",
        icon="cash",
    ),
    (C, "paid_out"): Wording(
        _("%(amount)s have arrived in your payout account"),
        _("This is your reward for the order of %(merchant)s. You have nothing to do."),
        money=_("%(amount)s have been paid to you."),
        tone="good",
        icon="cash",
    ),
    (C, "payout_blocked"): Wording(
        _("%(amount)s could not be paid to you"),
        CORRECT_PAYOUT,
        money=_("The payment service refused your payout account. The money is kept for you."),
        tone="bad",
        icon="alert-triangle",
    ),
    (C, "payout_returned"): Wording(
        _("Your payout of %(amount)s came back"),
        CORRECT_PAYOUT,
        money=_("The money is with us again and is kept for you."),
        tone="bad",
        icon="alert-triangle",
    ),
    # Reads
    (M, "figures_reported"): Wording(
        _("%(creator)s has reported the channel's own figures"),
        _(
            "Reads, likes and comments with a picture as proof are on the order's page, apart from "
            "the reads that are counted over the short link."
        ),
        icon="chart-bar",
    ),
    # Invoices
    (C, "invoice_wanted"): Wording(
        _("%(merchant)s asks you for an invoice"),
        _("The title and the tax number are on the order's page. Hand the invoice in there."),
        tone="wait",
        icon="file-invoice",
    ),
    (M, "invoice_handed_in"): Wording(
        _("%(creator)s has handed in the invoice"),
        _("You can download it on the order's page."),
        tone="good",
        icon="file-invoice",
    ),
}

# The clock did it, not the merchant: the same kinds in other words.
BY_CLOCK: dict[tuple[Side, str], Wording] = {
    (C, "confirmed"): Wording(
        _("Your delivery is confirmed by the clock: %(net)s are on their way to you"),
        _(
            "The merchant let %(days)s days pass after your delivery. You have nothing to do, and "
            "will hear when the money has arrived."
        ),
        money=_("%(price)s leave escrow now."),
        shares=True,
        tone="good",
        icon="circle-check",
    ),
    (M, "confirmed"): Wording(
        _("The delivery of %(creator)s was confirmed by the clock"),
        _(
            "%(days)s days have passed since the delivery without a word from you. You can still "
            "review the work: other merchants rely on it."
        ),
        money=_("%(price)s leave escrow now."),
        shares=True,
        tone="good",
        icon="circle-check",
        ask=_("Please review"),
    ),
}


# What each kind is, for the page where people choose their e-mails and for staff.
TEXTS: "dict[str, StrOrPromise]" = {
    "sent": _("An order was sent to you; it takes effect when it is paid"),
    "withdrawn": _("An order was withdrawn before payment"),
    "price_offered": _("The other side offers another price"),
    "price_accepted": _("Your price was accepted"),
    "price_rejected": _("A price offer was turned down or taken back"),
    "void": _("An order was not paid in time and is not in effect"),
    "received": _("A paid order waits for your answer"),
    "accepted": _("A creator has accepted"),
    "secured": _("The reward is in escrow, and you can deliver"),
    "unsecured": _("The reward could not be secured, and the order has ended"),
    "declined": _("A creator has declined"),
    "lapsed": _("An order lapsed without an answer"),
    "freeze_closed": _("The payment service ended a freeze, and the order with it"),
    "delivered": _("A creator has delivered, and you can verify"),
    "reminder_72": _("Reminder: three days left to verify"),
    "reminder_24": _("Reminder: one day left to verify"),
    "reminder_2": _("Reminder: two hours left to verify"),
    "held": _("A confirmation by the clock is held, because reminders came back"),
    "released": _("A confirmation that was held goes on"),
    "overdue": _("An order was not delivered in time"),
    "confirmed": _("A delivery is confirmed, and the reward is released"),
    "reviewed": _("Your work was reviewed"),
    "disputed": _("A delivery is in dispute"),
    "ruled": _("Our staff has ruled on a dispute"),
    "returned": _("Money is back in your payment account"),
    "paid_out": _("Money has arrived in your payout account"),
    "payout_blocked": _("A payout failed"),
    "payout_returned": _("A payout came back"),
    "figures_reported": _("A creator has reported the channel's own figures"),
    "invoice_wanted": _("An invoice is asked for"),
    "invoice_handed_in": _("An invoice was handed in"),
}

MONEY = frozenset({
    "confirmed", "disputed", "freeze_closed", "held", "paid_out", "payout_blocked",
    "payout_returned", "released", "returned", "ruled", "unsecured",
})  # fmt: skip
# These go out by e-mail whatever somebody has chosen: the clock counts on the reminders (N4), and
# money is never moved behind somebody's back.
ALWAYS = MONEY.union(REMINDERS)


def kinds_of(side: str) -> list[str]:
    """Every kind of message that this side can get, in the order of an order's life."""
    return [kind for to, kind in WORDS if to == side]
