"""A reminder that comes back while the clock confirms: one of the two wins, and a bounce that was
recorded first always holds the money (N4).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError

from tasks import messages, workflow
from tasks.models import Order, Outbox
from tasks.rules import LAST_REMINDER
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, MAIL, Actor
from tasks.workflow.deliver import Content
from tasks.workflow.mark_reminded import Reminder
from tests.builders import ops
from tests.orders import (
    DAY,
    HOUR,
    LINK,
    an_order,
    creator_of,
    known,
    merchant_of,
    pockets,
    reminded,
)
from tests.races.racing import overlapped, without_locks
from tests.verbs import fresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.rule("N4", "N20")]

Run = Callable[[], Any]
LOOKED = "tasks.workflow.load.lock_due"


def due_to_confirm() -> tuple[Order, datetime]:
    """An order that the clock may confirm now, whose reminder was sent by us."""
    order = reminded(an_order("DELIVERED"))
    row = Outbox.objects.filter(order=order, kind=LAST_REMINDER)
    row.update(message_id="1.abc@vtask.example", delivery="SENT", done_at=known(order.reminded_at))
    assert order.confirm_by is not None
    return order, order.confirm_by


def bounce(at: datetime) -> Run:
    return lambda: messages.came_back("1.abc@vtask.example", "550 no such user", at=at)


def sweep(at: datetime) -> Run:
    def run() -> list[str]:
        return [outcome.result for outcome in engine.sweep(workflow.CONFIRM, at=at, by=CLOCK)]

    return run


def test_what_the_clock_is_confirming_is_confirmed_and_the_bounce_is_recorded() -> None:
    order, at = due_to_confirm()
    assert overlapped(sweep(at), bounce(at), at=LOOKED) == [["DONE"], True]
    assert fresh(order).state == "CONFIRMED"
    assert pockets(order) == {"in_transit": order.price_fen}
    assert Outbox.objects.get(kind=LAST_REMINDER).delivery == "BOUNCED"
    assert not order.events.filter(verb="hold").exists()


def test_what_is_being_held_the_clock_passes_over_and_does_not_find_again() -> None:
    order, at = due_to_confirm()
    assert overlapped(bounce(at), sweep(at)) == [True, []]
    assert sweep(at + DAY)() == []
    assert fresh(order).held_at == at
    assert pockets(order) == {"held": order.price_fen}


def test_control_without_the_lock_only_the_database_keeps_the_money_that_a_bounce_holds() -> None:
    order, at = due_to_confirm()
    with without_locks():
        late, early = overlapped(sweep(at), bounce(at), at=LOOKED)
    assert isinstance(late, IntegrityError)
    assert "order_reminders_while_delivered" in str(late)
    assert early is True
    assert fresh(order).held_at == at
    assert pockets(order) == {"held": order.price_fen}


# The last reminder is delivered while the creator delivers again


def does(verb: Any, order: Order, by: Actor, at: datetime, given: Any = None) -> Run:
    def run() -> str:
        [outcome] = engine.run(verb, [order.pk], at=at, by=by, given=given)
        return outcome.refusal.code if outcome.refusal else outcome.result

    return run


def a_last_reminder() -> tuple[Order, datetime, Run]:
    """It is written, and about to be marked as delivered."""
    order = an_order("DELIVERED")
    assert order.confirm_by is not None
    at = known(order.confirm_by) - 2 * HOUR
    engine.run_one(workflow.REMIND, order.pk, at=at, by=CLOCK)
    mark = does(workflow.MARK_REMINDED, order, MAIL, at + HOUR, Reminder(LAST_REMINDER, at))
    return order, at + HOUR, mark


def test_a_reminder_of_the_former_delivery_does_not_count_for_the_new_one() -> None:
    order, at, mark = a_last_reminder()
    deliver = does(workflow.DELIVER, order, creator_of(order), at, Content(LINK))
    assert overlapped(deliver, mark) == ["DONE", "NOT_THIS_CLOCK"]
    assert (fresh(order).reminded_at, fresh(order).remind_at) == (None, at + 7 * DAY)


def test_control_without_the_lock_only_the_database_keeps_the_new_delivery_unconfirmed() -> None:
    order, at, mark = a_last_reminder()
    deliver = does(workflow.DELIVER, order, creator_of(order), at, Content(LINK))
    with without_locks():
        late, early = overlapped(mark, deliver)
    assert isinstance(late, IntegrityError)
    assert "order_reminded_in_time" in str(late)
    assert early == "DONE"
    assert (fresh(order).reminded_at, fresh(order).remind_at) == (None, at + 7 * DAY)
    assert sweep(at + 2 * HOUR)() == []


# Two beats, two senders, two clicks


def test_of_two_clocks_one_writes_the_reminder() -> None:
    order = an_order("DELIVERED")
    at = known(order.confirm_by) - 2 * HOUR

    def remind() -> list[int]:
        return [outcome.order_id for outcome in engine.sweep(workflow.REMIND, at=at, by=CLOCK)]

    assert sorted(overlapped(remind, remind, at=LOOKED)) == [[], [order.pk]]
    assert Outbox.objects.filter(kind=LAST_REMINDER).count() == 1


def test_the_same_bounce_twice_at_once_holds_once() -> None:
    order, at = due_to_confirm()
    assert overlapped(bounce(at), bounce(at)) == [True, True]
    assert order.events.filter(verb="hold").count() == 1


def test_what_is_released_while_the_merchant_confirms_is_confirmed_once() -> None:
    order, at = due_to_confirm()
    bounce(at)()
    confirm = does(workflow.CONFIRM, order, merchant_of(order), at + HOUR)
    release = does(workflow.RELEASE_HOLD, order, Actor.ops(ops()), at + HOUR, "called him")
    assert overlapped(confirm, release) == ["DONE", "WRONG_STATE"]
    assert pockets(order) == {"in_transit": order.price_fen}
