"""The sides of the benchmark do the same work."""

from collections.abc import Callable
from typing import Any

import pytest

from bench import verbs, world
from bench.world import NOW, Size
from settlement.ledger import line_of
from settlement.models import Escrow, Operation, Transfer
from settlement.pockets import chain
from tasks.models import Order, OrderEvent, Outbox

pytestmark = pytest.mark.django_db

SIZE = Size(orders=20, transfers=20, due=20)
POCKETS = {"held": 0, "in_transit": world.PRICE_FEN}


@pytest.fixture(autouse=True)
def _filled() -> None:
    for part in (world.people_and_orders, world.ledger):
        part(SIZE)


def by_orm(order_id: int) -> None:
    verbs.one_by_orm(order_id, NOW)


def by_engine(order_id: int) -> None:
    verbs.by_engine(order_id, 1)


def by_posting(order_id: int) -> None:
    verbs.post_one(order_id, NOW)


def new_lines(order_id: int) -> list[Transfer]:
    return list(Transfer.objects.filter(order_id=order_id, at=NOW).order_by("seq"))


def told(lines: list[Transfer]) -> list[tuple[Any, ...]]:
    return [(line.code, line.debit, line.credit, line.amount_fen) for line in lines]


@pytest.mark.parametrize("confirm", [by_engine, by_orm, by_posting])
def test_each_side_posts_the_same_two_lines_in_a_chain(confirm: Callable[[int], None]) -> None:
    head = Escrow.objects.get(pk=1).head

    confirm(1)

    escrow, lines = Escrow.objects.get(pk=1), new_lines(1)
    assert told(lines) == [
        ("confirm", "held", "payable", world.PRICE_FEN),
        ("payout", "payable", "in_transit", world.PRICE_FEN),
    ]
    for line in lines:
        head = chain(head, line_of(line))
        assert line.hash == head
    assert (escrow.seq, escrow.head) == (4, head)
    assert {pocket: getattr(escrow, pocket) for pocket in POCKETS} == POCKETS


@pytest.mark.parametrize("confirm", [by_engine, by_orm])
def test_a_confirmation_leaves_state_event_operation_and_messages(
    confirm: Callable[[int], None],
) -> None:
    confirm(1)

    assert Order.objects.get(pk=1).state == "CONFIRMED"
    (operation,) = Operation.objects.filter(shares__order_id=1)
    assert (operation.kind, operation.state, operation.amount_fen) == (
        "TRANSFER",
        "READY",
        world.PRICE_FEN,
    )
    assert OrderEvent.objects.filter(order_id=1, verb="confirm", at=NOW).count() == 1
    assert Outbox.objects.filter(order_id=1, kind="confirmed").count() == 2


def test_posting_alone_leaves_nothing_but_money() -> None:
    by_posting(1)

    assert Order.objects.get(pk=1).state == "DELIVERED"
    assert not Operation.objects.exists()
    assert not OrderEvent.objects.filter(order_id=1, at=NOW).exists()
    assert not Outbox.objects.exists()
