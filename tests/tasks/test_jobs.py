"""The clock's jobs: everything due is brought on, and one broken order stops no other."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import time_machine

from tasks import jobs
from tasks.models import Order
from tasks.workflow.batch import Batch
from tests.orders import an_order, everything

pytestmark = pytest.mark.django_db


def test_a_sweep_brings_on_everything_that_is_due_in_batches() -> None:
    orders = [an_order("PAID") for _ in range(5)]
    with time_machine.travel(orders[0].start_at, tick=False), patch.object(jobs, "SIZE", 2):
        assert jobs.sweep("lapse") == 5
    assert {o.state for o in Order.objects.all()} == {"LAPSED"}


def test_an_order_that_breaks_its_batch_does_not_stop_the_others() -> None:
    orders = [an_order("PAID") for _ in range(3)]
    broken = orders[1]
    before = everything(broken)
    with (
        time_machine.travel(broken.start_at, tick=False),
        patch.object(Batch, "add", breaking_at(broken.pk, Batch.add)),
    ):
        assert jobs.sweep("lapse") == 2
    assert everything(broken) == before
    assert [Order.objects.get(pk=o.pk).state for o in orders] == ["LAPSED", "PAID", "LAPSED"]


def breaking_at(order_id: int, add: Callable[..., None]) -> Callable[..., None]:
    def break_or_add(self: Any, case: Any, *arguments: Any) -> None:
        if case.order.pk == order_id:
            raise RuntimeError("a defect that only this order meets")
        add(self, case, *arguments)

    return break_or_add
