"""The confirmation of an order, three times: by the engine, statement by statement with plain
psycopg, and by the ORM row by row with django-fsm. All three leave the same rows.
"""

import json
import os
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction

from bench.counting import counted
from bench.world import NOW
from settlement.kinds import Kind
from settlement.ledger import post
from settlement.models import Escrow, Operation, OperationOrder, Transfer
from settlement.out_no import out_no
from settlement.pockets import HELD, IN_TRANSIT, PAYABLE, Line, Move, chain
from tasks import workflow
from tasks.models import Order, OrderEvent, Outbox, Side
from tasks.workflow import batch, engine, load, writing
from tasks.workflow.decision import CLOCK

SET = 100


def by_engine(first: int, n: int) -> dict[str, int]:
    """Orders one by one, each in its own transaction, through the engine."""
    with counted() as told:
        for order_id in range(first, first + n):
            engine.run_one(workflow.CONFIRM, order_id, at=NOW, by=CLOCK)
    return {"done": n, "queries": told["queries"] // n}


def by_sets(first: int, n: int, size: int = SET) -> dict[str, int]:
    """The same, `size` orders to a transaction."""
    with counted() as told:
        for start in range(first, first + n, size):
            ids = range(start, min(start + size, first + n))
            engine.run(workflow.CONFIRM, ids, at=NOW, by=CLOCK)
    return {"done": n, "queries": told["queries"]}


def by_posting(first: int, n: int) -> dict[str, int]:
    """The two postings of the confirmation alone, with their chain of hashes: what a ledger writes
    that knows nothing of orders. Each in its own transaction, by the functions of the engine.
    """
    with counted() as told:
        for order_id in range(first, first + n):
            with transaction.atomic():
                post_one(order_id, NOW)
    return {"done": n, "queries": told["queries"] // n}


def post_one(order_id: int, at: datetime) -> None:
    """What is held becomes payable and leaves."""
    (case,) = load.lock([order_id])
    escrow, fen = case.escrow, case.escrow.held
    moves = (Move("confirm", HELD, PAYABLE, fen), Move("payout", PAYABLE, IN_TRANSIT, fen))
    lines = post(escrow, moves, payee=case.order.payee, at=at)
    writing.write(
        {
            Escrow: batch.changes(Escrow, [(escrow, case.escrow_was)]),
            Transfer: [batch.transfer_row(line, digest) for line, digest in lines],
        }
    )


def by_hand(first: int, n: int) -> dict[str, int]:
    """The same statements, one after the other, without Django."""
    plain = plain_connection()
    for order_id in range(first, first + n):
        one_by_hand(plain, order_id, NOW)
        plain.commit()
    return {"done": n, "queries": 11}


@cache
def plain_connection() -> "psycopg.Connection[Any]":
    """A connection without Django, to the same database."""
    return psycopg.connect(os.environ["DATABASE_URL"])


def one_by_hand(plain: "psycopg.Connection[Any]", order_id: int, at: datetime) -> None:
    cursor = plain.cursor()
    found = cursor.execute(
        "select merchant_id, net_fen, payee, state, confirm_by, reminded_at, creator_id"
        " from tasks_order where id = %s for update",
        [order_id],
    ).fetchone()
    assert found is not None
    merchant_id, net_fen, payee, state, confirm_by, reminded_at, creator_id = found
    assert (state, confirm_by <= at, reminded_at is None) == ("DELIVERED", True, False)
    held = cursor.execute(
        "select e.held, e.seq, e.head, e.payouts, c.payout_account_id"
        " from settlement_escrow e, creators_creator c"
        " where e.order_id = %s and c.id = %s for update of e",
        [order_id, creator_id],
    ).fetchone()
    assert held is not None
    _, seq, head, payouts, account_id = held
    number = out_no(
        Kind.TRANSFER,
        f"order:{order_id}",
        payouts + 1,
        secret=settings.ALIPAY_OUT_NO_SECRET.encode(),
    )
    cursor.execute(
        "update tasks_order set state = 'CONFIRMED', confirmed_at = %s, confirm_by = null,"
        " clock_from = null, remind_at = null, reminded_at = null, held_at = null where id = %s",
        [at, order_id],
    )
    request = json.dumps(request_of(order_id, account_id))
    operation = cursor.execute(
        "insert into settlement_operation(owner, kind, out_no, amount_fen, request,"
        " payout_account_id, merchant_id, created_at, state, next_at, asks, sends, code_url,"
        " gateway_no, payer, trouble) values ('orders', 'TRANSFER', %s, %s, %s, %s, %s, %s,"
        " 'READY', %s, 0, 0, '', '', '', '') returning id",
        [number, net_fen, request, account_id, merchant_id, at, at],
    ).fetchone()
    assert operation is not None
    cursor.execute(
        "insert into settlement_operationorder(operation_id, order_id, amount_fen)"
        " values (%s, %s, %s)",
        [operation[0], order_id, net_fen],
    )
    merchant = f"merchant:{merchant_id}"
    for code, debit, credit, of, to in (
        ("confirm", HELD, PAYABLE, merchant, payee),
        ("payout", PAYABLE, IN_TRANSIT, payee, payee),
    ):
        line = Line(
            order_id=order_id, seq=seq + 1, code=code, debit=debit, credit=credit,
            amount_fen=net_fen, debit_party=of, credit_party=to, operation=number, at=at,
            key=f"order:{order_id}:{code}",
        )  # fmt: skip
        seq, head = line.seq, chain(head, line)
        cursor.execute(
            "insert into settlement_transfer(order_id, seq, code, debit, credit, amount_fen,"
            " debit_party, credit_party, operation, at, key, hash)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [order_id, seq, code, debit, credit, net_fen, of, to, number, at, line.key, head],
        )
    cursor.execute(
        "update settlement_escrow set held = 0, in_transit = %s, seq = %s, head = %s,"
        " payouts = payouts + 1, open_operation_id = %s where order_id = %s",
        [net_fen, seq, head, operation[0], order_id],
    )
    cursor.execute(
        "insert into tasks_orderevent(order_id, at, verb, source, target, role, money, note)"
        " values (%s, %s, 'confirm', 'DELIVERED', 'CONFIRMED', 'CLOCK', %s, '')",
        [order_id, at, json.dumps(money_of(net_fen))],
    )
    for side, party in (("CREATOR", creator_id), ("MERCHANT", merchant_id)):
        cursor.execute(
            'insert into tasks_outbox(order_id, kind, "to", party, at, next_at, trouble)'
            " values (%s, 'confirmed', %s, %s, %s, %s, '')",
            [order_id, side, party, at, at],
        )


def request_of(order_id: int, account_id: int | None) -> dict[str, Any]:
    """What is to be asked of the gateway."""
    return {
        "title": f"vtask order {order_id}",
        "remark": f"order {order_id}",
        "payout_account": account_id,
    }


def money_of(net_fen: int) -> list[list[Any]]:
    """What the event keeps of the money."""
    return [["confirm", HELD, PAYABLE, net_fen], ["payout", PAYABLE, IN_TRANSIT, net_fen]]


def by_orm(first: int, n: int) -> dict[str, int]:
    """As most Django projects would: locked rows, django-fsm, one save or create per row."""
    with counted() as told:
        for order_id in range(first, first + n):
            with transaction.atomic():
                one_by_orm(order_id, NOW)
    return {"done": n, "queries": told["queries"] // n}


def one_by_orm(order_id: int, at: datetime) -> None:
    order = Order.objects.select_for_update().select_related(None).get(pk=order_id)
    escrow = Escrow.objects.select_for_update().get(pk=order_id)
    assert order.confirm_by is not None
    assert order.confirm_by <= at
    order.to_confirmed(at)
    order.save()
    assert order.net_fen is not None
    creator = order.creator
    number = out_no(
        Kind.TRANSFER, f"order:{order_id}", escrow.payouts + 1,
        secret=settings.ALIPAY_OUT_NO_SECRET.encode(),
    )  # fmt: skip
    operation = Operation.objects.create(
        owner="orders",
        kind=Kind.TRANSFER,
        out_no=number,
        amount_fen=order.net_fen,
        request=request_of(order_id, creator.payout_account_id),
        payout_account_id=creator.payout_account_id,
        merchant_id=order.merchant_id,
        created_at=at,
        next_at=at,
    )
    OperationOrder.objects.create(operation=operation, order_id=order_id, amount_fen=order.net_fen)
    moves = (
        Move("confirm", HELD, PAYABLE, order.net_fen),
        Move("payout", PAYABLE, IN_TRANSIT, order.net_fen, nth=escrow.payouts + 1),
    )
    for line, digest in post(escrow, moves, payee=order.payee, at=at, asked=number):
        Transfer.objects.create(
            hash=digest, order_id=line.order_id, seq=line.seq, code=line.code, debit=line.debit,
            credit=line.credit, amount_fen=line.amount_fen, debit_party=line.debit_party,
            credit_party=line.credit_party, operation=line.operation, at=line.at, key=line.key,
        )  # fmt: skip
    escrow.payouts += 1
    escrow.open_operation = operation
    escrow.save()
    OrderEvent.objects.create(
        order=order,
        at=at,
        verb="confirm",
        source="DELIVERED",
        target="CONFIRMED",
        role="CLOCK",
        money=money_of(order.net_fen),
    )
    for side, party in ((Side.CREATOR, order.creator_id), (Side.MERCHANT, order.merchant_id)):
        Outbox.objects.create(
            order=order, kind="confirmed", to=side, party=party, at=at, next_at=at
        )


DOINGS: dict[str, Callable[..., Any]] = {
    "by_engine": by_engine,
    "by_sets": by_sets,
    "by_posting": by_posting,
    "by_hand": by_hand,
    "by_orm": by_orm,
}
