"""The short links of deliveries and products (V60): following them, and what an order's page shows
of the visits.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from core import charts, clock
from core.links import BadLink, checked_link
from reads import counting, robots
from reads.days import day_of
from reads.devices import network_of
from reads.queries import Reads
from tasks import figures, workflow
from tasks.figures import Target
from tasks.models import Order
from tasks.states import KNOWN_TO_EACH_OTHER

log = structlog.get_logger()

HEADERS = {
    # Every visit comes here, or it could not be counted; and no search engine lists the address.
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # The target learns from which site a reader comes, as without this detour, and no page of it.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
Day = tuple[date, int, int]
# The chart begins with the delivery, or a week ago; what comes half a year later is in the sums.
WEEK, MOST = timedelta(days=6), timedelta(days=180)


@login_not_required
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Leads to the content or the product, and counts the visit. Codes that are not ours lead
    nowhere, nor do links that were never checked: nobody can make this site point at his page.
    """
    target = figures.target_of(code)
    if target is None:
        raise Http404
    try:
        response = HttpResponseRedirect(checked_link(target.url), headers=HEADERS)
    except BadLink as problem:
        raise Http404 from problem
    _count(request, target)
    return response


def _count(request: HttpRequest, target: Target) -> None:
    """Whatever goes wrong with the counting, the reader gets where he wants to go."""
    try:
        if not _is_own(request, target) and _is_reader(request):
            counting.count(
                target.link,
                network=network_of(request.META, proxies=settings.AXES_IPWARE_PROXY_COUNT),
                user_agent=request.headers.get("User-Agent", ""),
                at=clock.now(),
            )
    except Exception:
        log.exception("visit_not_counted", kind=target.link.kind, number=target.link.number)


def _is_reader(request: HttpRequest) -> bool:
    return request.method == "GET" and robots.is_reader(request.headers)


def _is_own(request: HttpRequest, target: Target) -> bool:
    """The two sides of the order and our staff look at their own work: that is no read."""
    user = request.user
    return isinstance(user, User) and (user.is_staff or user.pk in target.own)


# What the order's page shows


def panel(order: Order, *, at: datetime) -> dict[str, Any] | None:
    """For `tasks/_reads.html`: the short links with what was counted, and what was reported; None
    before there is anything. Three queries, when deliveries and attachments are there already.
    """
    deliveries = sorted(order.deliveries.all(), key=lambda delivery: -delivery.pk)
    products = figures.product_links(order) if order.state in KNOWN_TO_EACH_OTHER else []
    if not deliveries and not products:
        return None
    found = figures.reads_by_link(order)
    links = [
        _shown(figures.short_link(one), found, (figures.CONTENT, one.pk), delivery=one)
        for one in deliveries
    ]
    return {
        "links": links,
        "total": sum((link["reads"] for link in links), Reads()),
        "chart": _chart(order, deliveries[-1].at, at) if deliveries else None,
        "products": [
            _shown(url, found, (figures.PRODUCT, link.pk), link=link) for link, url in products
        ],
        "reported": figures.reported(order),
        "can_report": order.state in workflow.REPORT_FIGURES.sources,
    }


def _shown(
    url: str, found: dict[tuple[str, int], Reads], key: tuple[str, int], **facts: Any
) -> dict[str, Any]:
    """A short link with what was counted on it; `text` is what a person reads of it."""
    return {
        "url": url,
        "text": url.partition("://")[2].rstrip("/"),
        "reads": found.get(key, Reads()),
        **facts,
    }


def _chart(order: Order, first: datetime, at: datetime) -> charts.Chart:
    since, until = span(day_of(first), day_of(at))
    rows = told(figures.reads_per_day(order_ids=[order.pk], since=since, until=until))
    series = [
        charts.Series(_("Reads"), [visits for _day, visits, _visitors in rows]),
        charts.Series(_("Unique visitors"), [visitors for _day, _visits, visitors in rows]),
    ]
    return charts.line(_("Reads per day"), [day for day, _visits, _visitors in rows], series)


def span(first: date, today: date) -> tuple[date, date]:
    """The first and the last day that may be drawn."""
    since = min(first, today - WEEK)
    return since, min(today, since + MOST)


def told(rows: Sequence[Day]) -> Sequence[Day]:
    """Without the silence at the end, of which a week says enough."""
    read = [number for number, (_day, visits, _visitors) in enumerate(rows) if visits]
    return rows[: max(read, default=0) + 1 + WEEK.days]
