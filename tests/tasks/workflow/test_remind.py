"""The merchant is reminded 72, 24 and 2 hours before the clock confirms (N4)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from policy.numbers import Policy
from tasks import rules, workflow
from tasks.models import Order, Outbox
from tasks.workflow import engine, load
from tasks.workflow.decision import CLOCK, MAIL, Case, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.mark_reminded import Reminder
from tests.orders import (
    DAY,
    HOUR,
    LINK,
    NOW,
    START,
    an_order,
    creator_of,
    delivered_at,
    known,
    merchant_of,
    reminded,
)
from tests.verbs import TICK, a_case, asked, do, fresh, last_event, refusal, refused, told

pytestmark = pytest.mark.rule("N4")

REMIND, MARK = workflow.REMIND, workflow.MARK_REMINDED
CONFIRM_BY = NOW + 13 * DAY
LAST_AT = CONFIRM_BY - 2 * HOUR


def hours_before(hours: float) -> datetime:
    return CONFIRM_BY - timedelta(hours=hours)


# When which is due


@pytest.mark.parametrize(
    ("at", "kind", "following"),
    [
        (72, "reminder_72", 24),
        (24.001, "reminder_72", 24),
        (24, "reminder_24", 2),
        (2.001, "reminder_24", 2),
        (2, "reminder_2", None),
        (-1000, "reminder_2", None),
    ],
)
def test_of_the_reminders_that_are_due_the_last_is_written(
    at: float, kind: str, following: float | None
) -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, remind_at=hours_before(72))
    decision = asked(case, REMIND, at=hours_before(at), by=CLOCK)
    assert decision.tell == (("MERCHANT", kind),)
    assert case.order.remind_at == (None if following is None else hours_before(following))
    assert case.order.confirm_by == CONFIRM_BY


@pytest.mark.parametrize("hours", [72, 24, 2])
def test_a_reminder_is_due_at_its_instant_and_not_a_microsecond_before(hours: int) -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, remind_at=hours_before(hours))
    assert refused(case, REMIND, at=hours_before(hours) - TICK, by=CLOCK) == "NOT_DUE"
    assert asked(case, REMIND, at=hours_before(hours), by=CLOCK).tell


def test_after_the_last_there_is_no_other() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW)
    assert refused(case, REMIND, at=CONFIRM_BY, by=CLOCK) == "NOT_DUE"


def test_which_reminder_was_written_last_follows_from_the_next() -> None:
    written = [rules.reminder_written(CONFIRM_BY, hours_before(h)) for h in (72, 24, 2)]
    assert written == ["", "reminder_72", "reminder_24"]
    assert rules.reminder_written(CONFIRM_BY, None) == "reminder_2"


# The clock and its reminders


@pytest.mark.django_db
def test_a_delivery_starts_the_clock_with_its_first_reminder() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order)
    assert order.confirm_by == at + 10 * DAY
    assert (order.clock_from, order.remind_at) == (at, at + 7 * DAY)
    assert (order.reminded_at, order.held_at) == (None, None)


@pytest.mark.django_db
def test_where_the_clock_runs_three_days_the_first_reminder_is_due_at_once() -> None:
    order = an_order("DELIVERED", policy=Policy(auto_confirm_days=3))
    assert order.remind_at == delivered_at(order)


@pytest.mark.django_db
def test_the_sweep_reminds_three_times_and_then_no_more() -> None:
    order = an_order("DELIVERED")
    kinds = []
    for hours in (73, 72, 71, 24, 3, 2, 1):
        at = known(order.confirm_by) - timedelta(hours=hours)
        for outcome in engine.sweep(REMIND, at=at, by=CLOCK):
            assert outcome.result == "DONE"
            kinds += [kind for _, kind in told(order)]
    assert kinds == ["reminder_72", "reminder_24", "reminder_2"]
    assert last_event(order).note == "reminder_2"
    assert fresh(order).state == "DELIVERED"


@pytest.mark.django_db
def test_after_an_outage_of_days_one_reminder_is_written() -> None:
    order = an_order("DELIVERED")
    engine.sweep(REMIND, at=delivered_at(order) + 30 * DAY, by=CLOCK)
    kinds = Outbox.objects.filter(order=order, kind__startswith="reminder")
    assert list(kinds.values_list("to", "kind")) == [("MERCHANT", "reminder_2")]
    assert engine.sweep(REMIND, at=delivered_at(order) + 30 * DAY, by=CLOCK) == []


@pytest.mark.django_db
def test_a_second_delivery_starts_the_reminders_anew() -> None:
    order = reminded(an_order("DELIVERED"))
    again = known(order.confirm_by) - HOUR
    order = do(workflow.DELIVER, order, at=again, by=creator_of(order), given=Content(LINK))
    assert (order.clock_from, order.remind_at) == (again, again + 7 * DAY)
    assert order.reminded_at is None


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["DISPUTED", "CONFIRMED", "REFUNDED"])
def test_whoever_leaves_the_clock_behind_leaves_its_reminders_behind(state: str) -> None:
    order = an_order(state)
    times = (order.confirm_by, order.clock_from, order.remind_at, order.reminded_at, order.held_at)
    assert times == (None,) * 5
    assert engine.sweep(REMIND, at=NOW + 365 * DAY, by=CLOCK) == []


# The mail server has taken the last one


@pytest.mark.django_db
def test_the_last_reminder_that_was_delivered_in_time_leaves_the_clock_as_it_is() -> None:
    before = an_order("DELIVERED")
    order = reminded(before)
    assert order.confirm_by == before.confirm_by
    assert order.reminded_at == known(before.confirm_by) - 2 * HOUR
    assert (last_event(order).verb, last_event(order).role) == ("mark_reminded", "MAIL")


def waiting_case(**facts: Any) -> Case:
    complete: dict[str, Any] = {"confirm_by": CONFIRM_BY, "clock_from": NOW, **facts}
    return a_case("DELIVERED", **complete)


@pytest.mark.parametrize("late", [HOUR, 3 * HOUR, 40 * DAY])
def test_however_late_it_was_the_merchant_has_two_hours(late: timedelta) -> None:
    case = waiting_case()
    at = LAST_AT + late
    asked(case, MARK, at=at, by=MAIL, given=Reminder("reminder_2", LAST_AT))
    assert case.order.confirm_by == at + 2 * HOUR
    assert case.order.reminded_at == at


@pytest.mark.parametrize(
    ("reminder", "facts"),
    [
        (Reminder("reminder_24", LAST_AT - DAY), {"remind_at": LAST_AT}),
        (Reminder("reminder_2", NOW - TICK), {}),
        (Reminder("reminder_2", NOW), {"remind_at": hours_before(72)}),
        (Reminder("reminder_2", LAST_AT), {"held_at": LAST_AT}),
        (Reminder("reminder_2", LAST_AT), {"reminded_at": LAST_AT}),
        (Reminder("delivered", LAST_AT), {}),
    ],
    ids=[
        "not the last", "of an earlier delivery", "of an earlier clock", "held", "twice",
        "no reminder",
    ],
)  # fmt: skip
def test_only_the_last_reminder_of_the_present_clock_counts(
    reminder: Reminder, facts: dict[str, Any]
) -> None:
    assert refused(waiting_case(**facts), MARK, at=LAST_AT, by=MAIL, given=reminder) == (
        "NOT_THIS_CLOCK"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["DISPUTED", "CONFIRMED", "REFUNDED"])
def test_what_has_moved_on_is_not_marked(state: str) -> None:
    order = an_order(state)
    given = Reminder("reminder_2", NOW)
    assert refusal(MARK, order, at=NOW + 20 * DAY, by=MAIL, given=given) == "WRONG_STATE"


@pytest.mark.django_db
def test_people_cannot_say_that_a_reminder_was_delivered() -> None:
    order = an_order("DELIVERED")
    given = Reminder("reminder_2", NOW + 13 * DAY)
    for by in (merchant_of(order), creator_of(order), CLOCK):
        assert refusal(MARK, order, at=NOW + 13 * DAY, by=by, given=given) == "WRONG_STATE"


# The database


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"clock_from": None}, "order_reminders_while_delivered"),
        ({"held_at": NOW}, "order_held_is_not_reminded"),
        ({"remind_at": None, "reminded_at": CONFIRM_BY}, "order_reminded_in_time"),
        ({"reminded_at": START}, "order_reminded_in_time"),
    ],
    ids=["no start", "held and to be reminded", "no two hours", "reminded and to be reminded"],
)
def test_the_database_refuses_a_clock_that_makes_no_sense(facts: dict[str, Any], name: str) -> None:
    order = an_order("DELIVERED")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**facts)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["clock_from", "remind_at", "reminded_at", "held_at"])
def test_no_clock_runs_where_nothing_is_delivered(column: str) -> None:
    order = an_order("ACCEPTED")
    problem = pytest.raises(IntegrityError, match="order_reminders_while_delivered")
    with problem, transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**{column: NOW})


@pytest.mark.django_db
@pytest.mark.parametrize("verb", workflow.SWEEPS, ids=lambda verb: verb.name)
def test_every_sweep_finds_what_is_due_in_an_index(verb: Verb) -> None:
    """With a whole table to read otherwise; the planner of an empty table would read it all."""
    index = {
        "void": "order_to_void", "lapse": "order_to_lapse", "overdue": "order_overdue",
        "remind": "order_to_remind", "confirm": "order_to_confirm",
    }  # fmt: skip
    where, params = load.due(verb, at=NOW, size=500)
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute(f"explain {load._select()} {where}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"using {index[verb.name]} on tasks_order" in plan
