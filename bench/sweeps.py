"""The confirmation of all that is due: through the verb in batches, and by one statement of SQL
that leaves the same rows.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bench.counting import counted
from bench.world import NOW
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK


def sweep(n: int, size: int) -> dict[str, Any]:
    """At least `n` due orders in batches of `size`, as the clock's job does it."""
    done = 0
    with counted() as told:
        while done < n:
            moved = len(engine.sweep(workflow.CONFIRM, at=NOW, by=CLOCK, size=size))
            assert moved, "nothing is due any more"
            done += moved
    return {"done": done, "queries": told["queries"]}


def by_sql(n: int) -> dict[str, Any]:
    """`n` due orders in one statement, hash chain included."""
    with counted() as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL, {"at": NOW, "n": n, "secret": settings.ALIPAY_OUT_NO_SECRET})
        (done,) = cursor.fetchone()
    return {"done": done, "queries": told["queries"]}


def clicks_timed(first: int, n: int) -> dict[str, Any]:
    """Somebody else's clicks, one by one: how long (ms) each took."""
    took = []
    for order_id in range(first, first + n):
        began = time.perf_counter()
        engine.run_one(workflow.CONFIRM, order_id, at=NOW, by=CLOCK)
        took.append(1000 * (time.perf_counter() - began))
    return {"ms": took}


SQL = """
with due as materialized (
  select o.id, o.merchant_id, o.creator_id, o.net_fen, o.payee, e.seq, e.head, e.payouts,
    c.payout_account_id,
    'T' || left(encode(sha256(convert_to(%(secret)s || o.id || '|' || e.payouts + 1, 'UTF8')),
      'hex'), 31) as out_no
  from tasks_order o
  join settlement_escrow e on e.order_id = o.id
  join creators_creator c on c.id = o.creator_id
  where o.state = 'DELIVERED' and o.reminded_at is not null and o.confirm_by <= %(at)s
    and e.open_operation_id is null
  order by o.confirm_by, o.id limit %(n)s for update of o, e skip locked),
first as materialized (
  select due.*, encode(sha256(convert_to(head || 'v1|' || id || '|' || seq + 1
    || '|confirm|held|payable|' || net_fen || '|merchant:' || merchant_id || '|' || payee || '|'
    || out_no || '|' || %(at)s::timestamptz || '|order:' || id || ':confirm', 'UTF8')), 'hex') as h1
  from due),
lines as materialized (
  select first.*, encode(sha256(convert_to(h1 || 'v1|' || id || '|' || seq + 2
    || '|payout|payable|in_transit|' || net_fen || '|' || payee || '|' || payee || '|'
    || out_no || '|' || %(at)s::timestamptz || '|order:' || id || ':payout', 'UTF8')), 'hex') as h2
  from first),
p as (
  insert into settlement_operation(owner, kind, out_no, amount_fen, request, payout_account_id,
    merchant_id, created_at, state, next_at, asks, sends, code_url, gateway_no, payer, trouble)
  select 'orders', 'TRANSFER', out_no, net_fen,
    jsonb_build_object('title', 'vtask order ' || id, 'remark', 'order ' || id,
      'payout_account', payout_account_id),
    payout_account_id, merchant_id, %(at)s, 'READY', %(at)s, 0, 0, '', '', '', ''
  from lines returning id, out_no),
s as (
  insert into settlement_operationorder(operation_id, order_id, amount_fen)
  select p.id, l.id, l.net_fen from lines l join p using (out_no)),
o as (
  update tasks_order t set state = 'CONFIRMED', confirmed_at = %(at)s, confirm_by = null,
    clock_from = null, remind_at = null, reminded_at = null, held_at = null
  from lines l where t.id = l.id),
e as (
  update settlement_escrow t set held = 0, in_transit = l.net_fen, seq = l.seq + 2, head = l.h2,
    payouts = l.payouts + 1, open_operation_id = p.id
  from lines l join p using (out_no) where t.order_id = l.id),
t as (
  insert into settlement_transfer(order_id, seq, code, debit, credit, amount_fen, debit_party,
    credit_party, operation, at, key, hash)
  select id, seq + 1, 'confirm', 'held', 'payable', net_fen, 'merchant:' || merchant_id, payee,
    out_no, %(at)s, 'order:' || id || ':confirm', h1 from lines
  union all
  select id, seq + 2, 'payout', 'payable', 'in_transit', net_fen, payee, payee,
    out_no, %(at)s, 'order:' || id || ':payout', h2 from lines),
v as (
  insert into tasks_orderevent(order_id, at, verb, source, target, role, money, note)
  select id, %(at)s, 'confirm', 'DELIVERED', 'CONFIRMED', 'CLOCK', jsonb_build_array(
    jsonb_build_array('confirm', 'held', 'payable', net_fen),
    jsonb_build_array('payout', 'payable', 'in_transit', net_fen)), '' from lines),
m as (
  insert into tasks_outbox(order_id, kind, "to", party, at, next_at, trouble)
  select id, 'confirmed', 'CREATOR', creator_id, %(at)s::timestamptz, %(at)s::timestamptz, ''
  from lines
  union all
  select id, 'confirmed', 'MERCHANT', merchant_id, %(at)s::timestamptz, %(at)s::timestamptz, ''
  from lines)
select count(*) from lines
"""

DOINGS: dict[str, Callable[..., Any]] = {
    "sweep": sweep,
    "by_sql": by_sql,
    "clicks_timed": clicks_timed,
}
