"""What the database says, read in a few statements, and the laws that it must keep at all times."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from settlement.pockets import OPEN_POCKETS, POCKETS
from tasks.rules import FRESH_NOTICE
from tasks.states import TRANSITIONS
from tests.machine.gateway import FLOAT_FEN, Gateway, Stage
from tests.machine.post import PostOffice

OPEN = ("READY", "SENT", "UNKNOWN", "WAIT_USER", "MANUAL")
ENDED_STATES = {
    "VOID", "LAPSED", "DECLINED", "OVERDUE", "REFUNDED", "CONFIRMED", "REVIEWED",
}  # fmt: skip
LEGAL = {(str(a), str(b)) for a, b in TRANSITIONS} | {("", "UNPAID")}


class OrderRow(NamedTuple):
    """An order with its escrow."""

    id: int
    task_id: int
    merchant_id: int
    creator_id: int
    state: str
    price_fen: int
    start_at: datetime
    due_at: datetime
    confirm_by: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    held_at: datetime | None
    auto_confirm_days: int | None
    offer_fen: int | None
    offer_by: str
    net_fen: int | None
    fee_fen: int | None
    secured_at: datetime | None
    trouble: str
    funded: int
    open_operation_id: int | None
    freeze_no: str
    pockets: dict[str, int]

    def open_fen(self) -> int:
        return sum(self.pockets[pocket] for pocket in OPEN_POCKETS)


class OperationRow(NamedTuple):
    """An operation with the orders that it covers."""

    id: int
    kind: str
    out_no: str
    state: str
    amount_fen: int
    request: dict[str, Any]
    next_at: datetime
    lease_until: datetime | None
    expires_at: datetime | None
    code_url: str
    trouble: str
    order_ids: list[int]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


ORDERS = """
select o.id, o.task_id, o.merchant_id, o.creator_id, o.state, o.price_fen, o.start_at, o.due_at,
  o.confirm_by, o.remind_at, o.reminded_at, o.held_at, o.auto_confirm_days,
  o.offer_fen, o.offer_by, o.net_fen, o.fee_fen, o.secured_at, o.trouble,
  e.funded, e.open_operation_id, e.freeze_no, {pockets}
from tasks_order o join settlement_escrow e on e.order_id = o.id order by o.id
""".format(pockets=", ".join(f"e.{pocket}" for pocket in POCKETS))
OPERATIONS = """
select p.id, p.kind, p.out_no, p.state, p.amount_fen, p.request, p.next_at, p.lease_until,
  p.expires_at, p.code_url, p.trouble, array_agg(s.order_id order by s.order_id)
from settlement_operation p join settlement_operationorder s on s.operation_id = p.id
group by p.id order by p.id
"""
EVENTS = """
select id, order_id, verb, role, source, target, at, money from tasks_orderevent
where id > %s order by id
"""
LINES = """
select id, order_id, code, debit, credit, amount_fen, at from settlement_transfer
where id > %s order by id
"""


def read(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


@dataclass
class Picture:
    """All orders and operations at one instant."""

    orders: dict[int, OrderRow]
    operations: dict[int, OperationRow]

    @classmethod
    def take(cls) -> "Picture":
        cut = -len(POCKETS)
        orders = (
            OrderRow._make((*row[:cut], dict(zip(POCKETS, row[cut:], strict=True))))
            for row in read(ORDERS)
        )
        operations = (
            OperationRow._make((*row[:5], _json(row[5]), *row[6:])) for row in read(OPERATIONS)
        )
        return cls({o.id: o for o in orders}, {p.id: p for p in operations})

    def operation_of(self, order: OrderRow) -> OperationRow | None:
        return self.operations[order.open_operation_id] if order.open_operation_id else None

    def open_operations(self) -> list[OperationRow]:
        return [operation for operation in self.operations.values() if operation.is_open]


@dataclass
class Books:
    """The append-only tables, read on from where they were read before."""

    event_id: int = 0
    line_id: int = 0
    states: dict[int, str] = field(default_factory=dict)
    # Of each delivered order, since when its clock runs and the earliest it may confirm.
    clocks: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    def problems(self, picture: Picture, post: PostOffice) -> Iterator[str]:
        """Every change of state has its event, every movement of money too, in a legal order."""
        told: Counter[tuple[Any, ...]] = Counter()
        for id_, order_id, verb, role, source, target, at, money in read(EVENTS, self.event_id):
            self.event_id = id_
            before = self.states.get(order_id, "")
            if source != before:
                yield f"order {order_id}: an event starts from {source}, it was {before}"
            if source != target and (source, target) not in LEGAL:
                yield f"order {order_id}: {source} to {target} is not legal"
            self.states[order_id] = target
            yield from self._clock(picture.orders[order_id], verb, role, at, post)
            told.update((order_id, at, *line) for line in _json(money))
        moved: Counter[tuple[Any, ...]] = Counter()
        for id_, order_id, code, debit, credit, amount_fen, at in read(LINES, self.line_id):
            self.line_id = id_
            moved[order_id, at, code, debit, credit, amount_fen] += 1
        if told != moved:
            yield f"the events say {told - moved} more, the transfers {moved - told}"
        for order in picture.orders.values():
            if self.states.get(order.id) != order.state:
                yield f"order {order.id}: {order.state}, the events {self.states.get(order.id)}"

    def _clock(
        self, order: OrderRow, verb: str, role: str, at: datetime, post: PostOffice
    ) -> Iterator[str]:
        """V52 and N4: the clock confirms neither too early nor unannounced."""
        if verb == "deliver":
            self.clocks[order.id] = at, at + timedelta(days=order.auto_confirm_days or 0)
        elif verb == "release_hold":
            _, earliest = self.clocks[order.id]
            self.clocks[order.id] = at, max(earliest, at + FRESH_NOTICE)
        elif verb == "confirm" and role == "CLOCK":
            since, earliest = self.clocks[order.id]
            if at < earliest:
                yield f"order {order.id}: the clock confirmed at {at}, not before {earliest}"
            if not post.allows(order.id, since, at):
                yield f"order {order.id}: the clock confirmed at {at} without its reminders"


def _json(text: Any) -> Any:
    """Django's cursor gives JSON as text."""
    return json.loads(text)


def problems(picture: Picture, gateway: Gateway) -> Iterator[str]:
    """What breaks a law of money between our rows and the gateway's books. Nothing, always."""
    yield from gateway.wrongs
    for order in picture.orders.values():
        yield from _of_order(order)
    yield from _one_open_operation(picture)
    yield from _done_as_often_as_asked(picture, gateway)
    yield from _each_intent_once(picture, gateway)
    yield from _freezes(picture, gateway)
    yield from _our_account(picture, gateway)
    for operation in picture.operations.values():
        yield from _swallowed(operation)


def _of_order(order: OrderRow) -> Iterator[str]:
    if order.funded not in (0, order.price_fen):
        yield f"order {order.id}: funded {order.funded} of {order.price_fen} fen"
    if sum(order.pockets.values()) != order.funded or min(order.pockets.values()) < 0:
        yield f"order {order.id}: pockets {order.pockets} of {order.funded} fen"


def _one_open_operation(picture: Picture) -> Iterator[str]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for operation in picture.open_operations():
        for order_id in operation.order_ids:
            found[order_id].append(operation.id)
    for order in picture.orders.values():
        named = [order.open_operation_id] if order.open_operation_id else []
        if found[order.id] != named:
            yield f"order {order.id}: open operations {found[order.id]}, it names {named}"


def _done_as_often_as_asked(picture: Picture, gateway: Gateway) -> Iterator[str]:
    """Executed there: succeeded or open here; succeeded here: executed there."""
    ours = {operation.out_no: operation for operation in picture.operations.values()}
    for out_no, ask in gateway.executed.items():
        operation = ours.get(out_no)
        if operation is None:
            yield f"{out_no} was executed and is not ours"
        elif operation.amount_fen != ask.amount_fen:
            yield f"{out_no} was executed with {ask.amount_fen} fen"
        elif not operation.is_open and operation.state != "SUCCEEDED" and ask.kind != "FREEZE":
            yield f"{ask.kind} {out_no} was executed, here it is {operation.state}"
    for operation in ours.values():
        if operation.kind == "CANCEL_FREEZE" or operation.state != "SUCCEEDED":
            continue
        if operation.out_no not in gateway.executed:
            yield f"{operation.kind} {operation.out_no} succeeded here and not there"


def _each_intent_once(picture: Picture, gateway: Gateway) -> Iterator[str]:
    done: Counter[tuple[int, str]] = Counter()
    for operation in picture.operations.values():
        if operation.out_no in gateway.executed:
            done.update((order_id, operation.kind) for order_id in operation.order_ids)
    for order_id in picture.orders:
        for kind in ("CAPTURE", "UNFREEZE", "TRANSFER", "REFUND"):
            if done[order_id, kind] > 1:
                yield f"order {order_id}: {kind} was executed {done[order_id, kind]} times"
        if done[order_id, "CAPTURE"] and done[order_id, "UNFREEZE"]:
            yield f"order {order_id} was captured and released"


def _freezes(picture: Picture, gateway: Gateway) -> Iterator[str]:
    """What is frozen at the gateway is frozen here, or on its way to be known or undone."""
    undone = {
        operation.request["freeze_out_no"]
        for operation in picture.open_operations()
        if operation.kind == "CANCEL_FREEZE"
    }
    for operation in picture.operations.values():
        if operation.kind != "FREEZE" or operation.is_open or operation.out_no in undone:
            continue
        frozen = gateway.freezes.get(operation.out_no)
        rest = frozen.rest_fen if frozen else 0
        if operation.state == "SUCCEEDED":
            if rest != _frozen_here(operation.out_no, picture, gateway):
                yield f"{operation.out_no}: {rest} fen are frozen at the gateway, not here"
        elif frozen is not None and frozen.stage == Stage.FROZEN:
            yield f"{operation.out_no} is {operation.state}, and at the gateway it is frozen"
        elif operation.code_url and gateway.is_payable(operation.out_no):
            yield f"{operation.out_no} is {operation.state}, and its payer can still confirm it"


def _frozen_here(out_no: str, picture: Picture, gateway: Gateway) -> int:
    known = sum(o.pockets["frozen"] for o in picture.orders.values() if o.freeze_no == out_no)
    return known - sum(
        operation.amount_fen
        for operation in _executed_and_unknown(picture, gateway)
        if operation.request.get("freeze_out_no") == out_no
    )


def _executed_and_unknown(picture: Picture, gateway: Gateway) -> list[OperationRow]:
    return [o for o in picture.open_operations() if o.out_no in gateway.executed]


def _our_account(picture: Picture, gateway: Gateway) -> Iterator[str]:
    """The account at the gateway holds what the pockets say, but for what we do not know yet."""
    kept = ("held", "payable", "in_transit", "refund_in_transit", "fee", "tax")
    expected = FLOAT_FEN + sum(o.pockets[p] for o in picture.orders.values() for p in kept)
    for operation in _executed_and_unknown(picture, gateway):
        sign = {"CAPTURE": 1, "TRANSFER": -1, "REFUND": -1}.get(operation.kind, 0)
        expected += sign * operation.amount_fen
    if gateway.balance["ours"] != expected:
        yield f"our account holds {gateway.balance['ours']} fen, the ledger says {expected}"


def _swallowed(operation: OperationRow) -> Iterator[str]:
    """An answer that broke a verb is given to a person; only what has no rule may do so."""
    problem, colon, _ = operation.trouble.partition(": ")
    if operation.is_open and colon and problem.isidentifier() and problem != "NeedsAPerson":
        yield f"{operation.kind} {operation.out_no}: {operation.trouble}"
