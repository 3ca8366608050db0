"""A reminder that came back holds the confirmation by the clock and tells both sides (N4)."""

from typing import Any

import pytest

from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, MAIL
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.mark_reminded import Reminder
from tests.orders import (
    DAY,
    HOUR,
    LINK,
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
    TICK,
    a_case,
    a_member_of_staff,
    asked,
    do,
    fresh,
    last_event,
    refusal,
    refused,
    told,
)

pytestmark = pytest.mark.rule("N4")

HOLD = workflow.HOLD
CONFIRM_BY = NOW + 13 * DAY
WRITTEN = CONFIRM_BY - 2 * HOUR
BACK = Reminder("reminder_2", WRITTEN, "550 no such user")


@pytest.mark.django_db
def test_a_reminder_that_came_back_holds_the_confirmation_and_tells_both_sides() -> None:
    order = reminded(an_order("DELIVERED"))
    at = known(order.reminded_at) + HOUR
    given = Reminder("reminder_2", known(order.reminded_at), "550 no such user")
    order = do(HOLD, order, at=at, by=MAIL, given=given)
    assert (order.state, order.held_at) == ("DELIVERED", at)
    assert (order.remind_at, order.reminded_at) == (None, None)
    assert set(told(order)) == {("MERCHANT", "held"), ("CREATOR", "held")}
    event = last_event(order)
    assert (event.verb, event.role, event.note) == ("hold", "MAIL", "550 no such user")
    assert pockets(order) == {"held": PRICE_FEN}


@pytest.mark.django_db
def test_while_it_is_held_the_clock_neither_confirms_nor_reminds() -> None:
    order = held(an_order("DELIVERED"))
    much_later = known(order.held_at) + 365 * DAY
    assert engine.sweep(workflow.CONFIRM, at=much_later, by=CLOCK) == []
    assert engine.sweep(workflow.REMIND, at=much_later, by=CLOCK) == []
    assert refusal(workflow.CONFIRM, order, at=much_later, by=CLOCK) == "NOT_REMINDED"


@pytest.mark.parametrize("kind", ["reminder_72", "reminder_24", "reminder_2"])
def test_any_reminder_of_the_present_clock_holds(kind: str) -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, remind_at=WRITTEN)
    asked(case, HOLD, at=WRITTEN, by=MAIL, given=Reminder(kind, NOW))
    assert case.order.held_at == WRITTEN


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        (Reminder("reminder_2", NOW - TICK), {}),
        (BACK, {"held_at": WRITTEN}),
        (Reminder("delivered", WRITTEN), {}),
    ],
    ids=["of an earlier clock", "held already", "no reminder"],
)
def test_nothing_else_holds(given: Reminder, facts: dict[str, Any]) -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, clock_from=NOW, **facts)
    assert refused(case, HOLD, at=CONFIRM_BY, by=MAIL, given=given) == "NOT_THIS_CLOCK"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["ACCEPTED", "DISPUTED", "CONFIRMED", "REVIEWED", "REFUNDED"])
def test_what_is_not_delivered_or_has_moved_on_is_not_held(state: str) -> None:
    order = an_order(state)
    assert refusal(HOLD, order, at=NOW + 30 * DAY, by=MAIL, given=BACK) == "WRONG_STATE"


@pytest.mark.django_db
def test_nobody_but_the_mail_server_holds() -> None:
    order = an_order("DELIVERED")
    for by in (merchant_of(order), creator_of(order), CLOCK, a_member_of_staff()):
        assert refusal(HOLD, order, at=CONFIRM_BY, by=by, given=BACK) == "WRONG_STATE"


# What people may do meanwhile


@pytest.mark.django_db
@pytest.mark.rule("V34")
def test_the_merchant_may_confirm_at_any_time() -> None:
    order = held(an_order("DELIVERED"))
    order = do(workflow.CONFIRM, order, at=known(order.confirm_by) + 9 * DAY, by=merchant_of(order))
    assert (order.state, order.held_at, order.confirm_by) == ("CONFIRMED", None, None)
    assert pockets(order) == {"in_transit": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_the_merchant_may_dispute_at_any_time() -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.confirm_by) + 9 * DAY
    order = do(workflow.DISPUTE, order, at=at, by=merchant_of(order), given=Complaint("少了图"))
    assert (order.state, order.held_at) == ("DISPUTED", None)


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_where_the_last_reminder_was_not_delivered_he_may_dispute_after_the_ten_days() -> None:
    order = an_order("DELIVERED")
    at = known(order.confirm_by) + DAY
    do(workflow.DISPUTE, order, at=at, by=merchant_of(order), given=Complaint("少了图"))
    assert fresh(order).state == "DISPUTED"


@pytest.mark.django_db
def test_a_second_delivery_starts_a_clock_that_nothing_holds() -> None:
    order = held(an_order("DELIVERED"))
    at = known(order.held_at) + DAY
    order = do(workflow.DELIVER, order, at=at, by=creator_of(order), given=Content(LINK))
    assert (order.held_at, order.clock_from, order.confirm_by) == (None, at, at + 10 * DAY)
