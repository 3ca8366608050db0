"""`manage.py page_times`: how long the server works on each page of the demo world.

Nothing is sent over HTTP: Django's test client opens each page as the visitor, merchant, creator or
staff of the demo, once to warm up and then several times. Each line tells, in milliseconds, the
median and 95th percentile of what a clock on the wall says, the median of our own CPU time, and
that with the time of the database added; then the number of queries and the bytes of HTML. The last
time is the one that `--limit` holds: of the waits for the database it takes the shortest, so that
a machine which is busy with something else says nearly the same.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Count, QuerySet
from django.test import Client
from django.urls import reverse

from accounts.models import User
from creators.models import Creator
from settlement.models import Operation
from tasks.models import Delivery, Order, Task
from vtask.demo_world import people

LOGIN = "accounts.backends.PeopleBackend"
VISITOR, MERCHANT, CREATOR, OPS = "visitor", "merchant", "creator", "ops"
EMAILS = {MERCHANT: people.MERCHANT, CREATOR: people.CREATOR, OPS: people.OPS}
Keys = dict[str, int]
Find = Callable[[], Keys | None]


# What of the world fills the addresses; a page whose thing is not there is left out.


def first(name: str, rows: QuerySet[Any]) -> Keys | None:
    key = rows.order_by("pk").values_list("pk", flat=True).first()
    return None if key is None else {name: key}


def any_of(name: str, model: Any, **facts: Any) -> Find:
    return lambda: first(name, model.objects.filter(**facts))


def of_merchant(state: str) -> Find:
    return any_of("order_id", Order, state=state, merchant__user__email=people.MERCHANT)


def of_creator(state: str) -> Find:
    return any_of("order_id", Order, state=state, creator__user__email=people.CREATOR)


def own_task(**facts: Any) -> Find:
    return any_of("task_id", Task, merchant__user__email=people.MERCHANT, **facts)


def largest_task() -> Keys | None:
    """The merchant's task with the most orders."""
    tasks = Task.objects.filter(merchant__user__email=people.MERCHANT)
    found = tasks.annotate(size=Count("orders")).order_by("-size", "pk").first()
    return None if found is None else {"task_id": found.pk}


def delivery() -> Keys | None:
    made = Delivery.objects.filter(order__merchant__user__email=people.MERCHANT)
    found = made.order_by("pk").first()
    return None if found is None else {"order_id": found.order_id, "delivery_id": found.pk}


creator = any_of("creator_id", Creator, user__email=people.CREATOR)
draft = own_task(sent_at=None, deleted_at=None)
unpaid = own_task(orders__state="UNPAID")


@dataclass(frozen=True)
class Page:
    """One page: who looks, the name of its address and what fills it."""

    viewer: str
    name: str
    find: Find = dict
    query: str = ""
    variant: str = ""

    @property
    def title(self) -> str:
        return " ".join(part for part in (self.viewer, self.name, self.variant) if part)

    def url(self) -> str | None:
        keys = self.find()
        return None if keys is None else reverse(self.name, kwargs=keys) + self.query


STATES = ("UNPAID", "PAID", "ACCEPTED", "DELIVERED", "DISPUTED", "CONFIRMED", "REVIEWED")
PAGES = (
    Page(VISITOR, "landing"),
    Page(VISITOR, "rules"),
    Page(VISITOR, "tasks:creator", creator),
    Page(VISITOR, "account_login"),
    Page(VISITOR, "account_signup"),
    Page(MERCHANT, "tasks:home"),
    Page(MERCHANT, "tasks:tasks"),
    Page(MERCHANT, "tasks:task", largest_task),
    Page(MERCHANT, "tasks:new"),
    Page(MERCHANT, "tasks:edit", draft),
    Page(MERCHANT, "tasks:creators", draft),
    Page(MERCHANT, "tasks:creators", draft, query="?channel=&sort=price", variant="all"),
    Page(MERCHANT, "tasks:check", draft),
    Page(MERCHANT, "tasks:pay", unpaid),
    Page(MERCHANT, "tasks:waiting", unpaid),
    *(Page(MERCHANT, "tasks:order", of_merchant(state), variant=state) for state in STATES),
    Page(MERCHANT, "tasks:confirm", of_merchant("DELIVERED")),
    Page(MERCHANT, "tasks:dispute", of_merchant("DELIVERED")),
    Page(MERCHANT, "tasks:leave", delivery),
    Page(MERCHANT, "tasks:creator", creator),
    Page(MERCHANT, "tasks:notices"),
    Page(MERCHANT, "tasks:notices_latest"),
    Page(MERCHANT, "tasks:notice_count"),
    Page(MERCHANT, "tasks:notice_choices"),
    Page(MERCHANT, "tasks:statement"),
    Page(MERCHANT, "tasks:exports"),
    Page(MERCHANT, "merchants:profile"),
    Page(MERCHANT, "merchants:payment-account"),
    Page(MERCHANT, "accounts:preferences"),
    Page(CREATOR, "tasks:home"),
    Page(CREATOR, "tasks:orders"),
    *(Page(CREATOR, "tasks:order", of_creator(state), variant=state) for state in STATES),
    Page(CREATOR, "tasks:deliver", of_creator("ACCEPTED")),
    Page(CREATOR, "tasks:notices"),
    Page(CREATOR, "tasks:earnings"),
    Page(CREATOR, "creators:profile"),
    Page(CREATOR, "creators:audience"),
    Page(CREATOR, "creators:works"),
    Page(CREATOR, "creators:quotes"),
    Page(OPS, "admin:index"),
    Page(OPS, "ops_clock"),
    Page(OPS, "styleguide"),
    Page(OPS, "admin:tasks_order_changelist"),
    Page(OPS, "admin:tasks_order_change", any_of("object_id", Order, state="DELIVERED")),
    Page(OPS, "admin:tasks_task_changelist"),
    Page(OPS, "admin:tasks_dispute_changelist"),
    Page(OPS, "admin:settlement_operation_changelist"),
    Page(OPS, "admin:settlement_operation_change", any_of("object_id", Operation)),
    Page(OPS, "admin:creators_creator_changelist"),
    Page(OPS, "admin:merchants_merchant_changelist"),
)


# Measuring


@dataclass(frozen=True)
class Visit:
    """One answer, in milliseconds. `waited` is what the database took beyond our own CPU time."""

    status: int
    wall: float
    cpu: float
    waited: float
    queries: int
    size: int  # bytes of HTML


@dataclass
class Queries:
    """Counts queries and the time in which this process waits for them."""

    count: int = 0
    waited: float = 0.0  # seconds

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return execute(*given)
        finally:
            self.count += 1
            self.waited += time.perf_counter() - wall - (time.process_time() - cpu)


def visit(browser: Client, url: str) -> Visit:
    queries = Queries()
    with connection.execute_wrapper(queries):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = browser.get(url)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = len(answer.content)
    waited = max(queries.waited, 0)
    return Visit(answer.status_code, wall * 1e3, cpu * 1e3, waited * 1e3, queries.count, size)


@contextmanager
def browsers() -> Iterator[dict[str, Client]]:
    """A logged-in browser for each of the viewers; their sessions end with it."""
    clients = {name: Client(SERVER_NAME="localhost") for name in (VISITOR, *EMAILS)}
    for name, email in EMAILS.items():
        clients[name].force_login(User.objects.get(email=email), LOGIN)
    try:
        yield clients
    finally:
        for client in clients.values():
            client.logout()


@contextmanager
def silence() -> Iterator[None]:
    """The log of requests would stand between the lines of the table."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


def at_95(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


class Command(BaseCommand):
    help = "Opens each page of the demo world again and again, and tells what the server needs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--times", type=int, default=10, help="how often each page is opened")
        parser.add_argument("--limit", type=float, help="most ms of CPU and database for a page")
        parser.add_argument("--only", default="", help="pages whose title has this in it")

    def handle(
        self, *_args: Any, times: int, limit: float | None, only: str, **_options: Any
    ) -> None:
        if settings.VTASK_ENV == "production":
            raise CommandError("It logs in as the people of the demo: not in production.")
        if not User.objects.filter(email=people.OPS).exists():
            raise CommandError("There is no demo world: start it with `make demo`.")
        pages = [page for page in PAGES if only in page.title]
        self.stdout.write(
            f"{'page':<46}{'wall':>8}{'p95':>8}{'CPU':>8}{'CPU+db':>8}{'queries':>9}{'bytes':>9}"
        )
        with silence(), browsers() as clients:
            slow = [page.title for page in pages if self.is_slow(page, clients, times, limit)]
        if slow:
            raise CommandError(f"Above {limit:g} ms: {', '.join(slow)}")

    def is_slow(
        self, page: Page, clients: dict[str, Client], times: int, limit: float | None
    ) -> bool:
        """Measure one page and tell; whether it takes longer than the limit allows."""
        url = page.url()
        if url is None:
            self.stdout.write(f"{page.title:<46}  not in this world")
            return False
        browser = clients[page.viewer]
        first_answer = visit(browser, url)
        if first_answer.status != 200:
            raise CommandError(f"{page.title}: {url} answers {first_answer.status}.")
        visits = [visit(browser, url) for _ in range(max(times, 1))]
        cpu = median(v.cpu for v in visits)
        server = cpu + min(v.waited for v in visits)
        self.tell(page, visits, cpu, server)
        return limit is not None and server > limit

    def tell(self, page: Page, visits: list[Visit], cpu: float, server: float) -> None:
        walls = [v.wall for v in visits]
        last = visits[-1]
        self.stdout.write(
            f"{page.title:<46}{median(walls):>8.1f}{at_95(walls):>8.1f}{cpu:>8.1f}{server:>8.1f}"
            f"{last.queries:>9}{last.size:>9}"
        )
        self.stdout.flush()
