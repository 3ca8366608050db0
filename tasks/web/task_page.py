"""A task's page: its brief, every order with what it waits for and what happened, its sums."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.web.guards import merchant_required
from core.light import address
from core.templatetags.ui import countdown, moment, money, state_mark
from tasks import figures, queries
from tasks.models import Task
from tasks.states import State, in_words
from tasks.web import now, words
from tasks.web.briefs import files_of, own_task
from tasks.web.edge import edge
from tasks.web.homes import first_day, reads_chart


@dataclass(frozen=True, slots=True)
class Face:
    """What `components/face.html` shows of a creator."""

    pk: int
    nickname: str
    avatar: str


@dataclass(frozen=True, slots=True)
class Row:
    """An order on the page of its task, as it is written there: `last` is the last that happened,
    `clock` and `until` what runs out next and when, `offer` a price that somebody has to answer,
    `action` what the merchant can press.
    """

    url: str
    face: Face
    last: str
    last_at: str
    clock: str
    until: str
    reason: str
    offer: str
    is_offer_to_me: bool
    price: str
    state: str
    action: now.Action | None
    happened: list[words.Happened]


@require_safe
@merchant_required
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task with all its orders, their states, times and what can be done (V63)."""
    here = edge(request)
    shown = own_task(here, task_id)
    orders = queries.task_orders(shown.pk)
    unpaid = [order for order in orders if order.state == State.UNPAID]
    may_change = all(order.state in (State.UNPAID, State.VOID) for order in orders)
    context = {
        "task": shown,
        "orders": rows(orders, queries.task_events(shown.pk), here.at),
        "total": money(sum(order.price_fen for order in orders if order.state != State.VOID)),
        "unpaid_fen": sum(order.price_fen for order in unpaid),
        "payment_open": bool(unpaid) and queries.payment_of(shown) is not None,
        "trouble": next((words.trouble_text(o.trouble) for o in unpaid if o.trouble), ""),
        "has_offer": any(order.offer_by == now.CREATOR for order in unpaid),
        "may_change": may_change,
        "files": files_of(shown, queries.attachments_of(shown.pk)),
        "edit_url": address("tasks:edit", shown.pk) if may_change else "",
        **money_and_reads(shown, orders, here.at),
    }
    return render(request, "tasks/task.html", context)


def rows(orders: list[Any], events: list[Any], at: datetime) -> list[Row]:
    """From what `queries.task_orders` and `queries.task_events` have found."""
    of_order = defaultdict(list)
    for event in events:
        of_order[event.order_id].append(event)
    return [row(order, of_order[order.pk], at) for order in orders]


def row(order: Any, events: list[Any], at: datetime) -> Row:
    step = now.next_step(order, now.MERCHANT)
    last = next((event for event in reversed(events) if event.verb not in words.QUIET), None)
    return Row(
        url=address("tasks:order", order.pk),
        face=Face(order.creator_id, order.creator_name, order.avatar),
        last=words.happened(last).title if last else "",
        last_at=moment(last.at if last else None),
        clock=step.clock,
        until=countdown(step.until, at) if step.until else "",
        reason=in_words(order.reason) if order.state == State.DECLINED else "",
        offer=money(order.offer_fen) if order.offer_fen else "",
        is_offer_to_me=order.offer_by == now.CREATOR,
        price=money(order.price_fen),
        state=state_mark(order.state, str(State(order.state).label)),
        action=action(order, step),
        happened=words.timeline(events),
    )


def action(order: Any, step: now.Now) -> now.Action | None:
    """What is to be done for this order alone; all that are unpaid are paid together."""
    if step.is_yours and order.state != State.UNPAID and step.actions:
        return step.first
    return now.ANSWER(order) if order.offer_by == now.CREATOR else None


def money_and_reads(task: Task, orders: list[Any], at: datetime) -> dict[str, Any]:
    """Where the money is, once something was paid; the reads, once something was delivered."""
    found: dict[str, Any] = {}
    if any(order.paid_at for order in orders):
        found["money"] = queries.task_money(task.pk)
    if any(order.delivered_at for order in orders):
        days = figures.reads_of_task(task.pk, since=first_day(at), until=at)
        found["reads"] = reads_chart(days)
    return found
