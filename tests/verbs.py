"""Verbs in tests: done, refused with nothing moved, or asked of a case that no database knows."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest

from policy.numbers import Policy
from settlement.models import Escrow, Operation, OperationOrder, Transfer
from tasks import rules
from tasks.models import Order, OrderEvent, Outbox
from tasks.states import State
from tasks.workflow import engine
from tasks.workflow.decision import Actor, Case, Decision, Refused, Role, Verb
from tests.builders import a_creator, a_merchant, ops
from tests.orders import DUE, NOW, PRICE_FEN, START, everything

TICK = timedelta(microseconds=1)

MERCHANT = Actor(Role.MERCHANT, user_id=1, party_id=1)
CREATOR = Actor(Role.CREATOR, user_id=2, party_id=2)
OPS = Actor(Role.OPS, user_id=3)


def do(verb: Verb, order: Order, *, at: datetime, by: Actor, given: Any = None) -> Order:
    """The order after the verb was done."""
    assert engine.run_one(verb, order.pk, at=at, by=by, given=given).result == engine.DONE
    return Order.objects.get(pk=order.pk)


def fresh(order: Order) -> Order:
    """The order as the database has it now (its protected state cannot be refreshed in place)."""
    return Order.objects.get(pk=order.pk)


def do_again(verb: Verb, order: Order, *, at: datetime, by: Actor, given: Any = None) -> str:
    """What the same step answers once more; proves that it wrote nothing."""
    before = world(order)
    outcome = engine.run_one(verb, order.pk, at=at, by=by, given=given)
    assert world(order) == before
    return outcome.result


def do_twice(verb: Verb, order: Order, *, at: datetime, by: Actor, given: Any = None) -> str:
    """The answer to the same form sent a second time; proves that the second wrote nothing."""
    engine.run_one(verb, order.pk, at=at, by=by, given=given, token="form-1")
    before = world(order)
    outcome = engine.run_one(verb, order.pk, at=at, by=by, given=given, token="form-1")
    assert world(order) == before
    return outcome.result


def refusal(verb: Verb, order: Order, *, at: datetime, by: Actor, given: Any = None) -> str:
    """The code with which the verb is refused; proves that nothing moved."""
    before = world(order)
    with pytest.raises(Refused) as refused:
        engine.run_one(verb, order.pk, at=at, by=by, given=given)
    assert world(order) == before
    assert str(refused.value)
    return refused.value.code


def world(order: Order) -> tuple[Any, ...]:
    """An order with its money, history, gateway operations and messages."""
    shares = OperationOrder.objects.filter(order_id=order.pk).values_list("operation_id")
    operations = Operation.objects.filter(pk__in=shares).order_by("pk")
    return (
        *everything(order),
        list(operations.values("out_no", "state", "asks", "sends", "next_at")),
        Outbox.objects.filter(order=order).count(),
    )


def last_event(order: Order) -> OrderEvent:
    return OrderEvent.objects.filter(order=order).latest("id")


def told(order: Order) -> list[tuple[str, str]]:
    """Who was told what by the last step that told anything."""
    rows = Outbox.objects.filter(order=order).order_by("id")
    newest = rows.latest("id").at
    return [(row.to, row.kind) for row in rows.filter(at=newest)]


def operation_of(order: Order) -> Operation:
    """The open gateway operation of an order."""
    operation = Escrow.objects.get(pk=order.pk).open_operation
    assert operation is not None
    return operation


def transfers(order: Order) -> list[tuple[str, int]]:
    """What was moved for an order: code and fen, in the order of the chain."""
    lines = Transfer.objects.filter(order_id=order.pk).order_by("seq")
    return [(line.code, line.amount_fen) for line in lines]


def another_merchant() -> Actor:
    return Actor.merchant(a_merchant())


def another_creator() -> Actor:
    return Actor.creator(a_creator())


def a_member_of_staff() -> Actor:
    return Actor.ops(ops())


def a_case(
    state: str = "PAID",
    *,
    payout: int | None = 7,
    operation: Operation | None = None,
    pockets: dict[str, int] | None = None,
    policy: Policy | None = None,
    **facts: Any,
) -> Case:
    """A case in memory alone, with the terms of its policy: for the rules that need no database."""
    complete: dict[str, Any] = {
        "pk": 1,
        "task_id": 1,
        "merchant_id": MERCHANT.party_id,
        "creator_id": CREATOR.party_id,
        "price_fen": PRICE_FEN,
        "start_at": START,
        "due_at": DUE,
        "sent_at": NOW,
        "payee": "creator:2",
        **asdict(rules.terms(facts.get("price_fen", PRICE_FEN), policy or Policy())),
    }
    order = Order(state=State(state), **{**complete, **facts})
    money = {"funded": sum((pockets or {}).values()), **(pockets or {})}
    escrow = Escrow(order_id=1, merchant_id=1, auth_no="auth-1", freeze_no="F1", **money)
    if operation is not None:
        operation.pk = operation.pk or 9
        escrow.open_operation_id = operation.pk
    return Case(order, escrow, payout, operation)


def asked(case: Case, verb: Verb, *, at: datetime, by: Actor, given: Any = None) -> Decision:
    """The verb's own decision."""
    return verb.decide(case, at=at, by=by, given=given)


def refused(case: Case, verb: Verb, *, at: datetime, by: Actor, given: Any = None) -> str:
    """The code of the verb's own refusal; the order in memory is as it was."""
    before = {field.attname: getattr(case.order, field.attname) for field in Order._meta.fields}
    with pytest.raises(Refused) as problem:
        verb.decide(case, at=at, by=by, given=given)
    after = {field.attname: getattr(case.order, field.attname) for field in Order._meta.fields}
    assert after == before
    return problem.value.code


def an_operation(kind: str, state: str = "SENT", **facts: Any) -> Operation:
    return Operation(pk=9, kind=kind, state=state, out_no=f"{kind[0]}9", amount_fen=1, **facts)
