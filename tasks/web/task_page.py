"""A task's page: its brief, every order with what it waits for and what happened, its sums."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.web.guards import merchant_required
from tasks import queries
from tasks.models import Order, Task
from tasks.states import State
from tasks.web import now, words
from tasks.web.briefs import files_of, own_task
from tasks.web.edge import Edge, edge
from tasks.web.homes import reads_chart


@require_safe
@merchant_required
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task with all its orders, their states, times and what can be done (V63)."""
    here = edge(request)
    shown = own_task(here, task_id)
    orders = with_steps(queries.task_orders(shown.pk))
    unpaid = [order for order in orders if order.state == State.UNPAID]
    may_change = all(order.state in (State.UNPAID, State.VOID) for order in orders)
    context = {
        "task": shown,
        "at": here.at,
        "orders": orders,
        "total_fen": sum(order.price_fen for order in orders if order.state != State.VOID),
        "unpaid_fen": sum(order.price_fen for order in unpaid),
        "payment_open": bool(unpaid) and queries.payment_of(shown) is not None,
        "trouble": next((words.trouble_text(o.trouble) for o in unpaid if o.trouble), ""),
        "has_offer": any(order.offer_by == "CREATOR" for order in unpaid),
        "is_draft": shown.tab == "draft",  # type: ignore[attr-defined]
        "may_change": may_change,
        "files": files_of(shown),
        "edit_url": reverse("tasks:edit", args=[shown.pk]) if may_change else "",
        **money_and_reads(shown, orders, here),
    }
    return render(request, "tasks/task.html", context)


def with_steps(orders: Any) -> list[Any]:
    """Each with what it waits for (`now`), what happened so far (`happened`), and the last of it
    but for reminders (`last`).
    """
    found = list(orders)
    for order in found:
        order.now = now.next_step(order, now.MERCHANT)
        order.happened = words.timeline(order.events.all())
        order.last = words.timeline(e for e in order.events.all() if e.verb not in words.QUIET)[:1]
    return found


def money_and_reads(task: Task, orders: list[Order], here: Edge) -> dict[str, Any]:
    """Where the money is, once something was paid; the reads, once something was delivered."""
    is_paid = any(order.paid_at for order in orders)
    delivered = [order.pk for order in orders if order.delivered_at]
    return {
        "money": queries.task_money(task.pk) if is_paid else None,
        "reads": reads_chart(here.at, order_ids=delivered) if delivered else None,
    }
