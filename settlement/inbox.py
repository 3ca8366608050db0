"""The inbox of verified notices. A notice is a doorbell: it makes the worker ask, and changes
nothing else.
"""

import json
from datetime import datetime

from django.db import transaction

from settlement import crash, doorbell, operations
from settlement.gateway.notices import VerifiedNotice
from settlement.kinds import Kind
from settlement.models import Notice, Operation


class UnknownNotice(Exception):
    """The notice is signed, but speaks of an operation or an amount that is not ours."""


def take_in(notice: VerifiedNotice, *, at: datetime) -> None:
    """Keep a notice once and let its operation be queried now, in one transaction.

    Raises `UnknownNotice`, with nothing kept, when it names no operation of ours or more than its
    amount.
    """
    with transaction.atomic():
        operation = Operation.objects.filter(out_no=notice.out_no).first()
        if operation is None:
            raise UnknownNotice("no such operation")
        if notice.amount_fen is not None and not _fits(operation, notice):
            raise UnknownNotice("another amount")
        _, is_new = Notice.objects.get_or_create(
            notify_id=notice.notify_id,
            defaults={
                "notify_type": notice.notify_type[:60],
                "operation": operation,
                "amount_fen": notice.amount_fen,
                "raw": json.dumps(notice.fields, ensure_ascii=False),
                "received_at": at,
            },
        )
        if is_new:
            operations.ring_for(operation.pk, at=at)
            transaction.on_commit(doorbell.ring, robust=True)
        crash.here("before-inbox-commit")


def _fits(operation: Operation, notice: VerifiedNotice) -> bool:
    """The amount must be the operation's; a refund is told with the sum of the trade's refunds."""
    return notice.kind == Kind.REFUND or notice.amount_fen == operation.amount_fen
