"""What people are told, in words: the short sentence of each kind of message, and its letter."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from tasks.models import Outbox, Side

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEXTS: "dict[str, StrOrPromise]" = {
    "sent": _("A merchant has sent you an order. It takes effect when it is paid."),
    "withdrawn": _("The merchant has withdrawn the order before payment."),
    "price_offered": _("The other side offers another price."),
    "price_accepted": _("Your price was accepted."),
    "price_rejected": _("The price offer was turned down."),
    "void": _("The start time passed without payment. The order is not in effect."),
    "received": _("The order is paid. Accept or decline it before it starts."),
    "accepted": _("The creator has accepted. The reward is being moved into escrow."),
    "secured": _("The reward is in escrow. You can deliver now."),
    "unsecured": _("The reward could not be secured, so the order has ended."),
    "declined": _("The creator has declined. The reward goes back to you."),
    "lapsed": _("The order was not accepted before its start. The reward goes back."),
    "delivered": _("The creator has delivered. Verify it, then confirm and pay."),
    "overdue": _("The order was not delivered in time. The reward goes back."),
    "confirmed": _("The delivery is confirmed and the reward is on its way to the creator."),
    "disputed": _("The merchant has asked our staff to rule on the delivery."),
    "ruled": _("Our staff has ruled on the dispute."),
    "reviewed": _("The merchant has reviewed your work."),
    "figures_reported": _("The creator has reported the channel's own figures, with proof."),
    "invoice_wanted": _("The merchant asks for an invoice."),
    "invoice_handed_in": _("The creator has handed in the invoice."),
    "returned": _("The money is back in your payment account."),
    "paid_out": _("The money has arrived in your payout account."),
    "payout_returned": _("Your payout came back. Check your payout account, then try again."),
    "freeze_closed": _(
        "The payment service ended the freeze before the order was accepted. The order is not in "
        "effect, and the money is back with the merchant."
    ),
    "payout_blocked": _("Your payout failed. Check your payout account, then try again."),
}

REMINDERS = frozenset({"reminder_72", "reminder_24", "reminder_2"})
MONEY = frozenset({
    "confirmed", "disputed", "freeze_closed", "held", "paid_out", "payout_blocked",
    "payout_returned", "returned", "ruled", "unsecured",
})  # fmt: skip
# These go out by e-mail whatever somebody has chosen: the clock counts on the reminders (N4), and
# money is never moved behind somebody's back.
ALWAYS = REMINDERS | MONEY


def letter(row: Outbox) -> EmailMessage:
    """One message, in the language of the one who gets it."""
    order = row.order
    user = order.merchant.user if row.to == Side.MERCHANT else order.creator.user
    with override(user.language or settings.LANGUAGE_CODE):
        subject = _("Order %(number)s: %(theme)s") % {
            "number": order.pk,
            "theme": " ".join(order.task.theme.split()),
        }
        body = f"{TEXTS[row.kind]}\n\n{settings.SITE_URL}/orders/{order.pk}/\n"
        return EmailMessage(str(subject), body, to=[user.email])
