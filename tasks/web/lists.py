"""The lists of tasks and orders: by tab with counts, searched and sorted."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.web.guards import creator_required, me, merchant_required
from core.templatetags.ui import TONES
from tasks import queries
from tasks.models import Order, Task
from tasks.states import State, Tab
from tasks.web import now
from tasks.web.edge import edge

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 20
SEARCH_MOST_CHARS = 60
SORTS: "dict[str, StrOrPromise]" = {
    "": _("Newest first"),
    "start": _("Soonest start"),
    "due": _("Soonest due time"),
    "amount": _("Largest amount"),
}


class Counted(Paginator[Any]):
    """Pages of a tab: how many rows it has is known from the counts of all tabs."""

    def __init__(self, found: Any, rows: int) -> None:
        super().__init__(found, PAGE_SIZE)
        self.rows = rows

    @property
    def count(self) -> int:
        return self.rows


@require_safe
@merchant_required
def tasks(request: HttpRequest) -> HttpResponse:
    """The merchant's tasks by tab, with counts."""
    here = edge(request)
    merchant_id = me(request).merchant.pk
    search, sort = searched(request), sorted_by(request)
    counts = queries.task_counts(merchant_id, search=search)
    tab = chosen_tab(request, counts)
    found: Any = queries.task_rows(merchant_id, tab, search=search, sort=sort)
    if not search and "page" not in request.GET:
        found = queries.first_task_rows(merchant_id, tab=tab, size=PAGE_SIZE, sort=sort)
    page = Counted(found, counts[tab]).get_page(request.GET.get("page"))
    with_parts(page.object_list)
    context = list_context(request, counts, tab, search, sort)
    return render(request, "tasks/tasks.html", {"page": page, "at": here.at, **context})


def with_parts(tasks: Iterable[Task]) -> list[Any]:
    """Each with the orders that count (`orders_shown`), their sum (`price_fen`), how many are in
    which state (`parts`), and when the next clock runs out (`next`).
    """
    found: list[Any] = list(tasks)
    orders = defaultdict(list)
    for order in queries.orders_of_tasks(task.pk for task in found):
        orders[order.task_id].append(order)
    for task in found:
        task.orders_shown = orders[task.pk]
        task.price_fen = sum(order.price_fen for order in task.orders_shown)
        task.parts = parts(task.orders_shown)
        task.next = next_clock(task.orders_shown)
    return found


def next_clock(orders: Iterable[Order]) -> dict[str, Any] | None:
    """Of the open orders the one whose time is up first."""
    first: tuple[datetime, Order] | None = None
    for order in orders:
        until = now.deadline(order, now.situation(order, ""))
        if until and (first is None or until < first[0]):
            first = until, order
    if first is None:
        return None
    until, order = first
    return {"until": until, "clock": now.clock_of(order, now.situation(order, ""))}


@require_safe
@creator_required
def orders(request: HttpRequest) -> HttpResponse:
    """The creator's orders by tab, with counts."""
    here = edge(request)
    search, sort = searched(request), sorted_by(request)
    mine = queries.found_orders(queries.orders_of_creator(here.by.party), search)
    counts = queries.order_counts(mine)
    tab = chosen_tab(request, counts)
    found = queries.order_rows(mine, tab, sort=sort)
    page = Counted(found, counts[tab]).get_page(request.GET.get("page"))
    for order in page.object_list:
        row: Any = order
        row.now = now.next_step(order, here.side)
    context = list_context(request, counts, tab, search, sort)
    return render(request, "tasks/orders.html", {"page": page, "at": here.at, **context})


def searched(request: HttpRequest) -> str:
    """The words looked for; characters that no text holds are passed over."""
    words = request.GET.get("q", "").replace("\x00", "").strip()
    return words[:SEARCH_MOST_CHARS]


def sorted_by(request: HttpRequest) -> str:
    asked = request.GET.get("sort", "")
    return asked if asked in SORTS else ""


def list_context(
    request: HttpRequest, counts: dict[Tab, int], tab: Tab, search: str, sort: str
) -> dict[str, Any]:
    """Tabs that keep the search, and what the search form shows."""
    return {
        "tabs": tab_links(request.path, counts, tab, q=search, sort=sort),
        "tab": tab,
        "search": search,
        "sort": sort,
        "sorts": list(SORTS.items()),
        "is_empty": not any(counts.values()),
    }


def chosen_tab(request: HttpRequest, counts: dict[Tab, int]) -> Tab:
    """The tab asked for; otherwise the first that has something, open work before all."""
    asked = request.GET.get("tab", "")
    if asked in {tab.value for tab in counts}:
        return Tab(asked)
    first = (Tab.OPEN, Tab.UNPAID, Tab.DRAFT, Tab.COMPLETED, Tab.CLOSED)
    return next((tab for tab in first if counts.get(tab)), Tab.OPEN)


def tab_links(path: str, counts: dict[Tab, int], current: Tab, **kept: str) -> list[dict[str, Any]]:
    also = {name: value for name, value in kept.items() if value}
    return [
        {
            "label": tab.label,
            "url": f"{path}?{urlencode({'tab': tab.value, **also})}",
            "count": n,
            "current": tab == current,
        }
        for tab, n in counts.items()
    ]


def parts(orders: Iterable[Order]) -> list[dict[str, Any]]:
    """How many orders of a task are in which state."""
    found: dict[str, int] = {}
    for order in orders:
        found[order.state] = found.get(order.state, 0) + 1
    return [{"text": part(state, n), "tone": TONES.get(state, "")} for state, n in found.items()]


def part(state: str, n: int) -> str:
    label = str(State(state).label)
    return f"{label} × {n}" if n > 1 else label
