"""Collects what was decided for the orders of a set, so that it is written together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model

from settlement import ledger, operations
from settlement.kinds import Kind
from settlement.models import Escrow, Operation, OperationOrder, Transfer
from settlement.out_no import out_no
from settlement.pockets import Line
from tasks.models import Order, OrderEvent, Outbox
from tasks.workflow import load, writing
from tasks.workflow.decision import Actor, Ask, Case, Decision, OnlyTogether, Verb
from tasks.workflow.writing import Row


@dataclass(slots=True)
class Drafted:
    """An operation to insert; a freeze gathers several orders."""

    out_no: str
    ask: Ask
    merchant_id: int
    shares: list[tuple[int, int]] = field(default_factory=list)

    @property
    def amount_fen(self) -> int:
        return sum(amount for _, amount in self.shares)


class Batch:
    """Collects decisions, then writes them all. Lives for one transaction."""

    def __init__(
        self,
        verb: Verb,
        *,
        at: datetime,
        by: Actor,
        token: str = "",
        ends: operations.End | None = None,
    ) -> None:
        self.verb, self.at, self.by, self.token, self.ends = verb, at, by, token, ends
        self.rows: defaultdict[type[Model], list[Row]] = defaultdict(list)
        self.cases: list[Case] = []
        self.drafted: dict[str, Drafted] = {}
        self.records: defaultdict[type[Model], list[Model]] = defaultdict(list)
        self.ended: defaultdict[tuple[int, str], int] = defaultdict(int)  # how many orders it had

    @property
    def asks_the_gateway(self) -> bool:
        return bool(self.drafted)

    def add(self, case: Case, decision: Decision, source: str) -> None:
        """Take in what was decided for one order that was in the state `source`."""
        order, escrow = case.order, case.escrow
        number = self._draft(case, decision.ask) if decision.ask else ""
        self._end_operation(escrow, decision)
        lines = ledger.post(
            escrow,
            decision.moves,
            payee=order.payee,
            at=self.at,
            asked=number,
            answered=decision.answers or (self.ends.out_no if self.ends else ""),
        )
        self.cases.append(case)
        self.rows[Transfer] += [transfer_row(line, digest) for line, digest in lines]
        money = [[line.code, line.debit, line.credit, line.amount_fen] for line, _ in lines]
        self.rows[OrderEvent].append(self._event(order, decision, source, money))
        self.rows[Outbox] += [
            writing.message(order, side, kind, at=self.at) for side, kind in decision.tell
        ]
        for record in decision.records:
            self.records[type(record)].append(record)

    def _end_operation(self, escrow: Escrow, decision: Decision) -> None:
        if self.ends is not None and escrow.open_operation_id == self.ends.operation_id:
            escrow.open_operation_id = None
        if decision.ends_operation and escrow.open_operation_id is not None:
            self.ended[escrow.open_operation_id, decision.ends_operation] += 1
            escrow.open_operation_id = None

    def _draft(self, case: Case, ask: Ask) -> str:
        """The number of the operation that this order's ask belongs to."""
        group = ask.together or f"order:{case.order.pk}"
        intent = _count_intent(case.escrow, ask.kind)
        if group not in self.drafted:
            number = _number(ask.kind, case.order.pk, intent)
            self.drafted[group] = Drafted(number, ask, case.order.merchant_id)
        drafted = self.drafted[group]
        drafted.shares.append((case.order.pk, ask.amount_fen))
        return drafted.out_no

    def _event(self, order: Order, decision: Decision, source: str, money: list[list[Any]]) -> Row:
        told = writing.event(order, verb=self.verb.name, source=source, at=self.at, by=self.by)
        return told | {
            "money": money,
            "note": decision.note[:500],
            "terms": terms_of(order) if decision.with_terms else None,
            "token": f"{self.token}:{order.pk}" if self.token else None,
        }

    def write(self) -> None:
        """One statement for orders, escrows, transfers, operations, events and messages; one more
        per kind of record. Raises `OnlyTogether`, with nothing written.
        """
        # An operation must be ended before the next one of its order is opened.
        for (operation_id, state), orders in self.ended.items():
            if not operations.end(operation_id, state, orders=orders, at=self.at):
                raise OnlyTogether
        for drafted in self.drafted.values():
            self.rows[Operation].append(self._operation(drafted))
            self.rows[OperationOrder] += [
                {"out_no": drafted.out_no, "order_id": order_id, "amount_fen": amount_fen}
                for order_id, amount_fen in drafted.shares
            ]
        self.rows[Order] = changes(Order, [(c.order, c.order_was) for c in self.cases])
        self.rows[Escrow] = self._escrows()
        writing.write(self.rows)
        for model, records in self.records.items():
            model._default_manager.bulk_create(records)  # noqa: SLF001

    def _escrows(self) -> list[Row]:
        """What changed of them; those that ask for something also point to the new operation."""
        loaded = [(case.escrow, case.escrow_was) for case in self.cases]
        if not self.drafted:
            return changes(Escrow, loaded)
        numbers = {id_: draft.out_no for draft in self.drafted.values() for id_, _ in draft.shares}
        rows = changes(Escrow, loaded, always=("open_operation_id",))
        return [{**row, writing.ASKS: numbers.get(row["order_id"])} for row in rows]

    def _operation(self, drafted: Drafted) -> Row:
        ask = drafted.ask
        request = dict(ask.request)
        if ask.kind == Kind.REFUND:
            request["capture_out_no"] = _number(Kind.CAPTURE, drafted.shares[0][0], 1)
        if ask.payout_account_id is not None:
            request["payout_account"] = ask.payout_account_id
        return {
            "owner": "orders",
            "kind": str(ask.kind),
            "out_no": drafted.out_no,
            "amount_fen": drafted.amount_fen,
            "request": request,
            "payout_account_id": ask.payout_account_id,
            "merchant_id": drafted.merchant_id,
            "created_at": self.at,
            "expires_at": ask.expires_at,
            "state": Operation.State.READY.value,
            "next_at": self.at,
            "asks": 0,
            "sends": 0,
            "code_url": "",
            "gateway_no": "",
            "payer": "",
            "trouble": "",
        }


def terms_of(order: Order) -> dict[str, Any]:
    """The terms that an order was paid under, as its event keeps them (N2)."""
    return {
        "price_fen": order.price_fen,
        "auto_confirm_days": order.auto_confirm_days,
        "fee_bps": order.fee_bps,
        "fee_fen": order.fee_fen,
        "tax_fen": order.tax_fen,
        "net_fen": order.net_fen,
        "payee": order.payee,
    }


def _number(kind: str, order_id: int, intent: int) -> str:
    return out_no(kind, f"order:{order_id}", intent, secret=settings.ALIPAY_OUT_NO_SECRET.encode())


def _count_intent(escrow: Escrow, kind: str) -> int:
    """The how-manieth intent of its kind for the order this is; the number is derived from it."""
    if kind == Kind.FREEZE:
        escrow.freezes += 1
        return escrow.freezes
    if kind == Kind.CANCEL_FREEZE:
        return escrow.freezes
    if kind == Kind.TRANSFER:
        escrow.payouts += 1
        return escrow.payouts
    if kind in (Kind.UNFREEZE, Kind.REFUND):
        escrow.returns += 1
        return escrow.returns
    return 1


def transfer_row(line: Line, digest: str) -> Row:
    """The row of a line that was posted, with its hash."""
    return {
        "order_id": line.order_id,
        "seq": line.seq,
        "code": line.code,
        "debit": line.debit,
        "credit": line.credit,
        "amount_fen": line.amount_fen,
        "debit_party": line.debit_party,
        "credit_party": line.credit_party,
        "operation": line.operation,
        "at": line.at,
        "key": line.key,
        "hash": digest,
    }


def changes(
    model: type[Model],
    loaded: Sequence[tuple[Model, Mapping[str, Any]]],
    always: Sequence[str] = (),
) -> list[Row]:
    """The keys, and every column that has changed in any of the rows; nothing when none has."""
    key = model._meta.pk
    assert key is not None
    names = load.fields(model)
    pairs = [(row.__dict__, old) for row, old in loaded]
    differing = {name for now, old in pairs for name in names if now[name] != old[name]}
    changed = [name for name in names if name in differing or name in always]
    written = (key.attname, *changed)
    return [{name: now[name] for name in written} for now, _ in pairs] if changed else []
