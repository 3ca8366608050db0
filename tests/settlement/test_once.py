"""What may happen only once has a unique key in the database, whatever the code above it does."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, models, transaction

from settlement.models import Notice, Operation, OperationOrder, Transfer
from tasks.models import Order, OrderEvent
from tests.orders import NOW, an_order

pytestmark = pytest.mark.django_db


def once_more(row: models.Model, **changes: object) -> None:
    """The same row again, under a new number."""
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    with transaction.atomic():
        type(row)._default_manager.bulk_create([row])


def the_same_move(order: Order) -> None:
    last = Transfer.objects.filter(order_id=order.pk).latest("seq")
    once_more(last, seq=last.seq + 1)


def the_same_place_in_the_chain(order: Order) -> None:
    once_more(Transfer.objects.filter(order_id=order.pk).latest("seq"), key="another")


def the_same_operation(order: Order) -> None:
    shares = OperationOrder.objects.filter(order_id=order.pk)
    once_more(Operation.objects.filter(shares__in=shares).latest("id"))


def the_same_share(order: Order) -> None:
    once_more(OperationOrder.objects.filter(order_id=order.pk).latest("id"))


def the_same_notice(order: Order) -> None:
    del order
    notice = Notice.objects.create(notify_id="n1", raw="{}", received_at=NOW)
    once_more(notice)


def the_same_form(order: Order) -> None:
    event = OrderEvent.objects.filter(order=order).latest("id")
    once_more(event, token="form-1")
    once_more(event, token="form-1")


@pytest.mark.rule("N20")
@pytest.mark.parametrize(
    "again",
    [
        the_same_move,
        the_same_place_in_the_chain,
        the_same_operation,
        the_same_share,
        the_same_notice,
        the_same_form,
    ],
)
def test_the_database_takes_once_what_may_happen_once(again: Callable[[Order], None]) -> None:
    order = an_order("CONFIRMED")
    with pytest.raises(IntegrityError, match="duplicate key"):
        again(order)
