"""The two homes: what needs this person now, in the order of urgency, and his figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.web.guards import me
from core import charts
from core.kept import prepared
from core.light import address
from core.templatetags.ui import countdown, icon, money
from creators import queries as creator_queries
from merchants.models import Merchant
from merchants.rules import missing_before_paying
from reads.queries import Day
from tasks import figures, queries, statement, tabs
from tasks.models import Order
from tasks.standing import standing
from tasks.states import PAYOUT_BLOCKED, State, Tab
from tasks.web import now, words
from tasks.web.edge import Edge, edge
from tasks.web.lists import task_rows

if TYPE_CHECKING:
    from django.utils.functional import Promise

SHOWN_AT_ONCE = 8  # the rest of what needs somebody is one press away
MOST_SHOWN = 40
REVIEWS_AT_HOME = 5  # they can wait; what costs money comes first
TASKS_AT_HOME = 5
READS_DAYS = 30
MONTHS = 12


@prepared
def waiting_for_merchant(merchant_id: int) -> QuerySet[Order, Any]:
    return queries.need_rows(queries.needs_merchant(merchant_id))[:MOST_SHOWN]


@prepared
def waiting_for_creator(creator_id: int) -> QuerySet[Order, Any]:
    return queries.need_rows(queries.needs_creator(creator_id))[:MOST_SHOWN]


@prepared
def verified_for_creator(creator_id: int) -> QuerySet[Order, Any]:
    return queries.need_rows(queries.being_verified(creator_id))[:MOST_SHOWN]


@dataclass(frozen=True, slots=True)
class Need:
    """A row of "needs you now", as it is written there: what it is about, for whom, how much, what
    runs out and when (`clock`, `until`) or whose turn it is, and what to press.
    """

    title: str
    url: str
    note: str
    money: str
    icon: str
    clock: str
    until: str
    turn: str
    is_bad: bool
    action: now.Action
    now: now.Now
    trouble: str = ""
    hint: str = ""


def drawn(step: now.Now, at: datetime, *, url: str, fen: int, symbol: str) -> dict[str, Any]:
    """What rows of orders and of tasks have in common."""
    return {
        "url": url,
        "money": money(fen),
        "icon": icon(symbol),
        "clock": step.clock,
        "until": countdown(step.until, at) if step.until else "",
        "turn": "" if step.until or step.is_yours else step.turn,
        "is_bad": step.tone == "bad",
        "action": step.first or now.Action(_("Look at it"), url),
        "now": step,
    }


SYMBOLS: dict[str, dict[str, str]] = {
    State.UNPAID: {"symbol": "wallet"},
    State.PAID: {"symbol": "inbox"},
    State.ACCEPTED: {"symbol": "send"},
    State.DELIVERED: {"symbol": "eye-check"},
    State.DISPUTED: {"symbol": "gavel"},
    State.CONFIRMED: {"symbol": "star"},
}
OTHER_SYMBOL = {"symbol": "alert-triangle"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs this person now; staff go to the admin, the rest find their own home."""
    here = edge(request)
    homes = {"MERCHANT": merchant_home, "CREATOR": creator_home}
    show = homes.get(here.side)
    if show is None:
        return render(request, "404.html", status=404)
    return show(here)


# The merchant


def merchant_home(here: Edge) -> HttpResponse:
    merchant = me(here.request).merchant
    published = queries.published(merchant.pk)
    needs = merchant_needs(merchant.pk, here.at)
    context = {
        "money": queries.merchant_money(merchant.pk),
        "published": published,
        "steps": first_steps(merchant, has_task=published.tasks > 0),
        "needs": needs[:SHOWN_AT_ONCE],
        "more_needs": needs[SHOWN_AT_ONCE:],
        "running": task_rows(
            tabs.first_task_rows(merchant.pk, tab=Tab.OPEN, size=TASKS_AT_HOME), here.at
        ),
        "charts": merchant_charts(merchant.pk, here.at) if published.tasks else None,
    }
    return render(here.request, "tasks/home_merchant.html", context)


def merchant_needs(merchant_id: int, at: datetime) -> list[Need]:
    """To pay, to verify, money trouble, disputes, reviews: what has a time by its time, the rest
    behind it in the order of the query.
    """
    orders = waiting_for_merchant(merchant_id)
    reviews = [order for order in orders if order.state == State.CONFIRMED and not order.trouble]
    late = {order.pk for order in reviews[REVIEWS_AT_HOME:]}
    unpaid = queries.tasks_to_pay(merchant_id, most=MOST_SHOWN)
    found = [need_to_pay(task, at) for task in unpaid]
    found += [need(order, now.MERCHANT, at) for order in orders if order.pk not in late]
    return in_order(found)


def in_order(needs: list[Need]) -> list[Need]:
    """Stuck money first, then by the time that is left, then what no clock waits for."""

    def urgency(need: Need) -> tuple[bool, bool, float]:
        until = need.now.until
        return not need.is_bad, until is None, until.timestamp() if until else 0

    return sorted(needs, key=urgency)


def need(order: Any, side: str, at: datetime) -> Need:
    """A row from what `queries.need_rows` has found."""
    step = now.next_step(order, side)
    is_stuck = step.tone == "bad" or order.trouble or order.held_at
    fen = order.price_fen if side == now.MERCHANT else order.net_fen or order.price_fen
    look = OTHER_SYMBOL if order.trouble else SYMBOLS.get(order.state, OTHER_SYMBOL)
    return Need(
        title=order.theme,
        note=order.creator_name if side == now.MERCHANT else order.merchant_name,
        trouble=now.told(order, side) if is_stuck else "",
        **drawn(step, at, url=address("tasks:order", order.pk), fen=fen, **look),
    )


def need_to_pay(task: Any, at: datetime) -> Need:
    """A task with unpaid orders: one payment for all of them, once no price is open any more."""
    note = ngettext("%(n)s order to pay", "%(n)s orders to pay", task.unpaid_orders)
    step = now.Now(
        is_yours=True,
        until=task.start_at,
        clock=str(now.CLOCKS[State.UNPAID][1]),
        actions=to_pay_or_answer(task),
    )
    url, fen = address("tasks:task", task.pk), int(task.unpaid_fen)
    return Need(
        title=task.theme,
        note=note % {"n": task.unpaid_orders},
        trouble=words.trouble_text(task.trouble),
        hint=_("A creator has yet to answer your price offer.") if task.asked else "",
        **drawn(step, at, url=url, fen=fen, **SYMBOLS[State.UNPAID]),
    )


def to_pay_or_answer(task: Any) -> tuple[now.Action, ...]:
    """Nothing can be paid while a price is open (V19)."""
    if task.offers:
        url = address("tasks:task", task.pk)
        return (now.Action(_("Answer the offer"), url, "primary", icon="tag"),)
    if task.asked:
        return ()
    return (now.Action(_("Pay"), address("tasks:pay", task.pk), "primary", icon="wallet"),)


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the three steps of a new merchant, with what it still lacks."""

    label: str
    text: str
    url: str
    button: str
    missing: "list[str | Promise]"
    is_done: bool


ACCOUNT_CODES = {"payment_account", "real_name", "balance"}


def first_steps(merchant: Merchant, *, has_task: bool) -> list[FirstStep]:
    """Company, payment account, first task (V2 to V4); empty once all three are done."""
    missing = missing_before_paying(merchant, merchant.account_or_none)
    account = [item.text for item in missing if item.code in ACCOUNT_CODES]
    company = [item.text for item in missing if item.code not in ACCOUNT_CODES]
    steps = [
        FirstStep(
            _("Your company"),
            _("Who you are, your shop, and whom creators may call."),
            reverse("merchants:profile"),
            _("Complete your company data"),
            company,
            is_done=not company,
        ),
        FirstStep(
            _("Your payment account"),
            _("The Alipay account whose balance your orders are paid from."),
            reverse("merchants:payment-account"),
            _("To the payment account"),
            account,
            is_done=not account,
        ),
        FirstStep(
            _("Your first task"),
            _("Write a brief, choose creators, pay once for all. Nothing is taken before you pay."),
            reverse("tasks:new"),
            _("Write the first brief"),
            [],
            is_done=has_task,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps


def merchant_charts(merchant_id: int, at: datetime) -> dict[str, charts.Chart]:
    """Reads by day, spend by month, spend by domain over the same months."""
    spent = statement.spent(merchant_id, until=at, months=MONTHS)
    return {
        "reads": reads_chart(
            figures.reads_per_day(merchant_id=merchant_id, since=first_day(at), until=at)
        ),
        "spent": charts.bars(
            _("Spent by month"),
            [month for month, _fen in spent.per_month],
            [charts.Series(_("Spent"), [fen for _month, fen in spent.per_month])],
            money=True,
        ),
        "domains": charts.shares(
            _("Spent by domain"),
            [str(domain) for domain, _fen in spent.by_domain],
            [fen for _domain, fen in spent.by_domain],
            money=True,
        ),
    }


def reads_chart(days: Sequence[Day]) -> charts.Chart:
    """V60: visits and visitors of the delivered links, by day."""
    return charts.line(
        _("Reads in the last %(days)s days") % {"days": len(days)},
        [day for day, _visits, _visitors in days],
        [
            charts.Series(_("Reads"), [visits for _day, visits, _visitors in days]),
            charts.Series(_("Visitors"), [visitors for _day, _visits, visitors in days]),
        ],
    )


def first_day(at: datetime) -> datetime:
    """Of the days whose reads are shown."""
    return at - timedelta(days=READS_DAYS - 1)


# The creator


def creator_home(here: Edge) -> HttpResponse:
    creator = me(here.request).creator
    waiting = waiting_for_creator(creator.pk)
    stands = standing(creator.pk)
    earned = stands.earned_per_month(until=here.at, months=MONTHS)
    context = {
        "creator": creator,
        "completeness": creator_queries.completeness_of(creator),
        "record": stands.record,
        "money": stands.money,
        "others": rows((order for order in waiting if is_other(order)), here.at),
        "to_accept": rows((order for order in waiting if order.state == State.PAID), here.at),
        "to_deliver": rows((order for order in waiting if order.state == State.ACCEPTED), here.at),
        "verifying": rows(verified_for_creator(creator.pk), here.at),
        "earnings": charts.bars(
            _("Earned by month"),
            [month for month, _fen in earned],
            [charts.Series(_("Net"), [fen for _month, fen in earned])],
            money=True,
        ),
    }
    return render(here.request, "tasks/home_creator.html", context)


def rows(orders: Iterable[Any], at: datetime) -> list[Need]:
    return [need(order, now.CREATOR, at) for order in orders]


def is_other(order: Any) -> bool:
    """A payout that failed, a price to answer, an invoice to hand in."""
    return order.trouble == PAYOUT_BLOCKED or order.state not in (State.PAID, State.ACCEPTED)
