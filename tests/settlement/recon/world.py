"""Orders whose money really moves at the local Alipay, and what the reconciliation says of it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection

from settlement import check, worker
from settlement.kinds import Kind
from settlement.models import Operation, ReconItem, ReconRun
from settlement.recon import calendar, days, items, recheck, watch
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK, Actor, Verb
from tasks.workflow.deliver import Content
from tests.alipay import LocalAlipay
from tests.builders import a_creator
from tests.orders import DAY, LINK, NOW, a_sent_task, creator_of, merchant_of, start_payment

PAYER, CREATOR = "payer@example.com", "creator@example.com"
SECONDS = timedelta(seconds=20)


class World:
    """The instant, the gateway, and steps of orders; `pump` carries everything to its end."""

    def __init__(self, alipay: LocalAlipay) -> None:
        self.alipay, self.at = alipay, NOW
        alipay.open_payer(PAYER)
        alipay.open_payee(CREATOR, "李鹿")

    @property
    def today(self) -> date:
        return calendar.day_of(self.at)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def pump(self) -> None:
        """The worker works until nothing is open but what waits for a person."""
        for _ in range(20):
            worker.pump(self.now)
            self.at += SECONDS
            if not Operation.objects.filter(resolved_at=None).exclude(state="MANUAL").exists():
                return
        raise AssertionError(list(Operation.objects.filter(resolved_at=None).values()))

    def does(self, verb: Verb, order: Order, by: Actor, given: object = None) -> None:
        engine.run_one(verb, order.pk, at=self.at, by=by, given=given)
        self.pump()

    # orders

    def paid(self, *prices_fen: int) -> list[Order]:
        """Orders of one task, paid together."""
        creators = [a_creator(price_fen=fen, payout=CREATOR) for fen in prices_fen or (80_000,)]
        task = a_sent_task(
            *creators, at=self.at, start_at=self.at + 2 * DAY, due_at=self.at + 7 * DAY
        )
        start_payment(task, at=self.at)
        worker.pump(self.now)
        self.alipay.pay(Operation.objects.filter(kind=Kind.FREEZE).latest("id").out_no, PAYER)
        self.at += SECONDS
        self.pump()
        return list(task.orders.order_by("pk"))

    def accepted(self) -> Order:
        """Captured on the day on which it was paid."""
        (order,) = self.paid()
        self.does(workflow.ACCEPT, order, creator_of(order))
        return order

    def confirmed(self) -> Order:
        """Captured, and the creator paid on the same day."""
        order = self.accepted()
        self.does(workflow.DELIVER, order, creator_of(order), Content(LINK))
        self.does(workflow.CONFIRM, order, merchant_of(order))
        return order

    def overdue(self) -> Order:
        """Captured, and refunded a week later."""
        order = self.accepted()
        self.overdue_now(order)
        return order

    def overdue_now(self, order: Order) -> None:
        self.at = order.due_at
        self.does(workflow.OVERDUE, order, CLOCK)

    # reconciliation

    def recheck(self) -> int:
        return recheck.run(self.now)

    def watch(self, freeze_max_days: int = 28) -> int:
        return watch.run(self.now, freeze_max_days=freeze_max_days)

    def bills(self) -> list[ReconRun]:
        return days.run(today=self.today, at=self.at)

    def next_morning(self) -> None:
        """Ten o'clock in China."""
        self.at = calendar.bounds(self.today + DAY)[0] + timedelta(hours=10)

    def ledger_differs(self) -> list[str]:
        return list(check.run(at=self.at).differences)


def operation(order: Order, kind: str) -> Operation:
    """The newest operation of a kind."""
    return Operation.objects.filter(kind=kind, shares__order_id=order.pk).latest("id")


def found() -> list[tuple[str, str, str, int | None, int | None]]:
    """The open differences: level, kind, number, here, there."""
    return sorted(told(items.open_items()))


def told(rows: Iterable[ReconItem]) -> list[tuple[str, str, str, int | None, int | None]]:
    return [(row.level, row.kind, row.out_no, row.ours_fen, row.theirs_fen) for row in rows]


@contextmanager
def below_the_triggers() -> Iterator[None]:
    """What only somebody with full rights over our database could do."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("set session_replication_role = origin")
