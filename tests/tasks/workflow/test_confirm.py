"""The merchant confirms, or the clock exactly ten days after the last delivery (V34, V52)."""

from typing import Any

import pytest

from policy.numbers import Policy
from settlement.kinds import Kind
from settlement.pockets import Move
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.confirm import release
from tasks.workflow.decision import CLOCK, Case
from tasks.workflow.deliver import Content
from tests.orders import (
    DAY,
    HOUR,
    LINK,
    NOW,
    PRICE_FEN,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
    reminded,
)
from tests.orders import do as do_and_settle
from tests.verbs import (
    MERCHANT,
    TICK,
    a_case,
    an_operation,
    another_merchant,
    asked,
    do,
    do_again,
    do_twice,
    fresh,
    last_event,
    operation_of,
    refusal,
    refused,
    told,
    transfers,
)

CONFIRM = workflow.CONFIRM
CONFIRM_BY = NOW + 13 * DAY
FEE_20 = Policy(fee_bps=2000)


@pytest.mark.django_db
@pytest.mark.rule("V34", "V52", "V61")
def test_the_merchant_confirms_and_the_reward_is_on_its_way() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    order = do(CONFIRM, order, at=at, by=merchant_of(order))
    assert (order.state, order.confirmed_at, order.confirm_by) == ("CONFIRMED", at, None)
    assert pockets(order) == {"in_transit": PRICE_FEN}
    assert set(told(order)) == {("CREATOR", "confirmed"), ("MERCHANT", "confirmed")}


@pytest.mark.django_db
@pytest.mark.rule("V52")
def test_confirming_asks_for_one_payout_to_the_creators_account() -> None:
    order = an_order("DELIVERED")
    do(CONFIRM, order, at=delivered_at(order) + HOUR, by=merchant_of(order))
    operation = operation_of(order)
    assert (operation.kind, operation.amount_fen) == (Kind.TRANSFER, PRICE_FEN)
    assert operation.payout_account_id == order.creator.payout_account_id


@pytest.mark.django_db
@pytest.mark.rule("V1", "V52")
def test_when_the_gateway_has_paid_the_creator_has_his_money() -> None:
    order = an_order("DELIVERED")
    do_and_settle(CONFIRM, order, at=delivered_at(order) + HOUR, by=merchant_of(order))
    assert pockets(order) == {"paid": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V59")
def test_the_fee_is_taken_at_the_moment_of_release() -> None:
    order = an_order("DELIVERED", policy=FEE_20)
    assert pockets(order) == {"held": PRICE_FEN}
    do(CONFIRM, order, at=delivered_at(order) + HOUR, by=merchant_of(order))
    assert pockets(order) == {"in_transit": 64_000, "fee": 16_000}
    assert transfers(order)[2:] == [("confirm", 64_000), ("fee", 16_000), ("payout", 64_000)]


@pytest.mark.rule("V59")
def test_no_line_is_written_for_a_share_of_nothing() -> None:
    assert release(100, 0, 0) == (Move("confirm", "held", "payable", 100),)
    assert [move.code for move in release(70, 20, 10)] == ["confirm", "fee", "tax"]


def a_reminded_case(**facts: Any) -> Case:
    """Delivered, and the merchant's last reminder was delivered too (N4)."""
    complete = {"clock_from": NOW, "reminded_at": CONFIRM_BY - 2 * HOUR, **facts}
    return a_case("DELIVERED", confirm_by=CONFIRM_BY, pockets={"held": PRICE_FEN}, **complete)


@pytest.mark.rule("V52")
def test_one_microsecond_before_the_ten_days_the_clock_may_not_confirm() -> None:
    case = a_reminded_case()
    assert refused(case, CONFIRM, at=CONFIRM_BY - TICK, by=CLOCK) == "NOT_DUE"


@pytest.mark.rule("V52")
def test_exactly_after_the_ten_days_the_clock_confirms() -> None:
    case = a_reminded_case()
    assert asked(case, CONFIRM, at=CONFIRM_BY, by=CLOCK).ask is not None


@pytest.mark.rule("N4")
def test_without_a_reminder_that_was_delivered_the_clock_never_confirms() -> None:
    case = a_reminded_case(reminded_at=None)
    assert refused(case, CONFIRM, at=CONFIRM_BY, by=CLOCK) == "NOT_REMINDED"
    assert refused(case, CONFIRM, at=CONFIRM_BY + 365 * DAY, by=CLOCK) == "NOT_REMINDED"


@pytest.mark.rule("N4")
def test_what_is_held_the_clock_does_not_confirm() -> None:
    case = a_reminded_case(held_at=CONFIRM_BY - HOUR)
    assert refused(case, CONFIRM, at=CONFIRM_BY, by=CLOCK) == "NOT_REMINDED"


@pytest.mark.django_db
@pytest.mark.rule("N4")
def test_the_sweep_does_not_even_look_at_what_was_not_reminded() -> None:
    waiting, ready = an_order("DELIVERED"), reminded(an_order("DELIVERED"))
    assert ready.confirm_by is not None
    assert engine.due(CONFIRM, at=ready.confirm_by + DAY, size=9) == [ready.pk]
    engine.sweep(CONFIRM, at=ready.confirm_by + DAY, by=CLOCK)
    assert (fresh(ready).state, fresh(waiting).state) == ("CONFIRMED", "DELIVERED")
    assert pockets(waiting) == {"held": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V52")
def test_the_sweep_confirms_at_the_instant_and_not_a_microsecond_before() -> None:
    order = reminded(an_order("DELIVERED"))
    due = delivered_at(order) + 10 * DAY
    assert engine.sweep(CONFIRM, at=due - TICK, by=CLOCK) == []
    assert [outcome.result for outcome in engine.sweep(CONFIRM, at=due, by=CLOCK)] == ["DONE"]
    event = last_event(order)
    assert (event.verb, event.role, event.by_id, event.at) == ("confirm", "CLOCK", None, due)


@pytest.mark.django_db
@pytest.mark.rule("V52")
def test_the_ten_days_count_from_the_last_delivery() -> None:
    order = an_order("DELIVERED")
    first = delivered_at(order)
    do(workflow.DELIVER, order, at=first + 4 * DAY, by=creator_of(order), given=Content(LINK))
    reminded(order)
    assert engine.sweep(CONFIRM, at=first + 10 * DAY, by=CLOCK) == []
    assert len(engine.sweep(CONFIRM, at=first + 14 * DAY, by=CLOCK)) == 1


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_while_in_dispute_the_clock_stands_still() -> None:
    an_order("DISPUTED")
    assert engine.sweep(CONFIRM, at=NOW + 365 * DAY, by=CLOCK) == []


@pytest.mark.rule("V52")
def test_the_merchant_may_still_confirm_when_the_clock_could() -> None:
    case = a_case("DELIVERED", confirm_by=CONFIRM_BY, pockets={"held": PRICE_FEN})
    assert asked(case, CONFIRM, at=CONFIRM_BY + DAY, by=MERCHANT).ask is not None


def test_while_the_gateway_is_working_on_the_order_nobody_can_confirm() -> None:
    case = a_case("DELIVERED", operation=an_operation(Kind.CAPTURE))
    assert refused(case, CONFIRM, at=NOW, by=MERCHANT) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["UNPAID", "PAID", "ACCEPTED", "DISPUTED", "REFUNDED", "OVERDUE"])
def test_only_what_was_delivered_can_be_confirmed(state: str) -> None:
    order = an_order(state)
    at = delivered_at(order) + 3 * DAY
    assert refusal(CONFIRM, order, at=at, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
def test_another_merchant_does_not_find_the_order() -> None:
    order = an_order("DELIVERED")
    assert refusal(CONFIRM, order, at=delivered_at(order), by=another_merchant()) == "NOT_FOUND"


@pytest.mark.django_db
def test_a_creator_cannot_confirm_his_own_work() -> None:
    order = an_order("DELIVERED")
    assert refusal(CONFIRM, order, at=delivered_at(order), by=creator_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_confirming_a_second_time_is_no_error_and_pays_nothing_more() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    do(CONFIRM, order, at=at, by=merchant_of(order))
    assert do_again(CONFIRM, order, at=at + HOUR, by=merchant_of(order)) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_what_the_clock_confirmed_the_merchant_finds_confirmed() -> None:
    order = reminded(an_order("DELIVERED"))
    due = delivered_at(order) + 10 * DAY
    engine.sweep(CONFIRM, at=due, by=CLOCK)
    assert do_again(CONFIRM, order, at=due + TICK, by=merchant_of(order)) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_confirms_once() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    assert do_twice(CONFIRM, order, at=at, by=merchant_of(order)) == "ALREADY"


@pytest.mark.django_db
@pytest.mark.rule("N1")
def test_the_preview_is_what_confirming_then_does_and_changes_nothing() -> None:
    order = an_order("DELIVERED", policy=FEE_20)
    at = delivered_at(order) + HOUR
    [(_, decision)] = engine.preview(CONFIRM, [order.pk], at=at, by=merchant_of(order))
    assert pockets(order) == {"held": PRICE_FEN}
    do(CONFIRM, order, at=at, by=merchant_of(order))
    assert transfers(order)[2:] == [(move.code, move.amount_fen) for move in decision.moves]
