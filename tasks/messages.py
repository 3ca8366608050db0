"""Telling people what happened: outbox rows become e-mails. The row is the truth; a crash only
delays or repeats. What becomes of a reminder decides whether the clock may confirm (N4).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from tasks.letters import letter
from tasks.models import Outbox
from tasks.notices import unwanted
from tasks.rules import LAST_REMINDER, REMINDERS
from tasks.workflow import HOLD, MARK_REMINDED, engine
from tasks.workflow.decision import MAIL
from tasks.workflow.mark_reminded import Reminder, is_the_present_one, with_notice

log = structlog.get_logger()

BATCH = 100
# After so many failures in a row the mail server is taken to be away: each may cost ten seconds.
PATIENCE = 3
RETRY = timedelta(minutes=10)
PERMANENT = 500  # from here on a mail server's code says that trying again is of no use
MOST_CHARS = 200
Delivery = Outbox.Delivery


def send_due(*, at: datetime, size: int = BATCH) -> int:
    """Send what is waiting, oldest first; how many were sent. What cannot be sent now is tried
    again after ten minutes, what can never be sent has come back.
    """
    rows = _claim(at, size)
    silent = unwanted(rows)
    sent = failures = 0
    for place, row in enumerate(rows):
        try:
            sent += _one(row, at, is_wanted=row.pk not in silent)
            failures = 0
        except OSError as problem:
            _remember([row], str(problem))
            failures += 1
            if failures == PATIENCE:
                _remember(rows[place:], str(problem))
                break
    return sent


def _claim(at: datetime, size: int) -> list[Outbox]:
    """Take rows and commit before any mail server is spoken to. They get their message ids now,
    so that a bounce which comes at once finds its row.
    """
    with transaction.atomic():
        rows = list(
            Outbox.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(done_at=None, next_at__lte=at)
            .select_related("order__task", "order__merchant__user", "order__creator__user")
            .order_by("next_at", "id")[:size]
        )
        for row in rows:
            row.next_at = at + RETRY
            row.message_id = row.message_id or _new_id(row)
        Outbox.objects.bulk_update(rows, ["next_at", "message_id"])
    return rows


def _new_id(row: Outbox) -> str:
    """Nobody can guess it; without the angle brackets of the header."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return f"{row.pk}.{secrets.token_hex(8)}@{host}"[:80]


def _one(row: Outbox, at: datetime, *, is_wanted: bool) -> bool:
    """Whether it was sent. One that breaks must not stop the others. Raises OSError when the mail
    server is away or does not want us now.
    """
    try:
        if not is_wanted:
            _end(row, at, Delivery.NOT_WANTED)
        elif row.kind in REMINDERS and not is_the_present_one(row.order, _reminder(row)):
            _end(row, at, Delivery.OVERTAKEN)
        else:
            return _send(row, _written(row, at), at)
    except OSError:
        raise
    except Exception as problem:
        log.exception("message_broken", message=row.pk, kind=row.kind)
        _remember([row], repr(problem))
    return False


def _written(row: Outbox, at: datetime) -> EmailMessage:
    order = row.order
    if row.kind == LAST_REMINDER and order.confirm_by is not None:
        # What it tells is what will be true once it is delivered.
        order.confirm_by = with_notice(order.confirm_by, at)
    mail = letter(row)
    mail.extra_headers["Message-ID"] = f"<{row.message_id}>"
    return mail


def _send(row: Outbox, mail: EmailMessage, at: datetime) -> bool:
    try:
        if mail.send():
            _sent(row, at)
            return True
        trouble = "no address"
    except (SMTPRecipientsRefused, SMTPDataError, ValueError) as problem:
        trouble = _in_words(problem)
        if not _is_permanent(problem):
            _remember([row], trouble)
            return False
    _came_back(row, trouble, at=at)
    return False


def _is_permanent(problem: SMTPRecipientsRefused | SMTPDataError | ValueError) -> bool:
    """Whether this message can never be delivered. A mail server that refuses our login or our
    sender says nothing about the message, and 450 to a recipient means: later.
    """
    if isinstance(problem, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in problem.recipients.values())
    if isinstance(problem, SMTPDataError):
        return problem.smtp_code >= PERMANENT
    return True  # it is no address at all


def _in_words(problem: Exception) -> str:
    if isinstance(problem, SMTPRecipientsRefused):
        [(code, text), *_] = problem.recipients.values()
        return f"{code} {text.decode(errors='replace')}"
    return str(problem)


def _sent(row: Outbox, at: datetime) -> None:
    """The mail server has taken it. Of the last reminder this is what the clock waits for. The
    order is locked before its message, here and everywhere.
    """
    with transaction.atomic():
        if row.kind == LAST_REMINDER:
            engine.run(MARK_REMINDED, [row.order_id], at=at, by=MAIL, given=_reminder(row))
        _end(row, at, Delivery.SENT)


def _end(row: Outbox, at: datetime, how: Delivery) -> None:
    """It is not tried again. One that came back meanwhile stays so."""
    Outbox.objects.filter(pk=row.pk, done_at=None).update(done_at=at, delivery=how, trouble="")


def _remember(rows: Sequence[Outbox], trouble: str) -> None:
    """They are tried again when their time comes."""
    pks = [row.pk for row in rows]
    Outbox.objects.filter(pk__in=pks, done_at=None).update(trouble=trouble[:MOST_CHARS])


def came_back(message_id: str, trouble: str, *, at: datetime) -> bool:
    """A message was returned after it had been taken; whether it is one of ours. The second time
    changes nothing.
    """
    row = Outbox.objects.filter(message_id=message_id.strip().strip("<>")).first()
    if row is None or not row.message_id:
        return False
    _came_back(row, trouble, at=at)
    return True


def _came_back(row: Outbox, trouble: str, *, at: datetime) -> None:
    """Record that nobody has got a message. Of a reminder the confirmation is held, if the clock
    it belongs to still runs (N4).
    """
    with transaction.atomic():
        outcomes = []
        if row.kind in REMINDERS and row.bounced_at is None:
            given = _reminder(row, trouble)
            outcomes = engine.run(HOLD, [row.order_id], at=at, by=MAIL, given=given)
        is_new = Outbox.objects.filter(pk=row.pk, bounced_at=None).update(
            bounced_at=at,
            done_at=row.done_at or at,
            delivery=Delivery.BOUNCED,
            trouble=trouble[:MOST_CHARS],
        )
    if is_new:
        is_held = any(outcome.result == engine.DONE for outcome in outcomes)
        log.warning(
            "message_came_back", message=row.pk, kind=row.kind, order=row.order_id, held=is_held
        )


def _reminder(row: Outbox, trouble: str = "") -> Reminder:
    return Reminder(row.kind, row.at, trouble)
