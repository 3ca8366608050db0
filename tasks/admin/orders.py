"""Orders: a list to search, and one page with all that happened to an order and its money."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.admin import (
    NOTHING,
    Line,
    ReadOnlyAdmin,
    SinceFilter,
    badge,
    column,
    fen,
    field_label,
    moment,
    money_column,
    nowrap,
    time_column,
)
from core.masking import mask_email
from core.templatetags.ui import TONES
from creators.models import Creator
from merchants.models import Merchant
from settlement.models import Escrow, Operation, Transfer
from settlement.names import move_name, way
from settlement.pockets import POCKETS
from tasks import queries
from tasks.admin.steps import PAY_OUT, RELEASE, RETURN_AGAIN, RULE
from tasks.models import Order, OrderEvent
from tasks.states import State
from tasks.web import words

# By when something has to happen, in the states in which the clock waits for it.
WAITS_UNTIL: dict[str, str] = {
    State.UNPAID: "start_at",
    State.PAID: "start_at",
    State.ACCEPTED: "due_at",
    State.DELIVERED: "confirm_by",
}
INSTANTS = (
    "sent_at",
    "paid_at",
    "accepted_at",
    "secured_at",
    "delivered_at",
    "disputed_at",
    "confirmed_at",
    "reviewed_at",
    "closed_at",
)


STATE_NAMES = {state.value: state.label for state in State}


def state_badge(state: str) -> str:
    return badge(label_of(state), TONES.get(state, ""))


TROUBLES = {
    "PAYOUT_BLOCKED": gettext_lazy("Payout blocked"),
    "RETURN_BLOCKED": gettext_lazy("Return blocked"),
    "PAYMENT_EXPIRED": gettext_lazy("Payment expired"),
    "FREEZE_HOLDS_NO_MONEY": gettext_lazy("Freeze without money"),
}


def trouble_name(code: str) -> str:
    """In two words; what the gateway answered keeps its code."""
    return str(TROUBLES.get(code, code))


class TroubleFilter(admin.SimpleListFilter):
    title = gettext_lazy("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", gettext_lazy("Any")), *TROUBLES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() == "any":
            return queryset.exclude(trouble="")
        return queryset.filter(trouble=self.value()) if self.value() else queryset


class HeldFilter(admin.SimpleListFilter):
    """N4: what a reminder that came back holds, and what no reminder has reached yet."""

    title = gettext_lazy("confirmation")
    parameter_name = "confirmation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("held", gettext_lazy("Held: a reminder came back")),
            ("unreminded", gettext_lazy("Waits for its last reminder")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() == "held":
            return queryset.filter(pk__in=queries.held())
        if self.value() == "unreminded":
            return queryset.filter(pk__in=queries.without_reminder(clock.now()))
        return queryset


class SentFilter(SinceFilter):
    title = gettext_lazy("sent")
    field = "sent_at"


@dataclass(frozen=True)
class Step:
    """A line of the timeline, as staff read it."""

    title: str
    verb: str
    at: datetime
    who: str
    way: str
    money: list[Line]
    note: str
    tone: str


def timeline(events: Iterable[OrderEvent]) -> list[Step]:
    return [_step(event) for event in events]


def _step(event: OrderEvent) -> Step:
    source, target = label_of(event.source), label_of(event.target)
    return Step(
        title=str(words.STEPS.get(event.verb, event.verb)),
        verb=event.verb,
        at=event.at,
        who=who(event),
        way=f"{source} → {target}" if source and event.source != event.target else target,
        money=[Line(way(debit, credit), fen) for _code, debit, credit, fen in event.money],
        note=event.note_text,
        tone="good" if event.verb in words.GOOD else "bad" if event.verb in words.BAD else "",
    )


def who(event: OrderEvent) -> str:
    role = str(words.WHO.get(event.role, event.role))
    if event.by is None:
        return role
    name = event.by.name or mask_email(event.by.email)
    return _("%(name)s (%(role)s)") % {"name": name, "role": role}


def label_of(state: str) -> str:
    return str(STATE_NAMES.get(state, state))


def pockets(escrow: Escrow) -> list[Line]:
    """All pockets, with what was paid in as their sum."""
    return [Line(field_label(Escrow, name), getattr(escrow, name)) for name in POCKETS]


def terms(order: Order) -> list[Line]:
    """The terms that the order was paid under (N2)."""
    if order.net_fen is None:
        return []
    rate = f"{(order.fee_bps or 0) / 100:g} %"
    return [
        *(Line(line.label, line.fen, line.note) for line in words.share_lines(order)),
        Line(_("Fee rate"), text=rate),
        Line(
            _("Confirmed by the clock after"),
            text=_("%(days)s × 24 h") % {"days": order.auto_confirm_days},
        ),
        Line(_("Paid to"), text=order.payee or NOTHING),
    ]


def times(order: Order) -> list[tuple[str, datetime]]:
    """The instants of an order that are known, in their order."""
    running = () if order.held_at else ("confirm_by", "remind_at", "reminded_at")
    names = ("start_at", "due_at", *running, "clock_from", "held_at", *INSTANTS)
    known = [(str(field_label(Order, name)), getattr(order, name)) for name in names]
    return [(label, at) for label, at in known if at is not None]


def moved(transfer: Transfer) -> dict[str, Any]:
    """A line of the chain, with the words for its codes."""
    return {
        "row": transfer,
        "what": move_name(transfer.code),
        "way": way(transfer.debit, transfer.credit),
    }


def operations_of(order: Order) -> QuerySet[Operation]:
    mine = Operation.objects.filter(shares__order_id=order.pk)
    return mine.defer("payer").prefetch_related("attempts").order_by("id")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """One creator's part of a task. Its state and its money change by verbs alone."""

    list_display = (
        "id",
        "theme",
        column("state", gettext_lazy("state"), state_badge),
        "merchant_name",
        "creator_name",
        money_column(Order, "price_fen", gettext_lazy("price")),
        time_column(Order, "sent_at"),
        "waits_until",
        "shown_trouble",
    )
    list_display_links = ("id", "theme")
    list_filter = ("state", TroubleFilter, HeldFilter, SentFilter)
    list_values = (
        "id",
        "state",
        "price_fen",
        "sent_at",
        *sorted(set(WAITS_UNTIL.values())),
        "held_at",
        "trouble",
        "task__theme",
        "merchant_id",
        "merchant__company_name",
        "merchant__shop_name",
        "creator_id",
        "creator__nickname",
    )
    search_fields = ("task__theme", "creator__nickname", "merchant__company_name")
    search_help_text = gettext_lazy("Number, theme, nickname or company")
    ordering = ("-id",)
    steps = (RULE, RELEASE, PAY_OUT, RETURN_AGAIN)
    change_form_template = "admin/order.html"

    @admin.display(description=gettext_lazy("theme"), ordering="task__theme")
    def theme(self, row: Any) -> str:
        return str(row.task__theme)

    @admin.display(description=gettext_lazy("merchant"), ordering="merchant")
    def merchant_name(self, row: Any) -> str:
        return Merchant.called(row.merchant_id, row.merchant__company_name, row.merchant__shop_name)

    @admin.display(description=gettext_lazy("creator"), ordering="creator")
    def creator_name(self, row: Any) -> str:
        return Creator.called(row.creator_id, row.creator__nickname)

    @admin.display(description=gettext_lazy("waits until"))
    def waits_until(self, row: Any) -> str:
        name = WAITS_UNTIL.get(row.state)
        if row.held_at is not None:
            return badge(_("held"), "bad")
        return nowrap(moment(getattr(row, name))) if name else NOTHING

    @admin.display(description=gettext_lazy("trouble"), ordering="trouble")
    def shown_trouble(self, row: Any) -> str:
        return badge(trouble_name(row.trouble), "bad") if row.trouble else NOTHING

    def page_of(self, row: Any, at: datetime) -> dict[str, Any]:
        order = queries.order_page(Order.objects.filter(pk=row.pk)).get()
        escrow = queries.escrow_of(order.pk)
        return {
            "order": order,
            "state": state_badge(order.state),
            "trouble": words.trouble_text(order.trouble),
            "trouble_name": trouble_name(order.trouble),
            "times": times(order),
            "terms": terms(order),
            "pockets": pockets(escrow),
            "funded": fen(escrow.funded),
            "timeline": timeline(order.events.select_related("by").order_by("id")),
            "transfers": [moved(transfer) for transfer in queries.transfers_of(order.pk)],
            "operations": operations_of(order),
        }
