"""What the tests of the admin share: staff at the pages, and operations in trouble."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.models import Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests import gateway as gateways
from tests.builders import a_browser, ops
from tests.orders import DAY, an_order, delivered_at, merchant_of, settle

KEY = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
REASON = "Seen together with the two sides"
RAW = '{"buyer": "13812345678"}'


def staff(**facts: Any) -> Client:
    """A member of ops with a second factor, logged in and reading English."""
    return a_browser(ops(**facts))


def url(kind: str, *args: Any) -> str:
    return reverse(f"admin:{kind}", args=args)


def text(answer: Any) -> str:
    """What the page says."""
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def log() -> list[str]:
    """The audit log of the admin, the newest entry first."""
    return [str(entry.get_change_message()) for entry in LogEntry.objects.order_by("-id")]


def order_with_blocked_payout(**facts: Any) -> Order:
    """Confirmed, and the gateway refused for good to pay the creator."""
    order = an_order("DELIVERED", **facts)
    at = delivered_at(order) + DAY
    engine.run_one(workflow.CONFIRM, order.pk, at=at, by=merchant_of(order))
    with gateways.scripted() as gateway:
        gateway.says[Kind.TRANSFER] = Answer(Outcome.FAILED, sub_code="PAYEE_NOT_EXIST")
        settle(at)
    return Order.objects.get(pk=order.pk)


def manual_payout() -> Operation:
    """A payout whose answer needs a person."""
    order = an_order("DELIVERED")
    at = delivered_at(order) + DAY
    engine.run_one(workflow.CONFIRM, order.pk, at=at, by=merchant_of(order))
    return _parked(Kind.TRANSFER, at)


def manual_refund() -> Operation:
    """A refund of an overdue order whose answer needs a person."""
    order = an_order("ACCEPTED")
    engine.run_one(workflow.OVERDUE, order.pk, at=order.due_at, by=CLOCK)
    return _parked(Kind.REFUND, order.due_at)


def _parked(kind: str, at: Any) -> Operation:
    with gateways.scripted() as gateway:
        answer = Answer(Outcome.MANUAL, message="金额不一致", raw=RAW.encode())
        gateway.says[kind] = answer
        settle(at)
    return Operation.objects.get(kind=kind, state=Operation.State.MANUAL)


def order_of(operation: Operation) -> Order:
    return Order.objects.get(pk=operation.shares.get().order_id)
