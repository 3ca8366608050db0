"""Who spoils everything, by lot: processes, database, queue, Alipay's wire and its notices."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import httpx
import psycopg
import redis
from django.db import DatabaseError, connection

from core import clock
from settlement import manual
from settlement.models import Halt
from tests.faults.cluster import Cluster, pause
from tests.faults.players import Stage

OUTSIDE = (httpx.HTTPError, psycopg.Error, redis.RedisError, DatabaseError, AssertionError)
METHODS = (
    "*",
    "alipay.fund.auth.order.voucher.create",
    "alipay.fund.auth.operation.detail.query",
    "alipay.fund.auth.operation.cancel",
    "alipay.fund.auth.order.unfreeze",
    "alipay.trade.pay",
    "alipay.trade.query",
    "alipay.trade.refund",
    "alipay.trade.fastpay.refund.query",
    "alipay.fund.trans.uni.transfer",
    "alipay.fund.trans.common.query",
)
WIRE = (
    "drop_before", "drop_after", "slow_exec", "http500_before", "http500_after", "hang",
    "code20000", "html", "tamper", "unsigned", "sha1", "error_response",
)  # fmt: skip
NOTICES = (
    "notify_none", "notify_dup", "notify_late", "notify_reorder", "notify_forged",
    "notify_wrong_amount", "notify_wrong_app", "notify_wrong_payee", "notify_empty_signed",
    "notify_empty_unsigned",
)  # fmt: skip
GIVEN: dict[str, dict[str, object]] = {
    "hang": {"seconds": 4},  # beyond the lease
    "notify_dup": {"copies": 10},
    "notify_late": {"seconds": 5},
    "notify_reorder": {"seconds": 8},
    "error_response": {"code": "40001", "sub_code": "isv.invalid-signature"},
}
STANDSTILL_SECONDS = 4.5  # beyond the lease


class Nemesis:
    """One fault after the other; what it did is counted by kind."""

    def __init__(self, stage: Stage, lot: random.Random) -> None:
        self.stage, self.lot = stage, lot
        self.done: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.later: list[tuple[float, Callable[[], object]]] = []

    @property
    def cluster(self) -> Cluster:
        return self.stage.cluster

    def rages(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.strike()
            pause(self.lot.uniform(0.1, 0.8))
            self.keep_up()

    def strike(self) -> None:
        names, weights = zip(*((name, weight) for name, weight, _ in FAULTS), strict=True)
        name = self.lot.choices(names, weights)[0]
        [act] = [act for known, _, act in FAULTS if known == name]
        with suppress(*OUTSIDE):
            if kind := act(self):
                self.done[f"{name} {kind}".strip()] += 1

    def keep_up(self) -> None:
        """What a supervisor does, and staff: restart what ended, and clear a halt."""
        now = time.monotonic()
        for due in [entry for entry in self.later if entry[0] <= now]:
            self.later.remove(due)
            due[1]()
        self.cluster.revive()
        with suppress(*OUTSIDE):
            self.clear_halts()

    def clear_halts(self) -> None:
        try:
            for halt in Halt.objects.filter(cleared_at=None, scope=Halt.Scope.ALL):
                manual.clear_halt(halt.pk, at=clock.now(), by=self.stage.staff.pk)
        except DatabaseError:
            connection.close()

    def relents(self) -> None:
        """Everything runs again and nothing is spoiled any more; late requests arrive now."""
        for name in list(self.cluster.standing_still):
            self.cluster.go_on(name)
        self.later.clear()
        self.cluster.start_servers()
        self.cluster.revive()
        connection.close()
        self.count_struck()
        self.cluster.alipay.no_faults()
        self.done["a late request arrived"] += self.cluster.alipay.late_requests_arrive()
        self.keep_up()

    def count_struck(self) -> None:
        """Alipay forgets its counts when it dies."""
        with suppress(*OUTSIDE):
            self.struck.update(self.cluster.alipay.struck())

    # the faults; each returns what it did, or nothing

    def _one_of(self, kind: str) -> str:
        alive = [
            name
            for name, child in self.cluster.running.items()
            if name.startswith(kind) and child.process.poll() is None
        ]
        free = [name for name in alive if name not in self.cluster.standing_still]
        return self.lot.choice(free) if free else ""

    def kill(self) -> str:
        kind = self.lot.choice(["web", "worker", "worker", "beat"])
        name = self._one_of(kind)
        if name:
            self.cluster.kill(name)
        return kind if name else ""

    def stop(self) -> str:
        kind = self.lot.choice(["web", "worker", "worker", "beat"])
        name = self._one_of(kind)
        if name:
            self.cluster.stop(name)
            at = time.monotonic() + STANDSTILL_SECONDS
            self.later.append((at, lambda: self.go_on(name)))
        return kind if name else ""

    def go_on(self, name: str) -> None:
        if name in self.cluster.standing_still:
            self.cluster.go_on(name)

    def kill_alipay(self) -> str:
        self.count_struck()
        self.cluster.kill("alipay")
        return "alipay"

    def cut_connections(self) -> str:
        self.cluster.cut_connections()
        return "connections"

    def kill_database(self) -> str:
        self.cluster.kill_database()
        return "database"

    def empty_queue(self) -> str:
        self.cluster.empty_queue()
        return "queue"

    def kill_queue(self) -> str:
        self.cluster.kill_queue()
        return "queue"

    def spoil_the_wire(self) -> str:
        name, method = self.lot.choice(WIRE), self.lot.choice(METHODS)
        given = dict(GIVEN.get(name, {}))
        if name == "code20000":
            given["executed"] = self.lot.random() < 0.5
        self.cluster.alipay.fault(name, method=method, times=self.lot.randint(1, 3), **given)
        return name

    def spoil_notices(self) -> str:
        name = self.lot.choice(NOTICES)
        self.cluster.alipay.fault(name, times=self.lot.randint(1, 3), **GIVEN.get(name, {}))
        return name

    def spoil_the_payer(self) -> str:
        name = self.lot.choice(["credit_auth", "payer_cancels"])
        self.cluster.alipay.fault(name)
        return name

    def let_late_requests_arrive(self) -> str:
        return "late request" if self.cluster.alipay.late_requests_arrive() else ""


FAULTS: tuple[tuple[str, int, Callable[[Nemesis], str]], ...] = (
    ("kill -9", 20, Nemesis.kill),
    ("stand still", 10, Nemesis.stop),
    ("kill -9 of", 3, Nemesis.kill_alipay),
    ("cut", 8, Nemesis.cut_connections),
    ("kill -9 of the", 3, Nemesis.kill_database),
    ("empty the", 5, Nemesis.empty_queue),
    ("restart the", 2, Nemesis.kill_queue),
    ("wire", 30, Nemesis.spoil_the_wire),
    ("notice", 15, Nemesis.spoil_notices),
    ("payer", 3, Nemesis.spoil_the_payer),
    ("arrival of a", 6, Nemesis.let_late_requests_arrive),
)
