"""Short links of deliveries and products, and what was counted on them (V60)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from reads import codes, counting
from reads.counting import Link
from reads.days import day_of
from reads.models import ReadDay
from reads.queries import Reads
from tasks import figures, workflow
from tasks.models import Attachment, Delivery, Order
from tasks.workflow.deliver import Content
from tests.builders import a_creator, a_merchant
from tests.orders import DAY, LINK, a_sent_task, an_order, creator_of, delivered_at, do

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V60")]

SHOP = "https://shop.example/item/1"


def a_product(order: Order, url: str = SHOP) -> Attachment:
    return Attachment.objects.create(task=order.task, kind="LINK", name="精华液", url=url)


def code_of(address: str) -> str:
    return address.rstrip("/").rpartition("/")[2]


def visits(order: Order, *, number: int, kind: str = "d", at: datetime, reads: Reads) -> None:
    """As if they had been counted and summed up."""
    ReadDay.objects.create(
        owner=order.pk,
        kind=kind,
        number=number,
        day=day_of(at),
        visits=reads.visits,
        visitors=reads.visitors,
    )


# The links


@override_settings(SITE_URL="https://vtask.example")
def test_every_delivery_has_a_short_link_that_leads_to_its_content() -> None:
    order = an_order("DELIVERED")
    delivery = order.deliveries.get()
    address = figures.short_link(delivery)
    assert address == f"https://vtask.example/r/{codes.encode('d', delivery.pk)}/"
    target = figures.target_of(code_of(address))
    assert target is not None
    assert target.url == LINK
    assert target.link == Link(order.pk, "d", delivery.pk)
    assert target.own == {order.merchant.user_id, order.creator.user_id}


def test_each_delivery_of_an_order_keeps_its_own_link() -> None:
    order = an_order("DELIVERED")
    first = order.deliveries.get()
    again = Content("https://we.example/post/2")
    do(workflow.DELIVER, order, at=delivered_at(order) + DAY, by=creator_of(order), given=again)
    second = order.deliveries.latest("id")
    targets = [figures.target_of(code_of(figures.short_link(d))) for d in (first, second)]
    assert [target.url for target in targets if target] == [LINK, again.url]


def test_a_product_link_is_each_creators_own() -> None:
    task = a_sent_task(a_creator(), a_creator())
    one, other = task.orders.order_by("pk")
    product = a_product(one)
    Attachment.objects.create(task=task, kind="PICTURE", name="a.jpg", file="briefs/a.jpg")
    addresses = [figures.product_links(order) for order in (one, other)]
    assert [[link for link, _address in links] for links in addresses] == [[product], [product]]
    targets = [figures.target_of(code_of(links[0][1])) for links in addresses]
    assert [target.url for target in targets if target] == [SHOP, SHOP]
    assert [t.link for t in targets if t] == [
        Link(one.pk, "p", product.pk),
        Link(other.pk, "p", product.pk),
    ]
    assert [t.own for t in targets if t] == [
        {task.merchant.user_id, one.creator.user_id},
        {task.merchant.user_id, other.creator.user_id},
    ]


def test_codes_that_lead_nowhere_are_none() -> None:
    order, stranger = an_order("DELIVERED"), an_order("DELIVERED")
    product = a_product(order)
    picture = Attachment.objects.create(
        task=order.task, kind="PICTURE", name="a.jpg", file="briefs/a.jpg"
    )
    delivery = order.deliveries.get()
    nowhere = {
        "made up": "d1-22222222",
        "no such delivery": codes.encode("d", delivery.pk + 1000),
        "a kind that is unknown": codes.encode("x", delivery.pk),
        "too many numbers": codes.encode("d", order.pk, delivery.pk),
        "too few numbers": codes.encode("p", product.pk),
        "another task's product": codes.encode("p", stranger.pk, product.pk),
        "no link but a picture": codes.encode("p", order.pk, picture.pk),
    }
    assert {why: figures.target_of(code) for why, code in nowhere.items()} == dict.fromkeys(nowhere)


def test_a_product_link_that_was_taken_away_leads_nowhere() -> None:
    order = an_order("UNPAID")
    product = a_product(order)
    [(_link, address)] = figures.product_links(order)
    product.delete()
    assert figures.target_of(code_of(address)) is None


def test_a_link_is_found_with_one_query(django_assert_num_queries: Any) -> None:
    order = an_order("DELIVERED")
    product = a_product(order)
    for code in (
        codes.encode("d", order.deliveries.get().pk),
        codes.encode("p", order.pk, product.pk),
    ):
        with django_assert_num_queries(1):
            assert figures.target_of(code) is not None


# What was counted


def test_reads_per_day_are_those_of_the_merchant_the_creator_or_the_orders() -> None:
    merchant, creator = a_merchant(), a_creator()
    mine = an_order("DELIVERED", merchant=merchant, creator=creator)
    his = an_order("CONFIRMED", merchant=merchant)
    other = an_order("DELIVERED", creator=creator)
    at = delivered_at(mine)
    for number, order in enumerate((mine, his, other), start=1):
        visits(order, number=order.deliveries.get().pk, at=at, reads=Reads(10 * number, number))
    visits(mine, number=1, kind="p", at=at, reads=Reads(500, 500))
    day = day_of(at)

    def on_the_day(**whose: Any) -> tuple[date, int, int]:
        [found] = figures.reads_per_day(**whose, since=day, until=day)
        return found

    assert on_the_day(merchant_id=merchant.pk) == (day, 30, 3)
    assert on_the_day(creator_id=creator.pk) == (day, 40, 4)
    assert on_the_day(order_ids=[mine.pk]) == (day, 10, 1)
    assert on_the_day(order_ids=[]) == (day, 0, 0)
    assert on_the_day(merchant_id=merchant.pk, creator_id=creator.pk) == (day, 10, 1)
    assert on_the_day(creator_id=creator.pk, order_ids=[other.pk, his.pk]) == (day, 30, 3)


def test_those_of_a_task_are_those_of_all_its_orders(django_assert_num_queries: Any) -> None:
    task = a_sent_task(a_creator(), a_creator())
    at = task.start_at
    for order in (*task.orders.all(), an_order("DELIVERED")):
        visits(order, number=1, at=at, reads=Reads(10, 4))
    with django_assert_num_queries(1):
        found = figures.reads_of_task(task.pk, since=at - DAY, until=at)
    assert found == [(day_of(at) - DAY, 0, 0), (day_of(at), 20, 8)]


def test_instants_count_as_their_day_in_china() -> None:
    order = an_order("DELIVERED")
    late = delivered_at(order).replace(hour=17)  # after midnight in China
    days = figures.reads_per_day(order_ids=[order.pk], since=late, until=late + timedelta(days=1))
    assert [day for day, _, _ in days] == [day_of(late), day_of(late) + timedelta(days=1)]
    assert day_of(late) == late.date() + timedelta(days=1)


def test_nobodys_reads_are_not_everybodys() -> None:
    with pytest.raises(ValueError, match="whose"):
        figures.reads_per_day(since=date(2026, 3, 1), until=date(2026, 3, 2))


@pytest.mark.parametrize("whose", ["merchant_id", "creator_id", "order_ids"])
def test_reads_per_day_are_one_query(whose: str, django_assert_num_queries: Any) -> None:
    order = an_order("DELIVERED")
    value: Any = [order.pk] if whose == "order_ids" else 1
    with django_assert_num_queries(1):
        found = figures.reads_per_day(
            **{whose: value}, since=date(2026, 3, 1), until=date(2026, 3, 9)
        )
    assert len(found) == 9


def test_a_list_of_orders_has_its_reads_in_one_query(django_assert_num_queries: Any) -> None:
    read, unread = an_order("DELIVERED"), an_order("DELIVERED")
    at, delivery = delivered_at(read), read.deliveries.get()
    visits(read, number=delivery.pk, at=at, reads=Reads(7, 5))
    visits(read, number=delivery.pk, at=at + DAY, reads=Reads(2, 2))
    visits(read, number=delivery.pk + 1, at=at, reads=Reads(1, 1))
    visits(read, number=1, kind="p", at=at, reads=Reads(500, 500))
    with django_assert_num_queries(1):
        found = figures.reads_of([read, unread])
    assert found == {read.pk: Reads(10, 8), unread.pk: Reads()}


def test_each_link_of_an_order_has_its_own_sums() -> None:
    order = an_order("DELIVERED")
    delivery = order.deliveries.get()
    target = figures.target_of(codes.encode("d", delivery.pk))
    assert target is not None
    for who in ("anna", "ben", "anna"):
        counting.count(target.link, network="203.0.113.7", user_agent=who, at=delivered_at(order))
    counting.roll_up()
    visits(order, number=3, kind="p", at=delivered_at(order), reads=Reads(4, 4))
    assert figures.reads_by_link(order) == {("d", delivery.pk): Reads(3, 2), ("p", 3): Reads(4, 4)}


def test_deliveries_from_before_the_short_links_have_theirs_too() -> None:
    order = an_order("REVIEWED")
    delivery = Delivery.objects.get(order=order)
    assert figures.target_of(code_of(figures.short_link(delivery))) is not None
