"""The gateway ended a freeze by itself: an order that waits to be accepted ends, repaid."""

import pytest

from settlement import check
from settlement.kinds import Kind
from settlement.models import Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import answers
from tests.orders import DAY, HOUR, NOW, PRICE_FEN, an_order, creator_of, pockets
from tests.verbs import do, fresh, told, transfers, world

pytestmark = pytest.mark.django_db


def freeze_of(order: Order) -> Operation:
    return Operation.objects.get(kind=Kind.FREEZE, shares__order_id=order.pk)


@pytest.mark.rule("V53")
def test_a_paid_order_ends_with_its_money_returned() -> None:
    order = an_order("PAID")
    assert answers.freeze_closed(freeze_of(order), [order.pk], NOW + DAY) == []
    after = fresh(order)
    assert (after.state, after.reason) == ("VOID", "FREEZE_CLOSED")
    assert after.closed_at == NOW + DAY
    assert pockets(order) == {"returned": PRICE_FEN}
    assert transfers(order) == [("freeze", PRICE_FEN), ("return", PRICE_FEN)]
    assert told(order) == [("MERCHANT", "freeze_closed"), ("CREATOR", "freeze_closed")]
    assert check.run(at=NOW + DAY).differences == []


def test_it_ends_once() -> None:
    order = an_order("PAID")
    answers.freeze_closed(freeze_of(order), [order.pk], NOW + DAY)
    before = world(order)
    assert answers.freeze_closed(freeze_of(order), [order.pk], NOW + 2 * DAY) == []
    assert world(order) == before


def test_an_order_whose_capture_is_under_way_is_left_to_its_answer() -> None:
    paid = an_order("PAID")
    order = do(workflow.ACCEPT, paid, at=NOW + HOUR, by=creator_of(paid))
    before = world(order)
    assert answers.freeze_closed(freeze_of(order), [order.pk], NOW + DAY) == [order.pk]
    assert world(order) == before
