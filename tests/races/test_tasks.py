"""Two tabs of one merchant: a task is sent once and paid once, and a price is not paid unseen."""

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet

from policy.numbers import Policy
from settlement.models import Operation
from tasks import workflow
from tasks.models import Order, Task
from tasks.workflow import drafts, engine, pay, publish
from tasks.workflow.change_price import Offer
from tasks.workflow.decision import Actor, Refused
from tests.builders import a_creator
from tests.orders import NOW, a_brief, a_draft, a_sent_task, creator_of
from tests.races.racing import overlapped, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("N20")]


def of(task: Task) -> Actor:
    return Actor.merchant(task.merchant)


def start(task: Task) -> str:
    try:
        pay.start(task.pk, at=NOW, by=of(task), policy=Policy(), notify_url="", return_url="")
    except Refused as refusal:
        return refusal.code
    return "STARTED"


@pytest.mark.rule("V16", "V17")
def test_a_task_that_is_paid_in_two_tabs_is_paid_once() -> None:
    task = a_sent_task(a_creator(), a_creator())
    results = overlapped(lambda: start(task), lambda: start(task), at="tasks.workflow.pay._lock")
    assert results == ["STARTED", "MONEY_ON_ITS_WAY"]
    assert Operation.objects.count() == 1


def test_control_without_any_lock_two_payments_are_tried_and_the_number_stops_one() -> None:
    task = a_sent_task()
    with without_locks(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
        late, early = overlapped(lambda: start(task), lambda: start(task))
    assert early == "STARTED"
    assert isinstance(late, DatabaseError)
    assert Operation.objects.count() == 1


@pytest.mark.rule("V18")
def test_a_draft_that_is_sent_in_two_tabs_makes_its_orders_once() -> None:
    creator = a_creator(price_fen=50_000)
    task = a_draft()
    drafts.pick(task.pk, [creator.pk], by=of(task), policy=Policy())

    def send() -> list[int]:
        return publish.publish(
            task.pk,
            seen_fen={creator.pk: 50_000},
            at=NOW,
            by=of(task),
            policy=Policy(),
            freeze_max_days=365,
        )

    first, second = overlapped(send, send, at="tasks.workflow.publish._lock_draft")
    assert first == second
    assert Order.objects.count() == 1


@pytest.mark.rule("V19")
def test_a_price_that_is_being_accepted_is_the_price_that_is_paid() -> None:
    task = a_sent_task()
    order = task.orders.get()
    offer = Offer(70_000, Policy())
    engine.run_one(workflow.OFFER_PRICE, order.pk, at=NOW, by=of(task), given=offer)

    def accept() -> str:
        by = creator_of(order)
        return engine.run_one(workflow.ACCEPT_PRICE, order.pk, at=NOW, by=by, given=70_000).result

    results = overlapped(accept, lambda: start(task))
    assert results == ["DONE", "STARTED"]
    assert Operation.objects.get().amount_fen == 70_000


@pytest.mark.rule("V15")
def test_a_task_that_is_being_paid_is_not_deleted() -> None:
    task = a_sent_task()

    def delete() -> str:
        try:
            drafts.delete(task.pk, at=NOW, by=of(task))
        except Refused as refusal:
            return refusal.code
        return "DELETED"

    results = overlapped(lambda: start(task), delete, at="tasks.workflow.pay._lock")
    assert results == ["STARTED", "MONEY_ON_ITS_WAY"]
    assert Task.objects.get(pk=task.pk).deleted_at is None


@pytest.mark.rule("V11", "V15")
def test_what_is_paid_for_is_the_brief_as_it_then_stands() -> None:
    task = a_sent_task()

    def change() -> str:
        try:
            drafts.change(task.pk, a_brief(requirements="anders"), at=NOW, by=of(task))
        except Refused as refusal:
            return refusal.code
        return "CHANGED"

    results = overlapped(lambda: start(task), change, at="tasks.workflow.pay._lock")
    task.refresh_from_db()
    assert results == ["STARTED", "MONEY_ON_ITS_WAY"]
    assert task.orders.get().requirements == task.requirements
