"""The lists of tasks and orders: by tab with counts, searched and sorted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.web.guards import creator_required, me, merchant_required
from core.counting import Found, counted_past
from core.light import address
from core.templatetags.ui import TONES, badge, countdown, moment, money
from core.words import KEPT, counted
from creators.models import ContentFormat, named
from tasks import queries, tabs
from tasks.states import State, Tab
from tasks.web import now
from tasks.web.edge import edge

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PAGE_SIZE = 20
SEARCH_MOST_CHARS = 60
PAGE_MOST_DIGITS = 9
SORTS: "dict[str, StrOrPromise]" = {
    "": _("Newest first"),
    "start": _("Soonest start"),
    "due": _("Soonest due time"),
    "amount": _("Largest amount"),
}


class Counted(Paginator[Any]):
    """Pages of a tab, whose rows the view finds (`slice_of`). How many there are is known from the
    counts of all tabs. Of a long tab they say that it has more; where the page asked for lies
    beyond what was counted, it is counted as far as the next thousand after it.
    """

    def __init__(self, find: Callable[[], Any], rows: Found, page: str) -> None:
        super().__init__((), PAGE_SIZE)
        number = int(page) if page.isascii() and page.isdecimal() else 1
        is_beyond = rows.has_more and number * PAGE_SIZE >= rows.number
        self.rows = counted_past(number * PAGE_SIZE, find()) if is_beyond else rows

    @property
    def count(self) -> int:
        return self.rows.number

    @property
    def pages_told(self) -> str:
        """How many pages there are, in words."""
        return counted(self.num_pages, has_more=self.rows.has_more)


def page_of(request: HttpRequest, find: Callable[[], Any], rows: Found) -> Any:
    """The page asked for, still without its rows."""
    asked = request.GET.get("page", "")[:PAGE_MOST_DIGITS]
    return Counted(find, rows, asked).get_page(asked)


def slice_of(page: Any, found: Any) -> Any:
    """Of all that was found what stands on the page."""
    return found[(page.number - 1) * PAGE_SIZE : page.number * PAGE_SIZE]


@require_safe
@merchant_required
def tasks(request: HttpRequest) -> HttpResponse:
    """The merchant's tasks by tab, with counts."""
    here = edge(request)
    merchant_id = me(request).merchant.pk
    search, sort = searched(request), sorted_by(request)
    counts = tabs.task_counts(merchant_id, search=search)
    tab = chosen_tab(request, counts)
    find = partial(tabs.task_ids, merchant_id, tab, search=search, sort=sort)
    page = page_of(request, find, counts[tab])
    if page.number > 1 or search:
        found: Any = tabs.task_rows(slice_of(page, find()), sort=sort)
    else:
        found = tabs.first_task_rows(merchant_id, tab=tab, size=PAGE_SIZE, sort=sort)
    page.object_list = task_rows(found, here.at)
    context = list_context(request, counts, tab, search, sort)
    return render(request, "tasks/tasks.html", {"page": page, **context})


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a list, as it is written there. `price`, `orders` and `parts` are those of the
    orders that count; `clock` says what runs out first and when.
    """

    url: str
    theme: str
    what: str
    is_draft: bool
    price: str = ""
    orders: str = ""
    parts: str = ""
    clock: str = ""
    until: str = ""
    start: str = ""


def task_rows(found: Iterable[Any], at: datetime) -> list[TaskRow]:
    """From what `tabs.task_rows` has found."""
    return [task_row(list(alike), at) for _, alike in groupby(found, key=attrgetter("pk"))]


def task_row(alike: list[Any], at: datetime) -> TaskRow:
    task = alike[0]
    number = sum(orders.number for orders in alike)
    is_draft = task.sent_at is None
    names = task.channel__name_en, task.channel__name_zh
    row = TaskRow(
        url=address("tasks:task", task.pk),
        theme=task.theme or gettext("Without a title"),
        what=_what(task.content_format, *names, get_language()),
        is_draft=is_draft,
        start=moment(task.start_at) if is_draft else "",
    )
    if not number:
        return row
    clock, until = next_clock(alike)
    return replace(
        row,
        price=money(sum(orders.price_fen for orders in alike)),
        orders=ngettext("%(n)s order", "%(n)s orders", number) % {"n": number},
        parts=parts(alike),
        clock=clock,
        until=countdown(until, at) if until else "",
    )


@lru_cache(maxsize=KEPT)
def _what(content_format: str, name_en: str, name_zh: str, _language: str | None) -> str:
    return f"{ContentFormat(content_format).label} · {named(name_en, name_zh)}"


def parts(alike: Iterable[Any]) -> SafeString:
    """How many orders of a task are in which state."""
    found: dict[str, int] = {}
    for orders in alike:
        found[orders.state] = found.get(orders.state, 0) + orders.number
    language = get_language()
    return SafeString("".join([_part(state, n, language) for state, n in found.items()]))


@lru_cache(maxsize=KEPT)
def _part(state: str, n: int, _language: str | None) -> SafeString:
    label = str(State(state).label)
    told: SafeString = badge(f"{label} × {n}" if n > 1 else label, TONES.get(state, ""))
    return told


@dataclass(frozen=True, slots=True)
class Earliest:
    """Of orders that are alike the one whose time is up first, with what `now` asks of it."""

    state: str
    trouble: str
    held_at: datetime | None
    secured_at: datetime | None
    start_at: datetime
    due_at: datetime
    confirm_by: datetime | None
    offer_fen: int | None = None


def next_clock(alike: Iterable[Any]) -> tuple[str, datetime | None]:
    """Of the open orders the one whose time is up first: what runs out then, and when."""
    first, clock = None, ""
    for orders in alike:
        order: Any = Earliest(
            state=orders.state,
            trouble=orders.trouble,
            held_at=orders.held_at,
            secured_at=orders.secured_at,
            start_at=orders.first_start_at,
            due_at=orders.first_due_at,
            confirm_by=orders.confirm_by,
        )
        key = now.situation(order, "")
        until = now.deadline(order, key)
        if until and (first is None or until < first):
            first, clock = until, now.clock_of(order, key)
    return clock, first


@require_safe
@creator_required
def orders(request: HttpRequest) -> HttpResponse:
    """The creator's orders by tab, with counts."""
    here = edge(request)
    search, sort = searched(request), sorted_by(request)
    mine = queries.found_orders(queries.orders_of_creator(here.by.party), search)
    counts = {tab: Found(n) for tab, n in queries.order_counts(mine).items()}
    tab = chosen_tab(request, counts)
    find = partial(queries.order_rows, mine, tab, sort=sort)
    page = page_of(request, find, counts[tab])
    page.object_list = slice_of(page, find())
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
    request: HttpRequest, counts: dict[Tab, Found], tab: Tab, search: str, sort: str
) -> dict[str, Any]:
    """Tabs that keep the search, and what the search form shows."""
    return {
        "tabs": tab_links(request.path, counts, tab, q=search, sort=sort),
        "tab": tab,
        "search": search,
        "sort": sort,
        "sorts": list(SORTS.items()),
        "is_empty": not any(found.number for found in counts.values()),
    }


def chosen_tab(request: HttpRequest, counts: dict[Tab, Found]) -> Tab:
    """The tab asked for; otherwise the first that has something, open work before all."""
    asked = request.GET.get("tab", "")
    if asked in {tab.value for tab in counts}:
        return Tab(asked)
    first = (Tab.OPEN, Tab.UNPAID, Tab.DRAFT, Tab.COMPLETED, Tab.CLOSED)
    return next((tab for tab in first if tab in counts and counts[tab].number), Tab.OPEN)


def tab_links(
    path: str, counts: dict[Tab, Found], current: Tab, **kept: str
) -> list[dict[str, Any]]:
    also = {name: value for name, value in kept.items() if value}
    return [
        {
            "label": tab.label,
            "url": f"{path}?{urlencode({'tab': tab.value, **also})}",
            "count": counted(found.number, has_more=found.has_more),
            "current": tab == current,
        }
        for tab, found in counts.items()
    ]
