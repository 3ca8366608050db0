"""Ops release a confirmation that is held; the merchant gets fresh notice (N4)."""

from datetime import timedelta

import pytest

from tasks import workflow
from tasks.rules import REMINDERS
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, MAIL
from tasks.workflow.mark_reminded import Reminder
from tests.orders import (
    DAY,
    HOUR,
    NOW,
    PRICE_FEN,
    an_order,
    creator_of,
    held,
    known,
    merchant_of,
    pockets,
    reminded,
)
from tests.verbs import (
    OPS,
    a_case,
    a_member_of_staff,
    asked,
    do,
    do_twice,
    fresh,
    last_event,
    refusal,
    refused,
    told,
)

pytestmark = pytest.mark.rule("N4")

RELEASE = workflow.RELEASE_HOLD
REASON = "Called the merchant, who has corrected the address"
CONFIRM_BY = NOW + 13 * DAY


@pytest.mark.django_db
def test_a_released_hold_gives_three_days_and_all_reminders_anew() -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.held_at) + 5 * DAY
    staff = a_member_of_staff()
    order = do(RELEASE, order, at=at, by=staff, given=REASON)
    assert (order.held_at, order.reminded_at) == (None, None)
    assert (order.clock_from, order.remind_at, order.confirm_by) == (at, at, at + 3 * DAY)
    assert told(order) == [("CREATOR", "released")]
    event = last_event(order)
    assert (event.role, event.by_id, event.note) == ("OPS", staff.user_id, REASON)
    assert pockets(order) == {"held": PRICE_FEN}


@pytest.mark.django_db
def test_the_clock_confirms_after_the_new_reminders_and_not_before() -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.held_at) + DAY
    do(RELEASE, order, at=at, by=a_member_of_staff(), given=REASON)
    for hours in (0, 47, 48, 70):
        engine.sweep(workflow.REMIND, at=at + timedelta(hours=hours), by=CLOCK)
    kinds = order.events.filter(verb="remind", at__gte=at).order_by("id")
    assert tuple(kinds.values_list("note", flat=True)) == REMINDERS
    assert engine.sweep(workflow.CONFIRM, at=at + 9 * DAY, by=CLOCK) == []
    given = Reminder("reminder_2", at + timedelta(hours=70))
    do(workflow.MARK_REMINDED, order, at=at + timedelta(hours=70), by=MAIL, given=given)
    assert len(engine.sweep(workflow.CONFIRM, at=at + 3 * DAY, by=CLOCK)) == 1
    assert fresh(order).state == "CONFIRMED"


def test_nobodys_time_is_cut() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, held_at=NOW + DAY)
    asked(case, RELEASE, at=NOW + DAY, by=OPS, given=REASON)
    assert case.order.confirm_by == CONFIRM_BY
    assert case.order.remind_at == CONFIRM_BY - 3 * DAY


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["reminder_72", "reminder_2"])
def test_what_was_written_before_the_release_neither_counts_nor_holds_again(kind: str) -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.held_at) + DAY
    do(RELEASE, order, at=at, by=a_member_of_staff(), given=REASON)
    old = Reminder(kind, known(order.held_at) - HOUR, "mailbox unavailable")
    for verb in (workflow.MARK_REMINDED, workflow.HOLD):
        assert refusal(verb, order, at=at + HOUR, by=MAIL, given=old) == "NOT_THIS_CLOCK"


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_is_compulsory(reason: str) -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, held_at=NOW + DAY)
    assert refused(case, RELEASE, at=CONFIRM_BY, by=OPS, given=reason) == "NO_REASON"


@pytest.mark.django_db
def test_what_is_not_held_is_not_released() -> None:
    order = reminded(an_order("DELIVERED"))
    at, by = known(order.reminded_at) + HOUR, a_member_of_staff()
    assert refusal(RELEASE, order, at=at, by=by, given=REASON) == "NOT_HELD"


@pytest.mark.django_db
def test_only_ops_release() -> None:
    order = held(an_order("DELIVERED"))
    for by in (merchant_of(order), creator_of(order), CLOCK, MAIL):
        assert refusal(RELEASE, order, at=CONFIRM_BY, by=by, given=REASON) == "WRONG_STATE"


@pytest.mark.django_db
def test_the_same_form_twice_releases_once() -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.held_at) + DAY
    assert do_twice(RELEASE, order, at=at, by=a_member_of_staff(), given=REASON) == "ALREADY"
