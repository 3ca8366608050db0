"""The engine: what it locks, asks and writes, whatever the verb."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from settlement import check
from settlement.models import Escrow, Operation
from tasks import workflow
from tasks.models import Order
from tasks.states import State
from tasks.workflow import engine, writing
from tasks.workflow.decision import CLOCK, Actor, NotYours, TooLong, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.review import Verdict
from tests.builders import a_creator, a_merchant
from tests.orders import (
    DAY,
    DUE,
    HOUR,
    LINK,
    NOW,
    PRICE_FEN,
    an_order,
    creator_of,
    delivered_at,
    everything,
    merchant_of,
    pockets,
    reminded,
)
from tests.verbs import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_an_order_can_be_brought_into_every_state_and_the_ledger_agrees(state: str) -> None:
    order = an_order(state)
    assert order.state == state
    assert check.run(at=NOW).differences == []
    assert not Operation.objects.filter(resolved_at=None).exists()


@pytest.mark.rule("N20")
def test_state_money_event_and_messages_come_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = an_order("DELIVERED")
    before = world(order)

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(writing, "_statement", crash)
    with pytest.raises(RuntimeError, match="went away"):
        engine.run_one(workflow.CONFIRM, order.pk, at=NOW + 9 * DAY, by=merchant_of(order))
    monkeypatch.undo()
    assert world(order) == before


@pytest.mark.rule("N20")
def test_a_set_takes_what_can_be_done_and_refuses_the_rest_one_by_one() -> None:
    ready, early, strange = reminded(an_order("DELIVERED")), an_order("ACCEPTED"), 999_999
    ids = [ready.pk, early.pk, strange]
    outcomes = engine.run(workflow.CONFIRM, ids, at=delivered_at(ready) + 10 * DAY, by=CLOCK)
    found = {o.order_id: (o.result, o.refusal and o.refusal.code) for o in outcomes}
    assert found == {
        ready.pk: ("DONE", None),
        early.pk: ("REFUSED", "WRONG_STATE"),
        strange: ("REFUSED", "NOT_FOUND"),
    }
    assert pockets(early) == {"held": PRICE_FEN}


def test_a_sweep_of_many_takes_as_many_statements_as_a_click(
    django_assert_num_queries: Any,
) -> None:
    few = [an_order("PAID")]
    start = few[0].start_at
    with CaptureQueriesContext(connection) as one:
        engine.run(workflow.LAPSE, [few[0].pk], at=start, by=CLOCK)
    for _ in range(4):
        an_order("PAID")
    with django_assert_num_queries(len(one)):
        assert len(engine.sweep(workflow.LAPSE, at=start, by=CLOCK)) == 4


def test_a_sweep_takes_what_has_been_due_for_longest_and_no_more_than_asked_for() -> None:
    first = an_order("PAID", start_at=NOW + 2 * DAY)
    second = an_order("PAID", start_at=NOW + 2 * DAY + HOUR)
    third = an_order("PAID", start_at=NOW + 2 * DAY + 2 * HOUR)
    taken = engine.sweep(workflow.LAPSE, at=NOW + 3 * DAY, by=CLOCK, size=2)
    assert {o.order_id for o in taken} == {first.pk, second.pk}
    assert [o.order_id for o in engine.sweep(workflow.LAPSE, at=NOW + 3 * DAY, by=CLOCK)] == [
        third.pk
    ]


def test_a_new_operation_rings_for_a_worker_only_after_the_commit(
    django_capture_on_commit_callbacks: Any,
) -> None:
    order = an_order("PAID")
    with (
        patch("settlement.doorbell.ring") as ring,
        django_capture_on_commit_callbacks(execute=True),
    ):
        engine.run_one(workflow.ACCEPT, order.pk, at=NOW + HOUR, by=creator_of(order))
        assert not ring.called
    assert ring.called


@pytest.mark.rule("N1")
def test_a_preview_of_anothers_or_a_missing_order_is_refused() -> None:
    order = an_order("DELIVERED")
    by = Actor.merchant(a_merchant())
    for ids in ([order.pk], [999_999]):
        with pytest.raises(NotYours):
            engine.preview(workflow.CONFIRM, ids, at=NOW, by=by)


@pytest.mark.rule("N2", "V15")
@pytest.mark.parametrize(
    "change",
    [
        {"price_fen": 1, "net_fen": 1},
        {"requirements": "anders"},
        {"auto_confirm_days": 99},
        {"fee_bps": 1},
        {"payee": "creator:1"},
        {"due_at": DUE + DAY},
        {"start_at": NOW},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_keeps_a_paid_orders_terms_whatever_the_code_does(
    change: dict[str, Any],
) -> None:
    order = an_order("PAID")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**change)


def test_the_database_refuses_a_leap_between_states() -> None:
    order = an_order("UNPAID")
    for state in set(State) - {State.UNPAID, State.PAID, State.VOID}:
        with pytest.raises(DatabaseError, match="Invalid transition"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(state=state)


def copy_of(order: Order) -> dict[str, Any]:
    """The order's columns without its number."""
    row = Order.objects.filter(pk=order.pk).values().get()
    return {name: value for name, value in row.items() if name != "id"}


def test_the_database_lets_an_order_start_only_unpaid() -> None:
    order = an_order("UNPAID")
    values = {**copy_of(order), "state": "PAID", "creator_id": a_creator().pk}
    with pytest.raises(DatabaseError, match="Cannot insert"), transaction.atomic():
        Order.objects.bulk_create([Order(**values)])


def test_one_task_has_one_order_per_creator_unless_it_is_void() -> None:
    order = an_order("UNPAID")
    with pytest.raises(IntegrityError, match="order_once_per_creator"), transaction.atomic():
        Order.objects.bulk_create([Order(**copy_of(order))])


def test_a_damaged_ledger_stops_the_verb_and_is_never_hidden() -> None:
    order = an_order("DELIVERED")
    Escrow.objects.filter(pk=order.pk).update(held=0, returned=PRICE_FEN)
    with pytest.raises(RuntimeError, match="held of order"):
        engine.run_one(workflow.CONFIRM, order.pk, at=delivered_at(order), by=merchant_of(order))


def test_nobody_can_delete_an_order() -> None:
    order = an_order("UNPAID")
    with pytest.raises(DatabaseError, match="Cannot delete"), connection.cursor() as cursor:
        cursor.execute("delete from tasks_order where id = %s", [order.pk])


@pytest.mark.parametrize(
    ("state", "verb", "by", "given"),
    [
        ("PAID", workflow.DECLINE, creator_of, "字" * 301),
        ("ACCEPTED", workflow.DELIVER, creator_of, Content(LINK, "字" * 501)),
        ("CONFIRMED", workflow.REVIEW, merchant_of, Verdict(5, 5, 5, "字" * 501)),
    ],
    ids=["decline", "deliver", "review"],
)
def test_words_that_do_not_fit_are_refused(
    state: str, verb: Verb, by: Callable[[Order], Actor], given: Any
) -> None:
    order = an_order(state)
    before = everything(order)
    with pytest.raises(TooLong):
        engine.run_one(verb, order.pk, at=NOW + HOUR, by=by(order), given=given)
    assert everything(order) == before
