"""What the gateway answers becomes a verb: paid, unpaid, secured, returned, paid out, blocked."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from creators.workflow.profile import PayoutFacts, change_payout_account
from settlement import handlers, worker
from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Escrow, Operation
from settlement.operations import End
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.answer import Answered
from tasks.workflow.decision import CLOCK, GATEWAY, Refused
from tasks.workflow.rule import Judgement
from tests.builders import a_creator
from tests.gateway import scripted
from tests.orders import (
    DAY,
    DUE,
    HOUR,
    NOW,
    PRICE_FEN,
    START,
    STEPS,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
    settle,
    start_payment,
)
from tests.verbs import (
    TICK,
    a_member_of_staff,
    do,
    fresh,
    last_event,
    operation_of,
    refusal,
    told,
    transfers,
)

MINUTE = timedelta(minutes=1)
NO = Answer(Outcome.FAILED, sub_code="PAYEE_NOT_EXIST")


def a_freeze_answered(answer: Answer | Outcome | None, *, at: datetime = NOW) -> Order:
    """An order whose payment was asked for at NOW and answered `at`; None: the payer confirms."""
    task = a_sent_task()
    start_payment(task)
    with scripted() as gateway:
        settle(NOW)
        if answer is not None:
            gateway.says["FREEZE?"] = answer
        settle(at + 5 * timedelta(seconds=1))
    return task.orders.get()


def holding(fund: int, credit: int, **more: Any) -> Answer:
    facts = {"fund_amount_fen": fund, "credit_amount_fen": credit, **more}
    return Answer(Outcome.SUCCESS, gateway_no="auth-1", facts=facts)


def state_of(order: Order) -> str:
    return str(Order.objects.get(pk=order.pk).state)


# The freeze


@pytest.mark.django_db
@pytest.mark.rule("V31", "V50")
def test_a_confirmed_freeze_makes_the_order_paid_and_freezes_the_price() -> None:
    order = a_freeze_answered(None)
    assert (order.state, pockets(order)) == ("PAID", {"frozen": PRICE_FEN})
    assert told(order) == [("CREATOR", "received")]
    event = last_event(order)
    assert (event.verb, event.role) == ("mark_paid", "GATEWAY")
    assert event.terms is not None
    assert event.terms["net_fen"] == PRICE_FEN


@pytest.mark.django_db
@pytest.mark.rule("V17", "V50")
@pytest.mark.parametrize(
    "answer",
    [
        holding(0, PRICE_FEN),
        holding(PRICE_FEN - 1, 1),
        holding(PRICE_FEN, 1),
        holding(PRICE_FEN - 1, 0),
        holding(PRICE_FEN, 0, rest_amount_fen=0),
        Answer(Outcome.SUCCESS, gateway_no="auth-1"),
    ],
    ids=["credit", "mixed", "more", "less", "ended meanwhile", "silent"],
)
def test_a_freeze_that_holds_no_money_is_released_at_once_and_leaves_the_order_unpaid(
    answer: Answer,
) -> None:
    task = a_sent_task()
    start_payment(task)
    order = task.orders.get()
    freeze = operation_of(order)
    with scripted() as gateway:
        settle(NOW)
        gateway.says["FREEZE?"] = answer
        settle(NOW + 5 * timedelta(seconds=1))
    order = fresh(order)
    assert (order.state, order.trouble) == ("UNPAID", "FREEZE_HOLDS_NO_MONEY")
    assert pockets(order) == {}
    freeze.refresh_from_db()
    assert freeze.state == "FAILED"
    [cancel] = Operation.objects.filter(kind=Kind.CANCEL_FREEZE)
    assert (cancel.state, cancel.request["freeze_out_no"]) == ("SUCCEEDED", freeze.out_no)


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_a_freeze_that_failed_leaves_the_order_unpaid_with_the_reason() -> None:
    order = a_freeze_answered(Answer(Outcome.FAILED, sub_code="PAYER_REFUSED"))
    assert (order.state, order.trouble, pockets(order)) == ("UNPAID", "PAYER_REFUSED", {})
    assert not Operation.objects.filter(resolved_at=None).exists()


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_a_freeze_that_the_gateway_closed_unpaid_needs_no_cancelling() -> None:
    order = a_freeze_answered(Outcome.EXPIRED)
    assert (order.state, order.trouble) == ("UNPAID", "PAYMENT_EXPIRED")
    assert [o.kind for o in Operation.objects.all()] == [Kind.FREEZE]


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_a_freeze_that_nobody_confirmed_in_time_is_cancelled_at_the_gateway() -> None:
    order = a_freeze_answered(Outcome.WAIT_USER, at=NOW + 15 * MINUTE)
    assert (order.state, order.trouble) == ("UNPAID", "PAYMENT_EXPIRED")
    assert [o.kind for o in Operation.objects.order_by("pk")] == ["FREEZE", "CANCEL_FREEZE"]
    assert not Operation.objects.filter(resolved_at=None).exists()


@pytest.mark.django_db
@pytest.mark.rule("V36", "V53")
def test_a_freeze_that_succeeds_at_the_start_is_undone_and_the_order_is_void() -> None:
    task = a_sent_task()
    start_payment(task, at=START - MINUTE)
    order = task.orders.get()
    with scripted() as gateway:
        settle(START - MINUTE)
        gateway.says["UNFREEZE"] = Outcome.UNKNOWN
        settle(START)
    order = fresh(order)
    assert (order.state, order.reason) == ("VOID", "PAID_TOO_LATE")
    assert pockets(order) == {"frozen": PRICE_FEN}
    assert operation_of(order).kind == Kind.UNFREEZE


@pytest.mark.django_db
@pytest.mark.rule("V36", "V53")
def test_a_freeze_of_an_order_that_the_clock_voided_goes_back_whole() -> None:
    task = a_sent_task()
    start_payment(task, at=START - MINUTE)
    order = task.orders.get()
    with scripted():
        settle(START - MINUTE)
        do(workflow.VOID, order, at=START, by=CLOCK)
        settle(START + MINUTE)
    assert (state_of(order), pockets(order)) == ("VOID", {"returned": PRICE_FEN})


@pytest.mark.django_db
def test_a_freeze_that_was_never_sent_in_time_is_not_sent_any_more() -> None:
    task = a_sent_task()
    start_payment(task)
    with scripted() as gateway:
        settle(NOW + 15 * MINUTE)
    assert gateway.asked == []
    assert Operation.objects.get().state == "EXPIRED"


# The capture


@pytest.mark.django_db
@pytest.mark.rule("V51")
def test_a_capture_that_was_refused_for_good_ends_the_order_and_releases_the_freeze() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    with scripted() as gateway:
        gateway.says["CAPTURE"] = Answer(Outcome.FAILED, sub_code="AUTH_ORDER_HAS_CLOSED")
        settle(NOW + HOUR)
    order = Order.objects.get(pk=order.pk)
    assert (order.state, order.reason) == ("VOID", "UNSECURED")
    assert pockets(order) == {"returned": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V51")
def test_a_secured_reward_is_told_to_the_creator() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    with scripted():
        settle(NOW + HOUR + TICK)
    order = fresh(order)
    assert order.secured_at == NOW + HOUR + TICK
    assert told(order) == [("CREATOR", "secured")]


# The way back


@pytest.mark.django_db
@pytest.mark.rule("V53")
@pytest.mark.parametrize(("state", "code"), [("LAPSED", "frozen"), ("OVERDUE", "refund")])
def test_what_came_back_is_told_to_the_merchant(state: str, code: str) -> None:
    order = an_order(state)
    assert pockets(order) == {"returned": PRICE_FEN}
    assert told(order) == [("MERCHANT", "returned")]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Kind.UNFREEZE, Kind.REFUND])
def test_a_refused_return_needs_a_person_and_the_money_stays_on_its_way(kind: Kind) -> None:
    order = a_blocked_return(kind)
    operation = operation_of(order)
    assert (operation.state, operation.trouble[:12]) == ("MANUAL", "NeedsAPerson")
    where = "frozen" if kind == Kind.UNFREEZE else "refund_in_transit"
    assert pockets(order) == {where: PRICE_FEN}


def a_blocked_return(kind: Kind) -> Order:
    """A lapse or an overdue order whose money the gateway refuses to send back."""
    verb, state, at = {
        Kind.UNFREEZE: (workflow.LAPSE, "PAID", START),
        Kind.REFUND: (workflow.OVERDUE, "ACCEPTED", DUE),
    }[kind]
    order = an_order(state)
    do(verb, order, at=at, by=CLOCK)
    with scripted() as gateway:
        gateway.says[kind] = Answer(Outcome.FAILED, sub_code="NO")
        settle(at)
    return order


@pytest.mark.django_db
@pytest.mark.rule("V53")
@pytest.mark.parametrize("kind", [Kind.UNFREEZE, Kind.REFUND])
def test_when_ops_found_that_it_did_not_happen_the_return_is_asked_for_anew(kind: Kind) -> None:
    order = a_blocked_return(kind)
    first = operation_of(order)
    decided(first, happened=False)
    assert Order.objects.get(pk=order.pk).trouble == "RETURN_BLOCKED"
    staff = a_member_of_staff()
    do(workflow.RETURN_AGAIN, order, at=DUE + DAY, by=staff)
    assert operation_of(order).out_no != first.out_no
    with scripted():
        settle(DUE + DAY)
    assert pockets(order) == {"returned": PRICE_FEN}
    assert refusal(workflow.RETURN_AGAIN, order, at=DUE + DAY, by=staff) == "NOTHING_TO_RETURN"


def decided(operation: Operation, *, happened: bool) -> None:
    handlers.decide(operation, happened, DUE + HOUR)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Kind.UNFREEZE, Kind.REFUND])
def test_when_ops_found_that_it_happened_the_money_is_returned(kind: Kind) -> None:
    order = a_blocked_return(kind)
    decided(operation_of(order), happened=True)
    assert pockets(order) == {"returned": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V53")
@pytest.mark.parametrize("answer", [Answer(Outcome.SUCCESS, gateway_no="t"), NO])
def test_a_blocked_refund_is_not_forgotten_while_the_creators_part_goes_its_way(
    answer: Answer,
) -> None:
    order = an_order("DISPUTED")
    at, staff = DUE + DAY, a_member_of_staff()
    do(workflow.RULE, order, at=at, by=staff, given=Judgement(PRICE_FEN // 4, "三张缺一张"))
    with scripted() as gateway:
        gateway.says["REFUND"] = Outcome.MANUAL
        settle(at)
    handlers.decide(operation_of(order), False, at)
    do(workflow.PAY_OUT, order, at=at, by=creator_of(order))
    with scripted() as gateway:
        gateway.says["TRANSFER"] = answer
        settle(at)
    assert fresh(order).trouble == "RETURN_BLOCKED"
    do(workflow.RETURN_AGAIN, order, at=at, by=staff)
    with scripted():
        for hours in range(3):
            settle(at + hours * HOUR)
    paid_fen = PRICE_FEN - PRICE_FEN // 4
    assert pockets(order) == {"paid": paid_fen, "returned": PRICE_FEN // 4}
    assert fresh(order).trouble == ""


@pytest.mark.django_db
def test_only_ops_ask_for_a_return_again() -> None:
    order = a_blocked_return(Kind.REFUND)
    decided(operation_of(order), happened=False)
    by = merchant_of(order)
    assert refusal(workflow.RETURN_AGAIN, order, at=DUE + DAY, by=by) == "WRONG_STATE"


# The payout


def a_blocked_payout() -> Order:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    do(workflow.CONFIRM, order, at=at, by=merchant_of(order))
    with scripted() as gateway:
        gateway.says["TRANSFER"] = NO
        settle(at)
    return Order.objects.get(pk=order.pk)


@pytest.mark.django_db
def test_a_refused_payout_leaves_the_order_confirmed_and_the_money_payable() -> None:
    order = a_blocked_payout()
    assert (order.state, order.trouble) == ("CONFIRMED", "PAYOUT_BLOCKED")
    assert pockets(order) == {"payable": PRICE_FEN}
    assert ("CREATOR", "payout_blocked") in told(order)
    assert transfers(order)[-1] == ("payout_failed", PRICE_FEN)


@pytest.mark.django_db
def test_after_a_correction_the_payout_is_a_new_intent_to_the_new_account() -> None:
    order = a_blocked_payout()
    first = Operation.objects.get(kind=Kind.TRANSFER)
    new = change_payout_account(order.creator, PayoutFacts("new@example.com", "李鹿"), at=DUE)
    at = delivered_at(order) + DAY
    order = do(workflow.PAY_OUT, order, at=at, by=creator_of(order))
    second = operation_of(order)
    assert second.out_no != first.out_no
    assert (first.payout_account_id, second.payout_account_id) != (new.pk, new.pk)
    assert second.payout_account_id == new.pk
    assert order.trouble == ""
    with scripted():
        settle(at)
    assert pockets(order) == {"paid": PRICE_FEN}
    assert [line for line in transfers(order) if line[0] in ("payout", "paid")] == [
        ("payout", PRICE_FEN),
        ("payout", PRICE_FEN),
        ("paid", PRICE_FEN),
    ]


@pytest.mark.django_db
def test_a_payout_may_fail_twice_and_still_arrive() -> None:
    order = a_blocked_payout()
    at = delivered_at(order) + DAY
    with scripted() as gateway:
        gateway.says["TRANSFER"] = NO
        do(workflow.PAY_OUT, order, at=at, by=creator_of(order))
        settle(at)
        del gateway.says["TRANSFER"]
        do(workflow.PAY_OUT, order, at=at, by=creator_of(order))
        settle(at)
    assert pockets(order) == {"paid": PRICE_FEN}
    assert Escrow.objects.get(pk=order.pk).payouts == 3


@pytest.mark.django_db
def test_while_a_payout_is_on_its_way_nobody_starts_another() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    do(workflow.CONFIRM, order, at=at, by=merchant_of(order))
    by = creator_of(order)
    assert refusal(workflow.PAY_OUT, order, at=at, by=by) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
def test_what_has_arrived_is_not_paid_out_again() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 2 * DAY
    assert refusal(workflow.PAY_OUT, order, at=at, by=creator_of(order)) == "NOTHING_PAYABLE"
    assert refusal(workflow.PAY_OUT, order, at=at, by=a_member_of_staff()) == "NOTHING_PAYABLE"
    assert refusal(workflow.PAY_OUT, order, at=at, by=merchant_of(order)) == "WRONG_STATE"


@pytest.mark.django_db
def test_a_blocked_payout_does_not_keep_the_merchant_from_reviewing() -> None:
    order = a_blocked_payout()
    STEPS["review"](order, None)
    order = do(workflow.PAY_OUT, order, at=delivered_at(order) + 3 * DAY, by=creator_of(order))
    assert order.state == "REVIEWED"
    assert pockets(order) == {"in_transit": PRICE_FEN}


# The answer itself


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_answer_twice_is_recorded_once() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    operation = operation_of(order)
    yes = Answer(Outcome.SUCCESS, gateway_no="trade-1")
    worker.record(operation, yes, "SEND", NOW + HOUR)
    worker.record(operation, yes, "QUERY", NOW + 2 * HOUR)
    assert pockets(order) == {"held": PRICE_FEN}
    assert transfers(order) == [("freeze", PRICE_FEN), ("capture", PRICE_FEN)]
    assert operation.attempts.count() == 2


@pytest.mark.django_db
def test_an_answer_for_one_freeze_moves_all_its_orders_or_none() -> None:
    task = a_sent_task(a_creator(), a_creator())
    ids = start_payment(task)
    freeze = Operation.objects.get()
    end = End(freeze.pk, freeze.out_no, "SUCCEEDED", gateway_no="auth-1")
    given = Answered(Kind.FREEZE, freeze.out_no, "auth-1")
    with pytest.raises(Refused):
        engine.answer(workflow.MARK_SECURED, end, at=NOW, by=GATEWAY, given=given)
    freeze.refresh_from_db()
    assert freeze.state == "READY"
    assert {
        outcome.order_id
        for outcome in engine.answer(workflow.MARK_PAID, end, at=NOW, by=GATEWAY, given=given)
    } == set(ids)
    freeze.refresh_from_db()
    assert (freeze.state, task.orders.filter(state="PAID").count()) == ("SUCCEEDED", 2)
