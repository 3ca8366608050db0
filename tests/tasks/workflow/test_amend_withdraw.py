"""Before payment a sent task can be changed, withdrawn and deleted; afterwards never (V15)."""

from collections.abc import Callable
from typing import Any

import pytest

from settlement.models import Transfer
from tasks import workflow
from tasks.models import Outbox, Task
from tasks.workflow import drafts, engine
from tasks.workflow.amend import Times
from tasks.workflow.decision import Actor, NotYours, Refused, WrongState
from tests.builders import a_channel, a_creator, a_merchant
from tests.orders import (
    DAY,
    DUE,
    HOUR,
    NOW,
    START,
    a_brief,
    a_sent_task,
    an_order,
    everything,
    merchant_of,
    paid,
    start_payment,
)
from tests.verbs import (
    MERCHANT,
    TICK,
    a_case,
    asked,
    do,
    do_again,
    operation_of,
    refusal,
    refused,
    told,
)

AMEND, WITHDRAW = workflow.AMEND, workflow.WITHDRAW
LATER = Times(START + DAY, DUE + DAY)


def of(task: Task) -> Actor:
    return Actor.merchant(task.merchant)


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_the_orders_follow_the_times_of_the_brief() -> None:
    task = a_sent_task(a_creator(), a_creator())
    brief = a_brief(start_at=START + DAY, due_at=DUE + DAY)
    drafts.change(task.pk, brief, at=NOW + HOUR, by=of(task))
    times = task.orders.values_list("start_at", "due_at")
    assert list(times) == [(START + DAY, DUE + DAY)] * 2


@pytest.mark.rule("V15", "V36")
def test_times_change_until_one_microsecond_before_the_start_and_not_at_it() -> None:
    assert asked(a_case("UNPAID"), AMEND, at=START - TICK, by=MERCHANT, given=LATER).note
    assert refused(a_case("UNPAID"), AMEND, at=START, by=MERCHANT, given=LATER) == "TOO_LATE"


@pytest.mark.rule("V12", "V36")
def test_the_new_times_lie_ahead_and_in_their_order() -> None:
    case = a_case("UNPAID")
    past, reverse = Times(NOW, DUE), Times(START, START)
    assert refused(case, AMEND, at=NOW, by=MERCHANT, given=past) == "TOO_LATE"
    assert refused(case, AMEND, at=NOW, by=MERCHANT, given=reverse) == "DUE"


@pytest.mark.django_db
@pytest.mark.rule("V12", "V15")
def test_a_brief_whose_times_are_impossible_is_left_as_it_was() -> None:
    task = a_sent_task()
    with pytest.raises(Refused):
        drafts.change(task.pk, a_brief(theme="x", due_at=START), at=NOW, by=of(task))
    task.refresh_from_db()
    assert (task.theme, task.due_at) == ("春季新品试用", DUE)


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_channel_and_format_decided_the_prices_and_stay_while_orders_are_out() -> None:
    task = a_sent_task()
    brief = a_brief(channel=a_channel("OTHER", is_enabled=True))
    with pytest.raises(drafts.UnableToChangeTask) as refused:
        drafts.change(task.pk, brief, at=NOW, by=of(task))
    assert refused.value.code == "PRICED"


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_while_a_payment_is_under_way_neither_times_nor_orders_change() -> None:
    task = a_sent_task()
    start_payment(task)
    order = task.orders.get()
    assert refusal(AMEND, order, at=NOW, by=of(task), given=LATER) == "MONEY_ON_ITS_WAY"
    assert refusal(WITHDRAW, order, at=NOW, by=of(task)) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_a_withdrawn_order_never_takes_effect() -> None:
    order = an_order("UNPAID")
    order = do(WITHDRAW, order, at=NOW + HOUR, by=merchant_of(order))
    assert (order.state, order.reason) == ("VOID", "WITHDRAWN")
    assert told(order) == [("CREATOR", "withdrawn")]
    assert not Transfer.objects.exists()


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_withdrawing_twice_withdraws_once() -> None:
    order = an_order("UNPAID")
    do(WITHDRAW, order, at=NOW, by=merchant_of(order))
    assert do_again(WITHDRAW, order, at=NOW, by=merchant_of(order)) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_one_order_that_cannot_be_changed_keeps_the_whole_task() -> None:
    task = a_sent_task(a_creator(), a_creator())
    first, second = task.orders.order_by("pk")
    do(WITHDRAW, second, at=NOW, by=of(task))
    with pytest.raises(WrongState):
        engine.run(AMEND, [first.pk, second.pk], at=NOW, by=of(task), given=LATER)
    assert list(task.orders.values_list("start_at", flat=True)) == [START, START]


Change = Callable[[Task, Actor], object]
CHANGES: dict[str, Change] = {
    "change": lambda t, by: drafts.change(t.pk, a_brief(theme="anders"), at=NOW, by=by),
    "delete": lambda t, by: drafts.delete(t.pk, at=NOW, by=by),
    "back to draft": lambda t, by: drafts.back_to_draft(t.pk, at=NOW, by=by),
    "detach": lambda t, by: drafts.detach(t.pk, 1, at=NOW, by=by),
}


@pytest.mark.django_db
@pytest.mark.rule("V15")
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_once_paid_the_task_can_be_neither_withdrawn_nor_changed(change: Change) -> None:
    task = a_sent_task()
    paid(task)
    before = Task.objects.filter(pk=task.pk).values().get()
    with pytest.raises(drafts.UnableToChangeTask):
        change(task, of(task))
    assert Task.objects.filter(pk=task.pk).values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_anothers_task_is_not_there(change: Change) -> None:
    task = a_sent_task()
    with pytest.raises(NotYours):
        change(task, Actor.merchant(a_merchant()))


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_deleting_a_task_withdraws_its_orders() -> None:
    task = a_sent_task(a_creator(), a_creator())
    drafts.delete(task.pk, at=NOW + HOUR, by=of(task))
    task.refresh_from_db()
    assert task.deleted_at == NOW + HOUR
    assert {order.state for order in task.orders.all()} == {"VOID"}
    assert Outbox.objects.filter(kind="withdrawn").count() == 2


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_back_to_the_draft_creators_can_be_chosen_and_sent_anew() -> None:
    creator = a_creator()
    task = a_sent_task(creator)
    drafts.back_to_draft(task.pk, at=NOW, by=of(task))
    task.refresh_from_db()
    assert task.sent_at is None
    assert [order.state for order in task.orders.all()] == ["VOID"]


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_a_payment_under_way_keeps_the_task_from_being_deleted() -> None:
    task = a_sent_task()
    start_payment(task)
    with pytest.raises(Refused) as refused:
        drafts.delete(task.pk, at=NOW, by=of(task))
    assert refused.value.code == "MONEY_ON_ITS_WAY"
    task.refresh_from_db()
    assert task.deleted_at is None
    assert operation_of(task.orders.get()).state == "READY"


@pytest.mark.django_db
@pytest.mark.rule("V10", "V12", "V15")
@pytest.mark.parametrize(
    "changed",
    [
        {"requirements": "字" * 201},
        {"start_at": NOW + HOUR},
        {"start_at": NOW + 181 * DAY, "due_at": NOW + 190 * DAY},
        {"due_at": START},
    ],
    ids=["201 characters", "starts in an hour", "starts in 181 days", "due before the start"],
)
def test_what_was_sent_stays_publishable(changed: dict[str, Any]) -> None:
    task = a_sent_task()
    order = task.orders.get()
    before = (everything(order), Task.objects.values().get(pk=task.pk))
    with pytest.raises(Refused) as refusal:
        drafts.change(task.pk, a_brief(**changed), at=NOW, by=of(task))
    assert refusal.value.code == "BRIEF"
    assert (everything(order), Task.objects.values().get(pk=task.pk)) == before
