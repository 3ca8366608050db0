"""Everything that the product asks of its database: each page as each viewer sees it, with every
tab, filter, order and next page that it offers; the lists of the admin; each job of the beat; each
verb on the way of an order.

Nothing of it is listed here: the addresses come from the access matrix, what a page offers from its
links and forms, the lists from the admin's own registry, the jobs from the beat's table.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from django.contrib import admin
from django.core.cache import cache
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from tasks import messages
from tests import gateway
from tests.access.matrix import ALLAUTH, MATRIX
from tests.access.world import VIEWERS, World, a_world
from tests.orders import PATHS, an_order
from tests.plans import world
from tests.plans.reading import Reader
from tests.tasks.web.pages import at
from vtask.beat import BEAT
from vtask.celery import app

# What people type into a box: a number finds by number, a word by words.
WORDS = ("7", "Theme 77")
MOST_OFFERS = 30  # of one page; a page that offers more repeats itself
# The others see the same pages with less on them.
LOOKING = ("anonymous", "merchant", "creator", "ops")


@contextmanager
def undone() -> Iterator[None]:
    """What is done in this block leaves no trace, and finds nothing in the cache."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything(reader: Reader) -> None:
    with at(world.NOW), gateway.scripted():
        pages(reader)
        lists_of_staff(reader)
        jobs(reader)
        lives(reader)


# Pages


def pages(reader: Reader) -> None:
    """Each address that answers a viewer with a page, and everything that the page offers."""
    with undone():
        rich = rich_people()
        for name, row in MATRIX.items():
            for viewer, status in zip(VIEWERS, row.get.split(), strict=True):
                if viewer in LOOKING and status in ("200", "302"):
                    _page(reader, rich, viewer, name)
        for name, answers in ALLAUTH.items():
            if answers.endswith("200"):
                _page(reader, rich, "merchant", name)


def rich_people() -> World:
    """People with a history among those who look."""
    return a_world(world.rich_merchant(), world.rich_creator())


def counts(people: Callable[[], World]) -> dict[str, int]:
    """How many statements each page sends, opened a second time, as the session is warm then."""
    reader = Reader(explains=False)
    with at(world.NOW), gateway.scripted(), undone():
        some = people()
        for _time in range(2):
            _bare_pages(reader, some)
    return reader.counts


def _bare_pages(reader: Reader, people: World) -> None:
    for name, row in MATRIX.items():
        for viewer, status in zip(VIEWERS, row.get.split(), strict=True):
            if viewer in LOOKING and status == "200":
                visit(reader, people.browsers[viewer], f"{viewer} {name}", at_page(people, name))


def at_page(people: World, name: str) -> str:
    given = MATRIX[name].arguments if name in MATRIX else {}
    return reverse(name, kwargs={key: people.arguments[value] for key, value in given.items()})


def _page(reader: Reader, rich: World, viewer: str, name: str) -> None:
    address = at_page(rich, name)
    browser = rich.browsers[viewer]
    seen = {address}
    offers = visit(reader, browser, f"{viewer} {name}", address)
    # What the page offers, and what that offers in its turn: the next page of a tab.
    for _depth in range(2):
        new = [offer for offer in dict.fromkeys(offers) if offer not in seen]
        seen.update(new)
        offers = []
        for offer in new[:MOST_OFFERS]:
            query = urlsplit(offer).query
            offers += visit(reader, browser, f"{viewer} {name}?{query}", offer)


def visit(reader: Reader, browser: Client, source: str, address: str) -> list[str]:
    """Open a page; the other addresses of the same page that it offers."""
    with undone(), reader.listens(source):
        answer: Any = browser.get(address)
        if answer.streaming:
            b"".join(answer.streaming_content)
            return []
    assert answer.status_code in (200, 302, 403), f"{source}: {answer.status_code}"
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    return offered(answer.content.decode(), address)


def offered(html: str, address: str) -> list[str]:
    """The links and filled-in forms of a page that lead to the same page with a query."""
    found = Offers(address)
    found.feed(html)
    path = urlsplit(address).path
    return [one for one in found.addresses() if urlsplit(one).path == path and "?" in one]


class Offers(HTMLParser):
    """Links, and forms that are sent by GET with one field filled in at a time."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.selected = ""
        self.is_in_form = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        name = facts.get("name") or ""
        if tag == "a" and facts.get("href"):
            self.links.append(urljoin(self.address, facts["href"]))
        elif tag == "form":
            is_here = urlsplit(facts.get("action") or "").path in ("", urlsplit(self.address).path)
            self.is_in_form = is_here and (facts.get("method") or "get").lower() == "get"
        elif self.is_in_form and tag == "select":
            self.selected = name
        elif self.is_in_form and tag == "option" and facts.get("value"):
            self.fields.append((self.selected, str(facts["value"])))
        elif self.is_in_form and tag == "input" and name:
            self.fields += [(name, value) for value in typed(facts)]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_in_form = False

    def addresses(self) -> list[str]:
        path = urlsplit(self.address).path
        forms = [f"{path}?{urlencode([field])}" for field in dict.fromkeys(self.fields)]
        return [*self.links, *forms]


def typed(facts: dict[str, str | None]) -> tuple[str, ...]:
    """What somebody could type or tick."""
    kind = facts.get("type") or "text"
    if kind in ("hidden", "checkbox", "radio"):
        return (facts.get("value") or "",)
    return {
        "date": (f"{world.NOW.date()}",),
        "number": ("100",),
        "submit": (),
    }.get(kind, WORDS)


# The admin


def lists_of_staff(reader: Reader) -> None:
    """Each list and the page of its newest row as they are shown; then what each filter, order and
    search asks for, without drawing it again.
    """
    with undone():
        staff = a_world().browsers["ops"]
        user = User.objects.filter(is_superuser=True).latest("pk")
        visit(reader, staff, "admin:index", reverse("admin:index"))
        for model, model_admin in admin.site._registry.items():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            visit(reader, staff, name, reverse(f"{name}_changelist"))
            for query in queries_of_list(_list(model_admin, user, "")):
                with undone(), reader.listens(f"{name}?{query}"):
                    list(_list(model_admin, user, query).result_list)
            row = model._default_manager.order_by("-pk").first()
            if row is not None:
                for page in ("change", "history"):
                    visit(reader, staff, f"{name} {page}", reverse(f"{name}_{page}", args=[row.pk]))


def _list(model_admin: Any, user: User, query: str) -> Any:
    request = RequestFactory().get("/", query_params=dict(parse_qsl(query)))
    request.user = user
    return model_admin.get_changelist_instance(request)


def queries_of_list(rows: Any) -> Iterator[str]:
    """Everything that staff can press or type on a list."""
    for spec in rows.filter_specs:
        yield from (choice["query_string"].lstrip("?") for choice in spec.choices(rows))
    for place, column in enumerate(rows.list_display):
        if rows.get_ordering_field(column):
            yield from (f"o={place}", f"o=-{place}")
    if rows.model_admin.search_fields:
        yield from (f"q={quote(word)}" for word in WORDS)
    yield "p=2"


# Jobs and verbs


def jobs(reader: Reader) -> None:
    app.loader.import_default_modules()
    for entry in BEAT.values():
        job = app.tasks[entry["task"]]
        with undone(), reader.listens(f"job {entry['task']}"):
            job()
    with undone(), reader.listens("a message that comes back"):
        messages.came_back("nobody@vtask.example", "550 no such user", at=world.NOW)


def lives(reader: Reader) -> None:
    for state in PATHS:
        with undone(), reader.listens(f"an order that becomes {state}"):
            an_order(state)
