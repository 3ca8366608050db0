"""Orders brought into any state by the verbs themselves, with a gateway that says yes.

Named instants: everything is sent at NOW, starts two days later and is due five days after that.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from creators.models import ContentFormat, Creator
from merchants.models import Merchant
from policy.numbers import Policy
from settlement import worker
from settlement.models import Escrow, Transfer
from tasks import workflow
from tasks.models import Order, OrderEvent, Task
from tasks.rules import LAST_REMINDER, NOTICE
from tasks.workflow import drafts, engine, pay, publish
from tasks.workflow.decision import CLOCK, MAIL, Actor, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.mark_reminded import Reminder
from tasks.workflow.review import Verdict
from tasks.workflow.rule import Judgement
from tests import gateway as gateways
from tests.builders import a_channel, a_creator, a_merchant, ops

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START, DUE = NOW + 2 * DAY, NOW + 7 * DAY
PRICE_FEN = 80_000


def a_brief(**facts: Any) -> drafts.Brief:
    complete: dict[str, Any] = {
        "theme": "春季新品试用",
        "requirements": "真实试用后写一篇图文，突出质地与肤感，附三张实拍图。",
        "start_at": START,
        "due_at": DUE,
        "channel": facts.pop("channel", None) or a_channel("WEITAO"),
        "content_format": ContentFormat.POST,
    }
    return drafts.Brief(**{**complete, **facts})


def a_draft(merchant: Merchant | None = None, *, at: datetime = NOW, **facts: Any) -> Task:
    merchant = merchant or a_merchant()
    return drafts.create(a_brief(**facts), at=at, by=Actor.merchant(merchant))


def a_sent_task(
    *creators: Creator, merchant: Merchant | None = None, at: datetime = NOW, **facts: Any
) -> Task:
    """A task whose orders are sent and unpaid."""
    chosen = creators or (a_creator(),)
    task = a_draft(merchant, at=at, **facts)
    by = Actor.merchant(task.merchant)
    drafts.pick(task.pk, [c.pk for c in chosen], by=by, policy=Policy())
    seen = {line.creator.pk: line.price_fen or 0 for line in publish.lines(task, Policy())}
    publish.publish(task.pk, seen_fen=seen, at=at, by=by, policy=Policy(), freeze_max_days=365)
    task.refresh_from_db()
    return task


def start_payment(task: Task, *, at: datetime = NOW, policy: Policy | None = None) -> list[int]:
    return pay.start(
        task.pk,
        at=at,
        by=Actor.merchant(task.merchant),
        policy=policy or Policy(),
        notify_url="https://vtask.example/notice",
        return_url="https://vtask.example/",
    )


def settle(at: datetime) -> int:
    """The worker carries everything due, with a clock that stands still; how many steps it took."""
    return worker.pump(lambda: at)


def paid(task: Task, *, at: datetime = NOW, policy: Policy | None = None) -> list[Order]:
    """Pay all orders of a sent task: the freeze is sent, and the payer confirms at once."""
    with gateways.scripted():
        ids = start_payment(task, at=at, policy=policy)
        settle(at)
        settle(at + timedelta(seconds=5))
    return list(Order.objects.filter(pk__in=ids).order_by("pk"))


def an_order(state: str = "UNPAID", *, policy: Policy | None = None, **facts: Any) -> Order:
    """One order in `state`, with its money where it belongs and no operation open."""
    creator = facts.pop("creator", None) or a_creator(price_fen=facts.pop("price_fen", PRICE_FEN))
    task = a_sent_task(creator, **facts)
    order = task.orders.get()
    for step in PATHS[state]:
        STEPS[step](order, policy)
    return Order.objects.get(pk=order.pk)


def known(at: datetime | None) -> datetime:
    """An instant that the order must have in its state."""
    assert at is not None
    return at


def reminded(order: Order) -> Order:
    """The clock has reminded the merchant as often as it does, and the mail server has taken the
    last reminder two hours before the clock confirms (N4).
    """
    order = Order.objects.get(pk=order.pk)
    at = known(order.confirm_by) - NOTICE
    engine.run_one(workflow.REMIND, order.pk, at=at, by=CLOCK)
    given = Reminder(LAST_REMINDER, at)
    engine.run_one(workflow.MARK_REMINDED, order.pk, at=at, by=MAIL, given=given)
    return Order.objects.get(pk=order.pk)


def held(order: Order, trouble: str = "550 no such user") -> Order:
    """The last reminder was delivered, and came back within the hour (N4)."""
    order = reminded(order)
    at = known(order.reminded_at)
    given = Reminder(LAST_REMINDER, at, trouble)
    engine.run_one(workflow.HOLD, order.pk, at=at + HOUR, by=MAIL, given=given)
    return Order.objects.get(pk=order.pk)


def do(verb: Verb, order: Order, *, at: datetime, by: Actor, given: Any = None) -> None:
    """One verb, and the gateway says yes to what it asks for."""
    engine.run_one(verb, order.pk, at=at, by=by, given=given)
    with gateways.scripted():
        while settle(at + timedelta(seconds=5)):
            pass


def merchant_of(order: Order) -> Actor:
    return Actor.merchant(order.merchant)


def creator_of(order: Order) -> Actor:
    return Actor.creator(order.creator)


def delivered_at(order: Order) -> datetime:
    return order.start_at + DAY


LINK = "https://we.example/post/1"

STEPS: dict[str, Any] = {
    "pay": lambda o, policy: paid(o.task, policy=policy),
    "accept": lambda o, _: do(workflow.ACCEPT, o, at=NOW + HOUR, by=creator_of(o)),
    "decline": lambda o, _: do(
        workflow.DECLINE, o, at=NOW + HOUR, by=creator_of(o), given="不符合我的风格"
    ),
    "void": lambda o, _: do(workflow.VOID, o, at=o.start_at, by=CLOCK),
    "lapse": lambda o, _: do(workflow.LAPSE, o, at=o.start_at, by=CLOCK),
    "overdue": lambda o, _: do(workflow.OVERDUE, o, at=o.due_at, by=CLOCK),
    "deliver": lambda o, _: do(
        workflow.DELIVER, o, at=delivered_at(o), by=creator_of(o), given=Content(LINK)
    ),
    "dispute": lambda o, _: do(
        workflow.DISPUTE, o, at=delivered_at(o) + DAY, by=merchant_of(o), given=Complaint("少了图")
    ),
    "refund": lambda o, _: do(
        workflow.RULE,
        o,
        at=delivered_at(o) + 2 * DAY,
        by=Actor.ops(ops()),
        given=Judgement(o.price_fen, "交付与要求不符"),
    ),
    "confirm": lambda o, _: do(workflow.CONFIRM, o, at=delivered_at(o) + DAY, by=merchant_of(o)),
    "review": lambda o, _: do(
        workflow.REVIEW,
        o,
        at=delivered_at(o) + 2 * DAY,
        by=merchant_of(o),
        given=Verdict(5, 4, 5, "内容很好，配图清晰。"),
    ),
}
PATHS: dict[str, tuple[str, ...]] = {
    "UNPAID": (),
    "VOID": ("void",),
    "PAID": ("pay",),
    "DECLINED": ("pay", "decline"),
    "LAPSED": ("pay", "lapse"),
    "ACCEPTED": ("pay", "accept"),
    "OVERDUE": ("pay", "accept", "overdue"),
    "DELIVERED": ("pay", "accept", "deliver"),
    "DISPUTED": ("pay", "accept", "deliver", "dispute"),
    "REFUNDED": ("pay", "accept", "deliver", "dispute", "refund"),
    "CONFIRMED": ("pay", "accept", "deliver", "confirm"),
    "REVIEWED": ("pay", "accept", "deliver", "confirm", "review"),
}


def pockets(order: Order) -> dict[str, int]:
    """The pockets that are not empty."""
    return {p: fen for p, fen in Escrow.objects.get(pk=order.pk).pockets().items() if fen}


def everything(order: Order) -> tuple[Any, ...]:
    """All that a refused step must leave alone: the order, its money, its history."""
    return (
        Order.objects.filter(pk=order.pk).values().get(),
        Escrow.objects.filter(pk=order.pk).values().get(),
        list(Transfer.objects.filter(order_id=order.pk).values_list("key", flat=True)),
        OrderEvent.objects.filter(order=order).count(),
        order.deliveries.count(),
    )
