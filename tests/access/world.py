"""The world in which every address is tried: two merchants, two creators, staff, some orders."""

from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from creators.models import Creator, CreatorChannel, Work
from merchants.models import Merchant
from reads import codes
from tasks import workflow
from tasks.models import Attachment, Export, Order, Outbox, Task
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.report_figures import Figures
from tests.builders import a_browser, a_creator, a_merchant, a_work, ops
from tests.orders import (
    DAY,
    LINK,
    NOW,
    a_draft,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    do,
    merchant_of,
)

VIEWERS = ("anonymous", "merchant", "other_merchant", "creator", "other_creator", "ops")


@dataclass
class World:
    """Who looks, and the numbers that fill the addresses."""

    browsers: dict[str, Client]
    arguments: dict[str, Any]


def a_world(merchant: Merchant | None = None, creator: Creator | None = None) -> World:
    """With new people, unless a merchant or a creator is given who is there already."""
    merchant, other_merchant = merchant or a_merchant(), a_merchant()
    creator, other_creator = creator or a_creator(), a_creator()
    browsers = {
        "anonymous": a_browser(),
        "merchant": a_browser(merchant.user),
        "other_merchant": a_browser(other_merchant.user),
        "creator": a_browser(creator.user),
        "other_creator": a_browser(other_creator.user),
        "ops": a_browser(ops()),
    }
    order = _delivered(merchant, creator)
    return World(browsers, _arguments(order, a_draft(merchant), merchant, creator))


def _delivered(merchant: Any, creator: Creator) -> Order:
    order = an_order("ACCEPTED", merchant=merchant, creator=creator)
    do(
        workflow.DELIVER,
        order,
        at=delivered_at(order),
        by=creator_of(order),
        given=Content(LINK, pictures=(_stored("deliveries/a.jpg"),)),
    )
    do(
        workflow.REPORT_FIGURES,
        order,
        at=delivered_at(order) + DAY,
        by=creator_of(order),
        given=Figures(9_000, 300, 20, _stored("figures/a.jpg")),
    )
    return order


def _arguments(order: Order, draft: Task, merchant: Any, creator: Creator) -> dict[str, Any]:
    disputed = an_order("DELIVERED", merchant=merchant, creator=creator)
    do(
        workflow.DISPUTE,
        disputed,
        at=delivered_at(disputed) + DAY,
        by=merchant_of(disputed),
        given=Complaint("图片太少", pictures=(_stored("disputes/a.jpg"),)),
    )
    attachment = Attachment.objects.create(
        task=order.task, kind="PICTURE", name="a.jpg", file=_stored("briefs/a.jpg"), size=3
    )
    draft_attachment = Attachment.objects.create(
        task=draft, kind="LINK", name="shop", url="https://shop.example/"
    )
    work: Work = a_work(creator, picture=_stored("works/a.jpg"))
    Creator.objects.filter(pk=creator.pk).update(avatar=_stored("avatars/a.jpg"))
    channel = CreatorChannel.objects.filter(creator=creator).get()
    return {
        "task_id": order.task_id,
        "draft_id": draft.pk,
        "unpaid_task_id": a_sent_task(creator, merchant=merchant).pk,
        "order_id": order.pk,
        "notice_id": Outbox.objects.filter(order=order, to="MERCHANT").latest("id").pk,
        "disputed_id": disputed.pk,
        "dispute_id": disputed.dispute.pk,
        "delivery_id": order.deliveries.get().pk,
        "code": codes.encode("d", order.deliveries.get().pk),
        "figures_id": order.reported_figures.get().pk,
        "attachment_id": attachment.pk,
        "draft_attachment_id": draft_attachment.pk,
        "creator_id": creator.pk,
        "work_id": work.pk,
        "row_id": channel.pk,
        "quote_id": creator.quotes.get().pk,
        "position": 0,
        "export_id": _an_export(merchant).pk,
    }


def _an_export(merchant: Any) -> Export:
    return Export.objects.create(
        user=merchant.user,
        kind="statement",
        language="en",
        time_zone="Asia/Shanghai",
        state="READY",
        file=_stored("exports/a.csv"),
        created_at=NOW,
        ready_at=NOW,
    )


def _stored(name: str) -> str:
    return default_storage.save(name, ContentFile(b"\xff\xd8\xff"))
