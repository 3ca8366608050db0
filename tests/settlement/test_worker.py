"""The worker: send once, query before sending again, close only on what is certain."""

import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, OperationalError

from settlement import check, operations, worker
from settlement.gateway.messages import Answer, Ask, Outcome
from settlement.kinds import Kind
from settlement.models import Halt, Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, Actor, Verb
from tests.gateway import ScriptedGateway, scripted
from tests.orders import (
    DUE,
    HOUR,
    NOW,
    START,
    a_sent_task,
    an_order,
    creator_of,
    merchant_of,
    pockets,
    settle,
    start_payment,
)
from tests.verbs import fresh, operation_of

pytestmark = pytest.mark.django_db

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class Crash(BaseException):
    """The process dies here: nothing catches it."""


def asked_for(kind: Kind) -> tuple[Order, datetime]:
    """An order with an operation of this kind in READY, and the instant of its asking."""
    if kind == Kind.FREEZE:
        task = a_sent_task()
        start_payment(task)
        return task.orders.get(), NOW
    table: dict[str, tuple[str, Verb, datetime, Callable[[Order], Actor]]] = {
        Kind.CAPTURE: ("PAID", workflow.ACCEPT, NOW + HOUR, creator_of),
        Kind.UNFREEZE: ("PAID", workflow.LAPSE, START, lambda _: CLOCK),
        Kind.REFUND: ("ACCEPTED", workflow.OVERDUE, DUE, lambda _: CLOCK),
        Kind.TRANSFER: ("DELIVERED", workflow.CONFIRM, DUE, merchant_of),
    }
    state, verb, at, by = table[kind]
    order = an_order(state)
    engine.run_one(verb, order.pk, at=at, by=by(order))
    return order, at


WHERE_IT_ENDS = {
    Kind.FREEZE: "frozen",
    Kind.CAPTURE: "held",
    Kind.UNFREEZE: "returned",
    Kind.REFUND: "returned",
    Kind.TRANSFER: "paid",
}
KINDS = list(WHERE_IT_ENDS)


def executions(gateway: ScriptedGateway) -> list[str]:
    return [out_no for what, _, out_no in gateway.asked if what == "send"]


# The places at which a process may die (crash points 2 to 6)


def before_the_send() -> Any:
    return patch("settlement.worker.ask_of", side_effect=Crash)


def lost_on_the_way() -> Any:
    return patch("settlement.gateway.adapter.send", side_effect=Crash)


def after_it_was_executed(gateway: ScriptedGateway) -> Any:
    def send(ask: Ask) -> Answer:
        gateway.send(ask)
        raise Crash

    return patch("settlement.gateway.adapter.send", send)


def before_it_was_recorded() -> Any:
    return patch("settlement.worker.record", side_effect=Crash)


def while_it_was_recorded() -> Any:
    return patch("tasks.workflow.writing._statement", side_effect=Crash)


CRASHES: dict[str, Callable[[ScriptedGateway], Any]] = {
    "3 before the send": lambda _: before_the_send(),
    "4 lost on the way": lambda _: lost_on_the_way(),
    "5 after it was executed": after_it_was_executed,
    "6 before it was recorded": lambda _: before_it_was_recorded(),
    "6 while it was recorded": lambda _: while_it_was_recorded(),
}


@pytest.mark.rule("N20")
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
@pytest.mark.parametrize("kind", [k for k in KINDS if k != Kind.FREEZE])
def test_whenever_a_worker_dies_the_money_moves_exactly_once(
    kind: Kind, crash: Callable[[ScriptedGateway], Any]
) -> None:
    order, at = asked_for(kind)
    operation = operation_of(order)
    with scripted() as gateway:
        with crash(gateway), pytest.raises(Crash):
            settle(at)
        operation.refresh_from_db()
        assert operation.state == "SENT"
        settle(at + MINUTE - SECOND)  # the lease still runs
        operation.refresh_from_db()
        assert operation.state == "SENT"
        settle(at + MINUTE)
    assert pockets(order) == {WHERE_IT_ENDS[kind]: order.price_fen}
    assert list(gateway.done) == [operation.out_no]
    assert check.run(at=at).differences == []


@pytest.mark.rule("N20")
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
def test_whenever_a_worker_dies_over_a_payment_it_is_frozen_exactly_once(
    crash: Callable[[ScriptedGateway], Any],
) -> None:
    order, at = asked_for(Kind.FREEZE)
    with scripted() as gateway:
        gateway.payer_confirms = False
        with crash(gateway), pytest.raises(Crash):
            pay_and_confirm(gateway, at)
        gateway.payer_confirms = True
        settle(at + 2 * MINUTE)
        settle(at + 3 * MINUTE)
    assert (fresh(order).state, pockets(order)) == ("PAID", {"frozen": order.price_fen})
    assert len(gateway.done) == 1


def pay_and_confirm(gateway: ScriptedGateway, at: datetime) -> None:
    settle(at)
    gateway.payer_confirms = True
    settle(at + 3 * SECOND)


def test_what_was_committed_is_found_without_a_doorbell() -> None:
    order, at = asked_for(Kind.CAPTURE)  # crash point 2: the bell never rang
    with scripted():
        assert settle(at + DAY / 24) == 1
    assert pockets(order) == {"held": order.price_fen}


# Query first, resend the same


def test_a_second_attempt_queries_before_it_sends() -> None:
    order, at = asked_for(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.UNKNOWN
        settle(at)
        del gateway.says["TRANSFER"]
        settle(at + HOUR)
    number = Operation.objects.get(kind=Kind.TRANSFER).out_no
    assert gateway.asked == [
        ("send", "TRANSFER", number),
        ("query", "TRANSFER", number),
        ("send", "TRANSFER", number),
    ]
    assert pockets(order) == {"paid": order.price_fen}


@pytest.mark.rule("N20")
def test_a_payout_that_never_arrived_is_asked_about_and_not_sent_while_payouts_are_halted() -> None:
    order, at = asked_for(Kind.TRANSFER)
    before = pockets(order)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.UNKNOWN
        settle(at)
        del gateway.says["TRANSFER"]
        operations.halt(Halt.Scope.PAYOUTS, "the ledger differs", at=at)
        settle(at + HOUR)
        assert [what for what, _, _ in gateway.asked] == ["send", "query"]
        assert (pockets(order), gateway.done) == (before, {})
        Halt.objects.update(cleared_at=at + HOUR)
        settle(at + 2 * HOUR)
    assert [what for what, _, _ in gateway.asked] == ["send", "query", "query", "send"]
    assert pockets(order) == {"paid": order.price_fen}


def test_what_the_query_finds_done_is_not_sent_again() -> None:
    order, at = asked_for(Kind.TRANSFER)
    with scripted() as gateway:
        with patch("settlement.gateway.adapter.send", lost_answer(gateway)):
            settle(at)
        settle(at + HOUR)
    assert [what for what, _, _ in gateway.asked] == ["send", "query"]
    assert pockets(order) == {"paid": order.price_fen}


def lost_answer(gateway: ScriptedGateway) -> Callable[[Ask], Answer]:
    def send(ask: Ask) -> Answer:
        gateway.send(ask)
        return Answer(Outcome.UNKNOWN)

    return send


@pytest.mark.parametrize("kind", [k for k in KINDS if k != Kind.FREEZE])
def test_does_not_exist_never_means_failed(kind: Kind) -> None:
    order, at = asked_for(kind)
    before = pockets(order)
    with scripted() as gateway:
        gateway.says[kind] = Outcome.UNKNOWN
        gateway.says[f"{kind}?"] = Outcome.NOT_FOUND
        for hours in range(12):
            settle(at + hours * HOUR)
    operation = operation_of(order)
    assert operation.state == "UNKNOWN"
    assert set(executions(gateway)) == {operation.out_no}
    assert pockets(order) == before


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.IN_PROGRESS, Outcome.HOLD])
def test_an_uncertain_query_sends_nothing(outcome: Outcome) -> None:
    _, at = asked_for(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.UNKNOWN
        gateway.says["TRANSFER?"] = outcome
        settle(at)
        settle(at + HOUR)
    assert [what for what, _, _ in gateway.asked] == ["send", "query"]


# What is not a yes and not a no


def test_when_the_platform_is_out_of_money_the_same_number_waits() -> None:
    order, at = asked_for(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Answer(Outcome.HOLD, sub_code="PAYER_BALANCE_NOT_ENOUGH")
        settle(at)
    operation = operation_of(order)
    assert (operation.state, operation.trouble) == ("UNKNOWN", "PAYER_BALANCE_NOT_ENOUGH")
    assert operation.next_at == at + operations.HOLD
    assert pockets(order) == {"in_transit": order.price_fen}


def test_when_the_gateway_refuses_our_set_up_everything_stops() -> None:
    order, at = asked_for(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Answer(Outcome.CONFIG, sub_code="isv.invalid-signature")
        settle(at)
        assert Halt.objects.get().scope == "ALL"
        del gateway.says["TRANSFER"]
        assert settle(at + DAY) == 0
        Halt.objects.update(cleared_at=at)
        settle(at + 2 * HOUR)
    assert pockets(order) == {"paid": order.price_fen}


@pytest.mark.parametrize("kind", [k for k in KINDS if k != Kind.FREEZE])
def test_after_a_day_without_a_definite_answer_a_person_has_to_look(kind: Kind) -> None:
    order, at = asked_for(kind)
    with scripted() as gateway:
        gateway.says[kind] = gateway.says[f"{kind}?"] = Outcome.UNKNOWN
        for hour in range(24):
            settle(at + hour * HOUR)
        assert operation_of(order).state == "UNKNOWN"
        settle(at + 25 * HOUR)
    operation = operation_of(order)
    assert (operation.state, operation.trouble) == ("MANUAL", "open for too long")
    assert operation.next_at == at + 26 * HOUR


def in_a_persons_hands(kind: Kind, outcome: Outcome = Outcome.MANUAL) -> tuple[Order, datetime]:
    order, at = asked_for(kind)
    with scripted() as gateway:
        gateway.says[kind] = Answer(outcome, message="AMOUNT differs")
        settle(at)
    assert operation_of(order).state == "MANUAL"
    return order, at


def test_what_a_person_has_to_look_at_is_still_queried_hourly_and_ends_by_itself() -> None:
    order, at = in_a_persons_hands(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER?"] = Answer(Outcome.SUCCESS, gateway_no="late")
        assert settle(at + HOUR - SECOND) == 0
        settle(at + HOUR)
    assert pockets(order) == {"paid": order.price_fen}


@pytest.mark.parametrize(
    "outcome",
    [Outcome.NOT_FOUND, Outcome.UNKNOWN, Outcome.IN_PROGRESS, Outcome.HOLD, Outcome.WAIT_USER],
)
def test_what_a_person_has_to_look_at_is_never_sent_again(outcome: Outcome) -> None:
    order, at = in_a_persons_hands(Kind.TRANSFER)
    with scripted() as gateway:
        gateway.says["TRANSFER?"] = outcome
        for hours in range(1, 5):
            settle(at + hours * HOUR)
    assert {what for what, _, _ in gateway.asked} == {"query"}
    assert operation_of(order).state == "MANUAL"
    assert operation_of(order).trouble == "AMOUNT differs"


def test_an_order_with_an_operation_in_a_persons_hands_is_blocked() -> None:
    order, at = in_a_persons_hands(Kind.CAPTURE)
    assert engine.sweep(workflow.OVERDUE, at=DUE, by=CLOCK) == []
    [outcome] = engine.run(workflow.OVERDUE, [order.pk], at=DUE, by=CLOCK)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "MONEY_ON_ITS_WAY"
    assert at < DUE


# An answer that cannot be written down


def test_an_answer_that_no_verb_can_record_is_shown_to_a_person() -> None:
    order, at = asked_for(Kind.CAPTURE)
    operation = operation_of(order)
    with scripted(), patch("tasks.workflow.mark_secured.Move", side_effect=ValueError("odd")):
        settle(at)
    operation.refresh_from_db()
    assert operation.state == "MANUAL"
    assert operation.attempts.count() == 1
    assert pockets(order) == {"frozen": order.price_fen}


def test_a_database_that_goes_away_leaves_the_lease_to_run_out() -> None:
    order, at = asked_for(Kind.CAPTURE)
    gone = patch("settlement.handlers.handle", side_effect=OperationalError("gone"))
    with scripted() as gateway:
        with gone, pytest.raises(OperationalError):
            settle(at)
        settle(at + MINUTE)
    assert pockets(order) == {"held": order.price_fen}
    assert [what for what, _, _ in gateway.asked] == ["send", "query"]


def test_an_answer_that_the_database_refuses_is_shown_to_a_person_and_stops_no_other() -> None:
    broken, at = asked_for(Kind.CAPTURE)
    other, _ = asked_for(Kind.CAPTURE)
    refused = IntegrityError("a key that is there already")
    with scripted(), failing_once("tasks.workflow.mark_secured.Move", refused):
        settle(at)
    assert operation_of(broken).state == "MANUAL"
    assert pockets(other) == {"held": other.price_fen}


@contextmanager
def failing_once(name: str, problem: Exception) -> Iterator[None]:
    """The first call of the named function fails, the next ones do what they always did."""
    original = pkgutil.resolve_name(name)
    left = [problem]

    def call(*args: Any, **kwargs: Any) -> Any:
        if left:
            raise left.pop()
        return original(*args, **kwargs)

    with patch(name, call):
        yield


def test_every_request_and_its_answer_is_kept() -> None:
    order, at = asked_for(Kind.TRANSFER)
    operation = operation_of(order)
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.UNKNOWN
        settle(at)
        del gateway.says["TRANSFER"]
        settle(at + HOUR)
    found = list(operation.attempts.values_list("what", "outcome"))
    assert found == [("SEND", "UNKNOWN"), ("QUERY", "NOT_FOUND"), ("SEND", "SUCCESS")]
    operation.refresh_from_db()
    assert (operation.asks, operation.sends) == (3, 2)


def test_a_transfer_is_sent_to_the_account_that_its_operation_names() -> None:
    order, at = asked_for(Kind.TRANSFER)
    sent: list[Ask] = []
    with scripted() as gateway:

        def send(ask: Ask) -> Answer:
            sent.append(ask)
            return gateway.send(ask)

        with patch("settlement.gateway.adapter.send", send):
            settle(at)
    assert sent[0].payee is not None
    assert (sent[0].payee.logon_id, sent[0].payee.name) == ("creator@example.com", "李鹿")
    assert "creator@example.com" not in repr(sent[0])
    assert order.price_fen == sent[0].amount_fen


def test_a_capture_takes_its_payer_from_the_freeze() -> None:
    order, _ = asked_for(Kind.CAPTURE)
    assert worker.ask_of(operation_of(order)).request["payer_user_id"] == "2088000000000001"
    assert "payer_user_id" not in operation_of(order).request


def test_while_the_payer_is_asked_to_confirm_the_worker_looks_every_few_seconds() -> None:
    order, at = asked_for(Kind.FREEZE)
    with scripted() as gateway:
        gateway.payer_confirms = False
        settle(at)
        operation = operation_of(order)
        assert (operation.state, operation.code_url) == ("WAIT_USER", "https://pay.example/1")
        assert operation.next_at <= at + 3 * SECOND
        settle(at + 3 * SECOND)
        operation.refresh_from_db()
        assert (operation.state, operation.code_url) == ("WAIT_USER", "https://pay.example/1")
    assert len(executions(gateway)) == 1


def test_after_many_looks_for_the_payer_a_first_doubt_is_cleared_within_seconds() -> None:
    order, at = asked_for(Kind.FREEZE)
    with scripted() as gateway:
        gateway.payer_confirms = False
        for looks in range(20):
            settle(at + looks * 3 * SECOND)
        gateway.says["FREEZE?"] = Outcome.UNKNOWN
        settle(at + 2 * MINUTE)
        operation = operation_of(order)
        assert operation.state == "UNKNOWN"
        assert operation.next_at <= at + 2 * MINUTE + 6 * SECOND
        settle(operation.next_at)
        operation.refresh_from_db()
        assert operation.next_at >= at + 2 * MINUTE + 12 * SECOND
