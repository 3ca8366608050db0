"""Every page of the site, as the people of the demo world see it: the accessibility test and the
screenshots walk the same way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from accounts.models import User
from core import clock
from creators.models import Creator
from merchants.models import Merchant
from tasks.models import Delivery, Export, Order, Task
from tests import gateway
from vtask.demo_world import people, world
from vtask.management.commands.load_demo_world import midnight

VISITOR, MERCHANT, CREATOR, OPS = "visitor", "merchant", "creator", "ops"
VIEWERS = (VISITOR, MERCHANT, CREATOR, OPS)
EMAILS = {MERCHANT: people.MERCHANT, CREATOR: people.CREATOR, OPS: people.OPS}
SIZE = world.Size(creators=20, merchants=4, orders=60, workers=0)
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=780)


def load_world() -> None:
    """A small demo world that ends last midnight."""
    with gateway.scripted():
        world.load(
            at=midnight(now()),
            seed="vtask",
            size=SIZE,
            payer=lambda _code_url, _logon_id: None,
            open_accounts=lambda _: None,
        )


def now() -> datetime:
    return clock.now()


@dataclass(frozen=True)
class Stop:
    """One page: the name of its address, who looks, and what of the world fills the address."""

    name: str
    viewer: str
    find: Callable[[], dict[str, Any]] = dict
    query: str = ""
    variant: str = ""

    @property
    def title(self) -> str:
        """A name for files and tables."""
        plain = self.name.replace(":", "-").replace("_", "-")
        return "-".join(part for part in (self.viewer, plain, self.variant) if part)

    @property
    def path(self) -> str:
        return reverse(self.name, kwargs=self.find()) + self.query


def merchant() -> Merchant:
    return Merchant.objects.get(user__email=people.MERCHANT)


def creator() -> Creator:
    return Creator.objects.get(user__email=people.CREATOR)


def of_merchant(*states: str, **more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"order_id": _order(merchant=merchant(), states=states, **more).pk}


def of_creator(*states: str, **more: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"order_id": _order(creator=creator(), states=states, **more).pk}


def _order(*, states: tuple[str, ...], **facts: Any) -> Order:
    found = Order.objects.filter(state__in=states, **facts).order_by("pk").first()
    assert found is not None, f"the world has no order {states} {facts}"
    return found


def task_with(*states: str) -> Callable[[], dict[str, Any]]:
    return lambda: {"task_id": _order(merchant=merchant(), states=states).task_id}


def draft() -> dict[str, Any]:
    found = Task.objects.filter(merchant=merchant(), sent_at=None, deleted_at=None).first()
    if found is None:
        found = _a_draft()
    return {"task_id": found.pk}


def _a_draft() -> Task:
    from tests.orders import a_draft

    return a_draft(merchant())


def delivered() -> dict[str, Any]:
    found = Delivery.objects.filter(order__merchant=merchant()).order_by("pk").first()
    assert found is not None
    return {"order_id": found.order_id, "delivery_id": found.pk}


def first(model: Any, argument: str, **facts: Any) -> Callable[[], dict[str, Any]]:
    def find() -> dict[str, Any]:
        found = model.objects.filter(**facts).order_by("pk").first()
        assert found is not None, f"the world has no {model.__name__} {facts}"
        return {argument: found.pk}

    return find


def export() -> dict[str, Any]:
    """A file of the statement that the merchant has asked for, and nobody has written yet."""
    facts = {"kind": "statement", "language": "en", "time_zone": "Asia/Shanghai"}
    asked, _ = Export.objects.get_or_create(
        user=merchant().user, defaults={"created_at": now(), **facts}
    )
    return {"export_id": asked.pk}


def work_of_creator() -> dict[str, Any]:
    return {"work_id": creator().works.order_by("pk").first().pk}  # type: ignore[union-attr]


def channel_of_creator() -> dict[str, Any]:
    return {"row_id": creator().channels.order_by("pk").first().pk}  # type: ignore[union-attr]


STOPS = (
    # Visitors
    Stop("landing", VISITOR),
    Stop("rules", VISITOR),
    Stop("tasks:creator", VISITOR, lambda: {"creator_id": creator().pk}),
    Stop("account_login", VISITOR),
    Stop("account_signup", VISITOR),
    Stop("account_reset_password", VISITOR),
    # The merchant
    Stop("tasks:home", MERCHANT),
    Stop("tasks:tasks", MERCHANT),
    Stop("tasks:task", MERCHANT, task_with("DELIVERED")),
    Stop("tasks:task", MERCHANT, task_with("UNPAID"), variant="unpaid"),
    Stop("tasks:new", MERCHANT),
    Stop("tasks:edit", MERCHANT, draft),
    Stop("tasks:creators", MERCHANT, draft),
    Stop("tasks:delete", MERCHANT, draft),
    Stop("tasks:check", MERCHANT, draft),
    Stop("tasks:pay", MERCHANT, task_with("UNPAID")),
    Stop("tasks:waiting", MERCHANT, task_with("UNPAID")),
    Stop("tasks:withdraw_task", MERCHANT, task_with("UNPAID")),
    Stop("tasks:order", MERCHANT, of_merchant("UNPAID"), variant="unpaid"),
    Stop("tasks:order", MERCHANT, of_merchant("PAID"), variant="paid"),
    Stop("tasks:order", MERCHANT, of_merchant("ACCEPTED"), variant="accepted"),
    Stop("tasks:order", MERCHANT, of_merchant("DELIVERED"), variant="delivered"),
    Stop("tasks:order", MERCHANT, of_merchant("DISPUTED"), variant="disputed"),
    Stop("tasks:order", MERCHANT, of_merchant("REVIEWED"), variant="reviewed"),
    Stop("tasks:order", MERCHANT, of_merchant("REFUNDED"), variant="refunded"),
    Stop("tasks:leave", MERCHANT, delivered),
    Stop("tasks:withdraw", MERCHANT, of_merchant("UNPAID")),
    Stop("tasks:offer", MERCHANT, of_merchant("UNPAID")),
    Stop("tasks:confirm", MERCHANT, of_merchant("DELIVERED")),
    Stop("tasks:dispute", MERCHANT, of_merchant("DELIVERED")),
    Stop("tasks:review", MERCHANT, of_merchant("CONFIRMED")),
    Stop("tasks:request_invoice", MERCHANT, of_merchant("REVIEWED", invoice_wanted_at=None)),
    Stop("tasks:creator", MERCHANT, lambda: {"creator_id": creator().pk}),
    Stop("tasks:notices", MERCHANT),
    Stop("tasks:notice_choices", MERCHANT),
    Stop("tasks:statement", MERCHANT),
    Stop("tasks:statement", MERCHANT, query="?kind=freeze", variant="filtered"),
    Stop("tasks:exports", MERCHANT),
    Stop("tasks:export", MERCHANT, export),
    Stop("merchants:profile", MERCHANT),
    Stop("merchants:payment-account", MERCHANT),
    Stop("merchants:agreement", MERCHANT),
    Stop("accounts:preferences", MERCHANT),
    Stop("account_email", MERCHANT),
    Stop("account_change_password", MERCHANT),
    Stop("mfa_index", MERCHANT),
    # The creator
    Stop("tasks:home", CREATOR),
    Stop("tasks:orders", CREATOR),
    Stop("tasks:order", CREATOR, of_creator("PAID"), variant="paid"),
    Stop("tasks:order", CREATOR, of_creator("ACCEPTED"), variant="accepted"),
    Stop("tasks:order", CREATOR, of_creator("DELIVERED"), variant="delivered"),
    Stop("tasks:order", CREATOR, of_creator("REVIEWED"), variant="reviewed"),
    Stop("tasks:accept", CREATOR, of_creator("PAID")),
    Stop("tasks:decline", CREATOR, of_creator("PAID")),
    Stop("tasks:deliver", CREATOR, of_creator("ACCEPTED", secured_at__isnull=False)),
    Stop("tasks:report_figures", CREATOR, of_creator("DELIVERED")),
    Stop("tasks:earnings", CREATOR),
    Stop("tasks:notices", CREATOR),
    Stop("tasks:hand_in_invoice", CREATOR, of_creator("REVIEWED")),
    Stop("tasks:pay_out", CREATOR, of_creator("REVIEWED")),
    Stop("creators:profile", CREATOR),
    Stop("creators:profile-personal", CREATOR),
    Stop("creators:channel-new", CREATOR),
    Stop("creators:channel", CREATOR, channel_of_creator),
    Stop("creators:profile-account", CREATOR),
    Stop("creators:profile-delivery", CREATOR),
    Stop("creators:audience", CREATOR),
    Stop("creators:works", CREATOR),
    Stop("creators:work-new", CREATOR),
    Stop("creators:work", CREATOR, work_of_creator),
    Stop("creators:quotes", CREATOR),
    # Ops
    Stop("admin:index", OPS),
    Stop("ops_clock", OPS),
    Stop("styleguide", OPS),
    Stop("admin:tasks_order_changelist", OPS),
    Stop("admin:tasks_order_change", OPS, first(Order, "object_id", state="DELIVERED")),
    Stop("admin:tasks_dispute_changelist", OPS),
    Stop("admin:settlement_operation_changelist", OPS),
    Stop("admin:creators_creator_changelist", OPS),
    Stop("admin:merchants_merchant_changelist", OPS),
)

# Addresses that answer 200 and are no pages of their own: pictures, files, machines, answers to
# scripts.
NO_PAGES = {
    "healthz", "readyz", "metrics", "creators:avatar", "creators:work-picture",
    "settlement:receipt-checker", "tasks:attachment", "tasks:receipt", "tasks:delivery_picture",
    "tasks:dispute_picture", "tasks:notice_count", "tasks:notices_latest", "tasks:export_file",
    "tasks:figures_proof",
}  # fmt: skip


def context_of(browser: Browser, url: str, viewer: str, **options: Any) -> BrowserContext:
    """A browser of the viewer, logged in without the detour of the login page."""
    context = browser.new_context(base_url=url, **options)
    if viewer != VISITOR:
        client = Client()
        client.force_login(
            User.objects.get(email=EMAILS[viewer]),
            "accounts.backends.PeopleBackend",
        )
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
    return context


def in_theme(page: Page, url: str, theme: Literal["light", "dark"]) -> None:
    """Pages of the site follow the cookie, the admin follows the system."""
    page.context.add_cookies([{"name": "theme", "value": theme, "url": url}])
    page.emulate_media(color_scheme=theme)


def stops_of(viewer: str) -> Iterator[Stop]:
    return (stop for stop in STOPS if stop.viewer == viewer)
