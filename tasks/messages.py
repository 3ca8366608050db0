"""Telling people what happened: outbox rows become e-mails. The row is the truth; a crash only
delays or repeats.
"""

from datetime import datetime, timedelta

from django.db import transaction

from tasks.letters import letter
from tasks.models import Outbox

BATCH = 100
RETRY = timedelta(minutes=10)


def send_due(*, at: datetime, size: int = BATCH) -> int:
    """Send what is waiting, oldest first; how many were sent. What cannot be sent is tried again
    later.
    """
    rows = _claim(at, size)
    return sum(_send(row, at) for row in rows)


def _claim(at: datetime, size: int) -> list[Outbox]:
    """Take rows and commit before any mail server is spoken to."""
    with transaction.atomic():
        rows = list(
            Outbox.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(done_at=None, next_at__lte=at)
            .select_related("order__task", "order__merchant__user", "order__creator__user")
            .order_by("next_at", "id")[:size]
        )
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(next_at=at + RETRY)
    return rows


def _send(row: Outbox, at: datetime) -> bool:
    try:
        letter(row).send()
    except OSError as problem:  # the mail server's refusals are OSErrors too
        Outbox.objects.filter(pk=row.pk).update(trouble=str(problem)[:200])
        return False
    Outbox.objects.filter(pk=row.pk).update(done_at=at, trouble="")
    return True
