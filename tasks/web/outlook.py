"""What is going to happen, said before it does: each order's shares, and who gets what when (N1).

The sums come from the decision that paying will make, the times and numbers from the brief and the
policy that it will copy (N2).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.words import absolute
from policy.numbers import Policy
from tasks.models import Order, Task


@dataclass(frozen=True)
class OrderLine:
    """One order as paying would fix it, in fen; no shares when it cannot be paid."""

    order: Order
    price_fen: int
    fee_fen: int | None
    tax_fen: int | None
    net_fen: int | None


def order_line(order: Order, decided: Order | None = None) -> OrderLine:
    """`decided` is the order as a decision has looked at it, so that its terms are set."""
    terms = decided or order
    return OrderLine(order, order.price_fen, terms.fee_fen, terms.tax_fen, terms.net_fen)


def percent(bps: int) -> str:
    """A rate in hundredths of a percent: 2050 is "20.5 %"."""
    return f"{bps / 100:g} %"


@dataclass(frozen=True)
class Promise:
    """One step of the way: what happens, when, and what becomes of the money."""

    title: str
    text: str
    symbol: str
    at: datetime | None = None


def promises(task: Task, policy: Policy) -> list[Promise]:
    """The way of a task's orders from sending to payout, with its own times and the numbers in
    force.
    """
    return [
        Promise(
            _("You send the orders"),
            _(
                "The creators see the brief. Nothing is due yet: until you pay you may change it, "
                "agree on another price, or withdraw."
            ),
            symbol="send",
        ),
        Promise(
            _("You pay once for all"),
            ngettext(
                "Possible until the start. You confirm in Alipay within %(n)s minute; the sum is "
                "frozen in your own account, and the brief with it.",
                "Possible until the start. You confirm in Alipay within %(n)s minutes; the sum is "
                "frozen in your own account, and the brief with it.",
                policy.payment_window_minutes,
            )
            % {"n": policy.payment_window_minutes},
            symbol="lock",
        ),
        *after_paying(task, policy),
    ]


def after_paying(task: Task, policy: Policy) -> list[Promise]:
    """What follows from the payment."""
    return [
        Promise(
            _("Until %(time)s creators accept") % {"time": absolute(task.start_at)},
            _(
                "When a creator accepts, his reward moves into escrow. When he declines or does "
                "not answer, it is released to you in full."
            ),
            symbol="user-check",
            at=task.start_at,
        ),
        Promise(
            _("Until %(time)s they deliver") % {"time": absolute(task.due_at)},
            _("What is not delivered in time is refunded to you in full."),
            symbol="package",
            at=task.due_at,
        ),
        Promise(
            _("You verify, then they are paid"),
            ngettext(
                "The reward goes out when you confirm, or by itself %(n)s day after the delivery. "
                "Until then you may ask our staff for a refund.",
                "The reward goes out when you confirm, or by itself %(n)s days after the delivery. "
                "Until then you may ask our staff for a refund.",
                policy.auto_confirm_days,
            )
            % {"n": policy.auto_confirm_days},
            symbol="circle-check",
        ),
    ]
