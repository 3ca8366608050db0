"""The life of a gateway operation (money.md has the drawing): claimed, asked, and closed or asked
again.

    READY ──claim──▶ SENT ──definite──▶ SUCCEEDED | FAILED | EXPIRED
                       └──else──▶ UNKNOWN | WAIT_USER | MANUAL
                                    └──query, then send the same id again──▶ as above

The rows are the queue. Nothing here talks to the network; `settlement.worker` does, between two of
these calls.
"""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.lookups import Exact

from settlement import crash
from settlement.kinds import Kind
from settlement.models import Attempt, Halt, Operation, OperationOrder


def _wait(**units: int) -> timedelta:
    """A length of time; shorter only where tests let it pass faster."""
    factor: int = settings.TIME_COMPRESSION
    return timedelta(**units) / factor


LEASE = _wait(seconds=60)
# How long an operation without a definite answer waits for its next query; the last step repeats.
STEPS = tuple(_wait(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600))
JITTER = 0.2
REFUND_QUERY_AFTER = _wait(seconds=10)  # the gateway asks for this much
# A payer mostly confirms within a minute; a notice rings for those who take longer.
POLL_SOON = _wait(minutes=1)
POLL_PAYER, POLL_PAYER_LATER = _wait(seconds=3), _wait(seconds=20)
HOLD = _wait(minutes=5)
ALERT_AFTER = _wait(minutes=15)
MANUAL_AFTER = _wait(hours=24)
MANUAL_QUERY = _wait(hours=1)

State = Operation.State


@dataclass(frozen=True, slots=True)
class Claim:
    """An operation in a worker's hands, with the token that proves it and what to do first."""

    operation: Operation
    token: uuid.UUID
    query_first: bool


@dataclass(frozen=True, slots=True)
class End:
    """How an operation ends, as the verb's transaction writes it."""

    operation_id: int
    out_no: str
    state: str
    gateway_no: str = ""
    payer: str = ""
    trouble: str = ""
    attempt: Attempt | None = None


HALTED = "exists (select from settlement_halt where cleared_at is null and scope = '{scope}')"
NO_HALT = f"not {HALTED.format(scope='ALL')}"
NO_HALT_OF_PAYOUTS = f"not (kind = 'TRANSFER' and {HALTED.format(scope='PAYOUTS')})"

# Takes the one that has been due for longest, past those that other workers hold, and none that a
# halt stops; of payouts those that left before may still be asked about. The first attempt sends,
# unless its time is up, and the send is counted before it leaves.
CLAIM = f"""
with due as materialized (
  select id from settlement_operation
  where resolved_at is null and next_at <= %(at)s
    and (lease_until is null or lease_until <= %(at)s)
    and {NO_HALT} and (sends > 0 or {NO_HALT_OF_PAYOUTS})
  order by next_at, id limit 1 for update skip locked)
update settlement_operation o
set lease_until = %(until)s, lease_token = %(token)s, asks = asks + 1,
  sends = sends + (asks = 0 and (expires_at is null or expires_at > %(at)s))::int,
  first_sent_at = coalesce(first_sent_at, %(at)s),
  state = case state when 'READY' then 'SENT' else state end
from due where o.id = due.id returning o.*
"""  # noqa: S608 - our own words
SEND_AGAIN = f"""
update settlement_operation set sends = sends + 1
where id = %s and {NO_HALT} and {NO_HALT_OF_PAYOUTS}
"""  # noqa: S608 - our own words


def claim(*, at: datetime) -> Claim | None:
    """T1: take the operation that has been due for longest, commit, and only then talk to the
    gateway.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        for operation in Operation.objects.raw(
            CLAIM, {"at": at, "until": at + LEASE, "token": token}
        ):
            crash.here("before-T1-commit")
            return Claim(operation, token, query_first=operation.asks > 1)
    return None


def close(end: End, *, at: datetime) -> bool:
    """T2, inside the verb's transaction and after its orders and escrows are locked: the definite
    answer. False, with nothing changed, when another worker has closed it meanwhile.
    """
    closed = Operation.objects.filter(pk=end.operation_id, resolved_at=None).update(
        state=end.state,
        gateway_no=end.gateway_no,
        payer=end.payer,
        trouble=end.trouble[:200],
        resolved_at=at,
        lease_until=None,
        lease_token=None,
    )
    if closed and end.attempt is not None:
        end.attempt.save(force_insert=True)
    return closed == 1


def end(operation_id: int, state: str, *, orders: int, at: datetime) -> bool:
    """End an operation without an answer: a payment that was given up. False, with nothing changed,
    when it is not open or has more orders than the caller lets go of: the others would wait for it
    for ever.
    """
    covered = OperationOrder.objects.filter(operation=OuterRef("pk")).order_by().values("operation")
    found = Operation.objects.filter(
        Exact(Subquery(covered.annotate(orders=Count("pk")).values("orders")), orders),
        pk=operation_id,
        resolved_at=None,
    )
    return found.update(state=state, resolved_at=at, lease_until=None, lease_token=None) == 1


def keep_open(
    operation: Operation,
    state: str,
    attempt: Attempt,
    *,
    at: datetime,
    next_at: datetime,
    **facts: str,
) -> None:
    """T2 for an answer that is not definite: write it down and ask again later, unless another
    worker has closed it meanwhile.
    """
    with transaction.atomic():
        Operation.objects.filter(pk=operation.pk, resolved_at=None).update(
            state=state, next_at=next_at, lease_until=None, lease_token=None, **facts
        )
        attempt.save(force_insert=True)


def note_send(operation: Operation) -> bool:
    """Count another send before it leaves. False, with nothing changed, while a halt forbids it."""
    with connection.cursor() as cursor:
        cursor.execute(SEND_AGAIN, [operation.pk])
        return bool(cursor.rowcount)


def next_step(operation: Operation, *, doubts: int, at: datetime) -> datetime:
    """When to ask again: 5 s, 15 s, 1 min, 5 min, 15 min, then hourly, each ± 20 %. `doubts` is
    how many answers before this one left it open; looks whether the payer has confirmed are none.
    """
    step = STEPS[min(doubts, len(STEPS) - 1)]
    wait = step * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load
    if operation.kind == Kind.REFUND:
        wait = max(wait, REFUND_QUERY_AFTER)
    return at + wait


def next_poll(operation: Operation, *, at: datetime) -> datetime:
    """When to ask again whether the payer has confirmed; not later than when his time is up."""
    waited = at - (operation.first_sent_at or at)
    soon = at + (POLL_PAYER if waited < POLL_SOON else POLL_PAYER_LATER)
    ends = operation.expires_at or soon
    return max(at, min(soon, ends))


def ring_for(operation_id: int, *, at: datetime) -> None:
    """A notice came for this operation: ask at once, unless somebody is asking just now."""
    Operation.objects.filter(pk=operation_id, resolved_at=None, next_at__gt=at).exclude(
        state=State.READY
    ).update(next_at=at)


def halt(scope: str, reason: str, *, at: datetime) -> None:
    """Stop sending until ops clear it. One open halt per scope and reason."""
    Halt.objects.bulk_create(
        [Halt(scope=scope, reason=reason[:200], since=at)], ignore_conflicts=True
    )


def overdue_since(*, at: datetime) -> datetime:
    """Open operations first sent before this instant are shown to ops as an alert."""
    return at - ALERT_AFTER
