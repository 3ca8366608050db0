"""The engine: what it locks, asks and writes, whatever the verb."""

import pytest

from settlement import check
from settlement.models import Escrow, Operation, Transfer
from tasks import workflow
from tasks.models import Order, OrderEvent
from tasks.states import State
from tasks.workflow import engine
from tests.orders import (
    DAY,
    HOUR,
    NOW,
    PRICE_FEN,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_an_order_can_be_brought_into_every_state_and_the_ledger_agrees(state: str) -> None:
    order = an_order(state)
    assert order.state == state
    assert check.run(at=NOW).differences == []
    assert not Operation.objects.filter(resolved_at=None).exists()
