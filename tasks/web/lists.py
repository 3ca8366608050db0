"""Home pages and the lists of tasks and orders."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.web.guards import creator_required, me, merchant_required
from core.templatetags.ui import TONES
from creators import queries as creator_queries
from merchants.rules import missing_before_paying
from tasks import queries
from tasks.models import Task
from tasks.states import State, Tab
from tasks.web.edge import Edge, edge

PAGE_SIZE = 20
SHOWN_AT_HOME = 20
REVIEWS_AT_HOME = 5  # they can wait; what costs money comes first


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs this person now; staff go to the admin, the rest find their own home."""
    here = edge(request)
    homes = {"MERCHANT": merchant_home, "CREATOR": creator_home}
    show = homes.get(here.side)
    if show is None:
        return render(request, "404.html", status=404)
    return show(here)


def merchant_home(here: Edge) -> HttpResponse:
    merchant = me(here.request).merchant
    waiting = list(queries.needs_merchant(merchant.pk)[: 3 * SHOWN_AT_HOME])
    running = queries.order_rows(queries.orders_of_merchant(merchant.pk), Tab.OPEN)
    working = running.filter(state__in=[State.PAID, State.ACCEPTED, State.DISPUTED])
    money = queries.merchant_money(merchant.pk)
    published = queries.published(merchant.pk)
    context = {
        "at": here.at,
        "figures": {
            "frozen_fen": money.frozen,
            "escrow_fen": money.escrow,
            "tasks": published.tasks,
            "orders": published.orders,
        },
        "missing": missing_before_paying(merchant, merchant.account_or_none),
        "profile_url": reverse("merchants:profile"),
        "to_pay": tasks_to_pay(waiting),
        "to_verify": [order for order in waiting if order.state == State.DELIVERED],
        "to_review": [order for order in waiting if order.state == State.CONFIRMED][
            :REVIEWS_AT_HOME
        ],
        "running": working[:SHOWN_AT_HOME],
    }
    return render(here.request, "tasks/home_merchant.html", context)


def tasks_to_pay(orders: list[Any]) -> list[Task]:
    """The tasks of unpaid orders, each with how many there are and their sum."""
    found: dict[int, Any] = {}
    for order in orders:
        if order.state == State.UNPAID:
            task = found.setdefault(order.task_id, order.task)
            task.unpaid_orders = getattr(task, "unpaid_orders", 0) + 1
            task.unpaid_fen = getattr(task, "unpaid_fen", 0) + order.price_fen
    return list(found.values())


def creator_home(here: Edge) -> HttpResponse:
    creator = me(here.request).creator
    waiting = list(queries.needs_creator(creator.pk)[: 2 * SHOWN_AT_HOME])
    running = queries.order_rows(queries.orders_of_creator(creator.pk), Tab.OPEN)
    money = queries.creator_money(creator.pk)
    context = {
        "at": here.at,
        "creator": creator,
        "completeness": creator_queries.completeness_of(creator),
        "profile_url": reverse("creators:profile"),
        "figures": {
            "earned_fen": money.paid,
            "coming_fen": money.on_its_way,
            "secured_fen": money.in_escrow,
        },
        "to_accept": [order for order in waiting if order.state == State.PAID],
        "to_deliver": [order for order in waiting if order.state == State.ACCEPTED],
        "verifying": running.filter(state__in=[State.DELIVERED, State.DISPUTED])[:SHOWN_AT_HOME],
    }
    return render(here.request, "tasks/home_creator.html", context)


@require_safe
@merchant_required
def tasks(request: HttpRequest) -> HttpResponse:
    """The merchant's tasks by tab, with counts."""
    merchant_id = me(request).merchant.pk
    counts = queries.task_counts(merchant_id)
    tab = chosen_tab(request, counts)
    page = Paginator(queries.task_rows(merchant_id, tab), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    for task in page.object_list:
        row: Any = task
        row.orders_shown = [order for order in task.orders.all() if order.state != State.VOID]
        row.parts = parts(row.orders_shown)
    tabs = tab_links(request.path, counts, tab)
    return render(request, "tasks/tasks.html", {"page": page, "tabs": tabs})


@require_safe
@creator_required
def orders(request: HttpRequest) -> HttpResponse:
    """The creator's orders by tab, with counts."""
    here = edge(request)
    mine = queries.orders_of_creator(here.by.party_id or 0)
    counts = queries.order_counts(mine)
    tab = chosen_tab(request, counts)
    page = Paginator(queries.order_rows(mine, tab), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "tabs": tab_links(request.path, counts, tab), "at": here.at}
    return render(request, "tasks/orders.html", context)


def chosen_tab(request: HttpRequest, counts: dict[Tab, int]) -> Tab:
    """The tab asked for; otherwise the first that has something, open work before all."""
    asked = request.GET.get("tab", "")
    if asked in {tab.value for tab in counts}:
        return Tab(asked)
    first = (Tab.OPEN, Tab.UNPAID, Tab.DRAFT, Tab.COMPLETED, Tab.CLOSED)
    return next((tab for tab in first if counts.get(tab)), Tab.OPEN)


def tab_links(path: str, counts: dict[Tab, int], current: Tab) -> list[dict[str, Any]]:
    return [
        {
            "label": tab.label,
            "url": f"{path}?tab={tab.value}",
            "count": n,
            "current": tab == current,
        }
        for tab, n in counts.items()
    ]


def parts(orders: list[Any]) -> list[dict[str, Any]]:
    """How many orders of a task are in which state."""
    found: dict[str, list[Any]] = {}
    for order in orders:
        found.setdefault(order.state, []).append(order)
    return [
        {
            "label": State(state).label,
            "text": f"{State(state).label} × {len(members)}",
            "tone": TONES.get(state, ""),
            "count": len(members),
        }
        for state, members in found.items()
    ]
