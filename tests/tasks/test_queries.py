"""What the pages read: tabs with their counts, V54, V55, who sees what, what waits for whom."""

from datetime import datetime

import pytest

from merchants.models import Merchant
from tasks import queries, workflow
from tasks.models import Order, Task
from tasks.workflow.decision import CLOCK, Actor, Verb
from tests.builders import a_creator, a_merchant
from tests.orders import (
    DAY,
    DUE,
    HOUR,
    NOW,
    PRICE_FEN,
    START,
    a_draft,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    paid,
)
from tests.verbs import a_member_of_staff, do


def a_task(*states: str, merchant: Merchant | None = None) -> Task:
    """A paid task with one order in each of `states`."""
    task = a_sent_task(*(a_creator() for _ in states), merchant=merchant)
    paid(task)
    for order, state in zip(task.orders.order_by("pk"), states, strict=True):
        bring(order, state)
    return task


def bring(order: Order, state: str) -> None:
    steps: dict[str, list[tuple[Verb, datetime, Actor, str | None]]] = {
        "PAID": [],
        "DECLINED": [(workflow.DECLINE, NOW + HOUR, creator_of(order), "nein")],
        "LAPSED": [(workflow.LAPSE, START, CLOCK, None)],
    }
    for verb, at, by, given in steps[state]:
        do(verb, order, at=at, by=by, given=given)


@pytest.mark.django_db
@pytest.mark.rule("V54")
def test_the_frozen_amount_excludes_escrow_and_what_went_back() -> None:
    task = a_task("PAID", "DECLINED")
    money = queries.merchant_money(task.merchant_id)
    assert (money.frozen, money.escrow) == (PRICE_FEN, 0)
    order = an_order("DELIVERED")
    money = queries.merchant_money(order.merchant_id)
    assert (money.frozen, money.escrow) == (0, PRICE_FEN)


@pytest.mark.django_db
@pytest.mark.rule("V55")
def test_tasks_published_counts_all_that_were_paid_with_their_orders_beside() -> None:
    merchant = a_merchant()
    a_draft(merchant)
    a_sent_task(merchant=merchant)
    a_task("PAID", "DECLINED", merchant=merchant)
    a_task("LAPSED", merchant=merchant)
    an_order("REVIEWED", merchant=merchant)
    published = queries.published(merchant.pk)
    assert (published.tasks, published.orders) == (3, 4)


@pytest.mark.django_db
@pytest.mark.rule("V63")
def test_the_merchant_follows_every_step_of_an_order_with_its_instant() -> None:
    order = an_order("DELIVERED")
    events = order.events.order_by("id").values_list("verb", "at")
    assert [(verb, at) for verb, at in events if verb in ("accept", "deliver")] == [
        ("accept", NOW + HOUR),
        ("deliver", delivered_at(order)),
    ]
    assert [verb for verb, _ in events] == [
        "publish",
        "start_payment",
        "mark_paid",
        "accept",
        "mark_secured",
        "deliver",
    ]


@pytest.mark.django_db
def test_nobody_sees_anothers_orders_and_ops_see_all() -> None:
    order = an_order("PAID")
    others = a_sent_task()
    seen = queries.orders_visible_to
    assert list(seen(merchant_of(order))) == [order]
    assert list(seen(creator_of(order))) == [order]
    assert order not in seen(Actor.merchant(others.merchant))
    assert not seen(Actor.creator(a_creator())).exists()
    assert seen(a_member_of_staff()).count() == 2


@pytest.mark.django_db
def test_what_waits_for_each_side() -> None:
    delivered, accepted = an_order("DELIVERED"), an_order("ACCEPTED")
    assert list(queries.needs_merchant(delivered.merchant_id)) == [delivered]
    assert not queries.needs_merchant(accepted.merchant_id).exists()
    assert list(queries.needs_creator(accepted.creator_id)) == [accepted]
    assert not queries.needs_creator(delivered.creator_id).exists()


@pytest.mark.django_db
@pytest.mark.rule("N7")
def test_gross_fee_tax_and_net_are_on_every_paid_order() -> None:
    order = an_order("PAID")
    parts = (order.fee_fen, order.tax_fen, order.net_fen)
    assert parts == (0, 0, PRICE_FEN)
    assert order.price_fen == PRICE_FEN


@pytest.mark.django_db
def test_what_is_due_is_counted_by_verb() -> None:
    an_order("UNPAID")
    an_order("PAID")
    an_order("ACCEPTED")
    an_order("DELIVERED")
    nothing = {"void": 0, "lapse": 0, "overdue": 0, "remind": 0, "confirm": 0}
    assert queries.due_count(NOW) == nothing
    assert queries.due_count(DUE) == {**nothing, "void": 1, "lapse": 1, "overdue": 1}
    assert queries.due_count(DUE + 30 * DAY)["remind"] == 1
    assert queries.due_count(DUE + 30 * DAY)["confirm"] == 0
