"""What people are told, with names and amounts filled in: the sentences of the bell and of the
page of messages, and the letters.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from accounts.models import User
from core import words
from settlement.pockets import FEE, PAID, PAYABLE, REFUND_IN_TRANSIT, RETURNED, TAX
from tasks.models import Order, OrderEvent, Outbox, Side
from tasks.wording import ALWAYS, BY_CLOCK, WORDS, Wording

# The step that a message tells of, where it says more than the order itself does.
STEP_OF = {
    "price_offered": "offer_price",
    "price_accepted": "accept_price",
    "price_rejected": "reject_price",
    "declined": "decline",
    "confirmed": "confirm",
    "ruled": "rule",
    "returned": "mark_returned",
    "paid_out": "mark_paid_out",
    "payout_blocked": "mark_payout_blocked",
    "payout_returned": "mark_payout_returned",
}
# Of these the sum is what the step moved into a pocket.
SUM_IN = {
    "ruled": PAYABLE,
    "returned": RETURNED,
    "paid_out": PAID,
    "payout_blocked": PAYABLE,
    "payout_returned": PAYABLE,
}
HAN = re.compile("[\u4e00-\u9fff]")
BEFORE, AFTER = (re.compile(rule) for rule in (r" %\((?P<name>\w+)\)s", r"%\((?P<name>\w+)\)s "))
OFFERS = {"price_offered", "price_accepted", "price_rejected"}


@dataclass(frozen=True)
class Told:
    """One message in the words of the side that reads it, in the language now active.

    The row has its order with task, merchant and creator loaded; `event` is the step that it
    tells of, where `STEP_OF` names one.
    """

    row: Outbox
    event: OrderEvent | None = None

    @property
    def order(self) -> Order:
        return self.row.order

    @cached_property
    def wording(self) -> Wording:
        key = (Side(self.row.to), self.row.kind)
        is_clock = self.event is not None and self.event.role == "CLOCK"
        return BY_CLOCK.get(key, WORDS[key]) if is_clock else WORDS[key]

    @cached_property
    def facts(self) -> Mapping[str, str]:
        order = self.order
        return {
            "merchant": one_line(order.merchant.company_name) or _("the merchant"),
            "creator": one_line(order.creator.nickname) or _("the creator"),
            "price": yuan(order.price_fen),
            "net": yuan(order.net_fen),
            "fee": yuan(order.fee_fen),
            "amount": self.amount,
            "refund": yuan(self._moved(REFUND_IN_TRANSIT)),
            "days": str(order.auto_confirm_days or ""),
            "reason": self.event.note_text if self.event else order.reason_text,
        }

    @property
    def amount(self) -> str:
        """The sum that the message is about."""
        if self.row.kind in OFFERS and self.event:
            return self.event.note  # the step wrote the price down as people read it
        if self.row.kind in SUM_IN and self.event:
            return yuan(self._moved(SUM_IN[self.row.kind]))
        return yuan(self.order.offer_fen or self.order.price_fen)

    def _moved(self, pocket: str) -> int:
        """Fen that the step moved into this pocket."""
        lines = self.event.money if self.event else []
        return sum(fen for _code, _debit, credit, fen in lines if credit == pocket)

    @property
    def title(self) -> str:
        return one_line(filled(str(self.wording.title), self.facts))

    @property
    def body(self) -> str:
        return filled(str(self.wording.body), self.facts)

    @property
    def money(self) -> str:
        return filled(str(self.wording.money), self.facts)

    @property
    def theme(self) -> str:
        return one_line(self.order.task.theme)

    @property
    def at_time(self) -> str:
        """The time of day, for where the day stands above."""
        return formats.date_format(timezone.localtime(self.row.at), "H:i")

    @property
    def at_exact(self) -> str:
        return words.exact(self.row.at)

    @property
    def until(self) -> datetime | None:
        """By when something has to be done, while the order still waits for it."""
        return getattr(self.order, self.wording.until[0]) if self.wording.until else None

    @property
    def until_label(self) -> str:
        return str(self.wording.until[1]) if self.wording.until else ""

    @property
    def shares(self) -> list[tuple[str, str]]:
        """What of the reward goes where, to the fen (N7)."""
        if self.row.kind == "ruled":
            lines = [
                *self._lines(self._moved(FEE), self._moved(TAX), self._moved(PAYABLE)),
                (_("Back to the merchant"), self._moved(REFUND_IN_TRANSIT)),
            ]
        elif self.wording.shares and self.order.net_fen is not None:
            order = self.order
            lines = self._lines(order.fee_fen or 0, order.tax_fen or 0, order.net_fen or 0)
        else:
            return []
        return [(label, yuan(fen)) for label, fen in lines]

    def _lines(self, fee_fen: int, tax_fen: int, net_fen: int) -> list[tuple[str, int]]:
        is_creator = self.row.to == Side.CREATOR
        net = _("You receive") if is_creator else _("The creator receives")
        tax = [(_("Tax withheld"), tax_fen)] if tax_fen else []
        return [
            (_("Reward"), self.order.price_fen),
            (_("Platform fee"), fee_fen),
            *tax,
            (net, net_fen),
        ]


def yuan(fen: int | None) -> str:
    return words.UNKNOWN if fen is None else f"¥{words.yuan(fen)}"


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts. In Chinese the space beside a name is for names of other letters; a
    Chinese one stands without.
    """
    if HAN.search(text):
        text = AFTER.sub(
            partial(_closed_up, facts, -1), BEFORE.sub(partial(_closed_up, facts, 0), text)
        )
    return text % facts


def _closed_up(facts: Mapping[str, str], end: int, found: re.Match[str]) -> str:
    value = facts.get(found["name"], "")
    return found[0].replace(" ", "") if value and HAN.match(value[end]) else found[0]


def one_line(text: str) -> str:
    """Without the line breaks that would begin another header of a letter."""
    return " ".join(text.split())


def told(rows: Iterable[Outbox]) -> list[Told]:
    """Messages in words; one query for all their steps."""
    rows = list(rows)
    events = events_of(rows)
    return [Told(row, events.get(row.pk)) for row in rows]


def events_of(rows: Iterable[Outbox]) -> dict[int, OrderEvent]:
    """By the row's id the step that it tells of: message and step bear the same instant."""
    wanted = {
        row.pk: (row.order_id, STEP_OF[row.kind], row.at) for row in rows if row.kind in STEP_OF
    }
    if not wanted:
        return {}
    orders, verbs, instants = (set(column) for column in zip(*wanted.values(), strict=True))
    steps = OrderEvent.objects.filter(order_id__in=orders, verb__in=verbs, at__in=instants)
    found = {(step.order_id, step.verb, step.at): step for step in steps.order_by("id")}
    return {pk: found[key] for pk, key in wanted.items() if key in found}


def owner_of(row: Outbox) -> User:
    """The person whom a message is for."""
    order = row.order
    return order.merchant.user if row.to == Side.MERCHANT else order.creator.user


def letter(row: Outbox) -> EmailMessage:
    """One message as an e-mail, in the language and the zone of the one who gets it. It names no
    contact data (V64) and nothing in it reports that it was opened.
    """
    user = owner_of(row)
    zone = ZoneInfo(user.time_zone) if user.time_zone else timezone.get_default_timezone()
    with override(user.language or settings.LANGUAGE_CODE), timezone.override(zone):
        [message] = told([row])
        context = _letter_context(message, user)
        mail = EmailMultiAlternatives(
            f"{message.title} · {message.theme}",
            render_to_string("tasks/mail/letter.txt", context),
            to=[user.email],
        )
        mail.attach_alternative(render_to_string("tasks/mail/letter.html", context), "text/html")
    if row.kind not in ALWAYS:
        mail.extra_headers["List-Unsubscribe"] = f"<{context['choices_url']}>"
    return mail


def _letter_context(message: Told, user: User) -> dict[str, object]:
    order = message.order
    is_merchant = message.row.to == Side.MERCHANT
    return {
        "message": message,
        "language": user.language or settings.LANGUAGE_CODE,
        "other_label": _("Creator") if is_merchant else _("Merchant"),
        "other": message.facts["creator" if is_merchant else "merchant"],
        "until": words.exact(message.until) if message.until else "",
        "order_url": settings.SITE_URL + reverse("tasks:order", args=[order.pk]),
        "choices_url": settings.SITE_URL + reverse("tasks:notice_choices"),
        "is_always": message.row.kind in ALWAYS,
        "colon": pgettext("after a label", ": "),
    }
