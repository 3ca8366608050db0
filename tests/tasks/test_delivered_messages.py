"""What became of a message is recorded; what became of a reminder decides whether the clock may
confirm (N4).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import User
from tasks import messages, workflow
from tasks.letters import letter
from tasks.models import NotificationChoice, Order, Outbox
from tasks.rules import REMINDERS
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tasks.workflow.deliver import Content
from tests.orders import DAY, HOUR, LINK, NOW, START, an_order, creator_of, known, merchant_of
from tests.verbs import do, fresh, last_event

pytestmark = pytest.mark.django_db

LATER = START + HOUR
SEND = "django.core.mail.EmailMessage.send"
N4 = pytest.mark.rule("N4")


def an_accepted_order() -> Order:
    """The merchant is to be told that the creator has accepted, and nobody else anything."""
    order = an_order("PAID")
    Outbox.objects.update(done_at=NOW)
    return do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))


def the_row(kind: str = "accepted") -> Outbox:
    return Outbox.objects.get(kind=kind)


def test_a_message_that_was_sent_says_so_and_carries_its_id(mailoutbox: list[Any]) -> None:
    an_accepted_order()
    messages.send_due(at=LATER)
    row = the_row()
    assert (row.delivery, row.done_at) == ("SENT", LATER)
    assert mailoutbox[0].message()["Message-ID"] == f"<{row.message_id}>"
    assert row.message_id.startswith(f"{row.pk}.")


def test_a_message_has_its_id_before_any_mail_server_is_spoken_to() -> None:
    an_accepted_order()
    seen = []

    def send(_mail: Any) -> int:
        seen.append(the_row().message_id)
        return 1

    with patch(SEND, send):
        messages.send_due(at=LATER)
    assert seen == [the_row().message_id] != [""]


def test_a_second_attempt_carries_the_same_id(mailoutbox: list[Any]) -> None:
    an_accepted_order()
    with patch(SEND, side_effect=OSError("no route")):
        messages.send_due(at=LATER)
    first = the_row().message_id
    messages.send_due(at=LATER + HOUR)
    assert mailoutbox[0].message()["Message-ID"] == f"<{first}>"


def test_what_somebody_does_not_want_is_not_sent(mailoutbox: list[Any]) -> None:
    order = an_accepted_order()
    NotificationChoice.objects.create(user=order.merchant.user, kind="accepted", by_email=False)
    assert messages.send_due(at=LATER) == 0
    assert (the_row().delivery, the_row().done_at) == ("NOT_WANTED", LATER)
    assert mailoutbox == []


def test_one_message_that_breaks_does_not_stop_the_others(mailoutbox: list[Any]) -> None:
    broken, whole = an_accepted_order(), an_accepted_order()
    Outbox.objects.filter(kind="accepted").update(done_at=None)

    def write(row: Outbox) -> Any:
        if row.order_id == broken.pk:
            raise KeyError("a defect that only this message meets")
        return letter(row)

    with patch("tasks.messages.letter", write):
        assert messages.send_due(at=LATER) == 1
    assert Outbox.objects.get(order=whole, kind="accepted").delivery == "SENT"
    left = Outbox.objects.get(order=broken, kind="accepted")
    assert (left.delivery, left.next_at) == ("WAITING", LATER + messages.RETRY)
    assert "a defect" in left.trouble


def refused(code: int) -> SMTPRecipientsRefused:
    return SMTPRecipientsRefused({"m@example.com": (code, b"says the server")})


@pytest.mark.parametrize(
    ("problem", "trouble"),
    [
        (refused(550), "550 says the server"),
        (SMTPDataError(554, b"refused"), "(554, b'refused')"),
        (ValueError("Invalid address"), "Invalid address"),
    ],
    ids=["recipient", "data", "no address at all"],
)
def test_what_can_never_be_delivered_has_come_back_and_is_not_tried_again(
    problem: Exception, trouble: str
) -> None:
    order = an_accepted_order()
    with patch(SEND, side_effect=problem):
        assert messages.send_due(at=LATER) == 0
    row = the_row()
    assert (row.delivery, row.bounced_at, row.done_at) == ("BOUNCED", LATER, LATER)
    assert row.trouble == trouble
    assert messages.send_due(at=LATER + DAY) == 0
    assert fresh(order).held_at is None


def test_a_person_without_an_address_has_got_nothing() -> None:
    order = an_accepted_order()
    User.objects.filter(pk=order.merchant.user_id).update(email="")
    assert messages.send_due(at=LATER) == 0
    assert the_row().delivery == "BOUNCED"


@pytest.mark.parametrize(
    "problem",
    [
        refused(450),
        SMTPDataError(451, b"later"),
        SMTPAuthenticationError(535, b"wrong password"),
        SMTPSenderRefused(550, b"not from you", "no-reply@vtask.example"),
        SMTPServerDisconnected("gone"),
        TimeoutError("timed out"),
    ],
    ids=["greylisted", "data later", "our password", "our sender", "gone", "slow"],
)
def test_what_the_mail_server_refuses_now_or_because_of_us_is_tried_again(
    problem: Exception, mailoutbox: list[Any]
) -> None:
    an_accepted_order()
    with patch(SEND, side_effect=problem):
        assert messages.send_due(at=LATER) == 0
    row = the_row()
    assert (row.delivery, row.done_at, row.bounced_at) == ("WAITING", None, None)
    assert messages.send_due(at=LATER + messages.RETRY) == 1
    assert len(mailoutbox) == 1


def test_a_mail_server_that_is_away_is_not_asked_for_every_message(mailoutbox: list[Any]) -> None:
    for _ in range(5):
        an_accepted_order()
    Outbox.objects.filter(kind="accepted").update(done_at=None)
    with patch(SEND, side_effect=TimeoutError("timed out")) as asked:
        assert messages.send_due(at=LATER) == 0
    assert asked.call_count == 3
    waiting = Outbox.objects.filter(kind="accepted", trouble="timed out", done_at=None)
    assert waiting.count() == 5
    assert messages.send_due(at=LATER + messages.RETRY) == 5


def test_a_message_that_breaks_the_connection_does_not_stop_the_others() -> None:
    for _ in range(4):
        an_accepted_order()
    Outbox.objects.filter(kind="accepted").update(done_at=None)
    gone = SMTPServerDisconnected("gone")
    with patch(SEND, side_effect=[gone, gone, 1, gone]):
        assert messages.send_due(at=LATER) == 1


# Reminders


def due(order: Order, kind: str) -> datetime:
    """When a reminder of this kind is due."""
    assert order.confirm_by is not None
    return known(order.confirm_by) - timedelta(hours=int(kind.rpartition("_")[2]))


def a_reminder(kind: str = "reminder_2") -> Order:
    """A delivered order whose reminder of this kind is written, and all else is sent."""
    order = an_order("DELIVERED")
    Outbox.objects.update(done_at=NOW)
    return write_reminder(order, kind)


def write_reminder(order: Order, kind: str) -> Order:
    engine.run_one(workflow.REMIND, order.pk, at=due(order, kind), by=CLOCK)
    return fresh(order)


def a_sent_reminder(kind: str = "reminder_2") -> tuple[Order, Outbox]:
    order = a_reminder(kind)
    messages.send_due(at=due(order, kind))
    return fresh(order), the_row(kind)


@N4
def test_only_after_the_last_reminder_was_delivered_may_the_clock_confirm(
    mailoutbox: list[Any],
) -> None:
    order = a_reminder()
    at = known(order.confirm_by) - 2 * HOUR
    assert messages.send_due(at=at) == 1
    assert mailoutbox[0].to == [order.merchant.user.email]
    assert fresh(order).reminded_at == at
    assert last_event(order).verb == "mark_reminded"
    engine.sweep(workflow.CONFIRM, at=known(order.confirm_by), by=CLOCK)
    assert fresh(order).state == "CONFIRMED"


@N4
@pytest.mark.parametrize("kind", ["reminder_72", "reminder_24"])
def test_an_earlier_reminder_is_recorded_and_does_not_count(
    kind: str, mailoutbox: list[Any]
) -> None:
    order, row = a_sent_reminder(kind)
    assert row.delivery == "SENT"
    assert order.reminded_at is None


@N4
def test_a_mail_server_that_is_away_delays_the_confirmation_and_leaves_two_hours(
    mailoutbox: list[Any],
) -> None:
    order = a_reminder()
    deadline = known(order.confirm_by)
    with patch(SEND, side_effect=OSError("no route")):
        messages.send_due(at=deadline - 2 * HOUR)
        messages.send_due(at=deadline + 5 * HOUR)
    assert engine.sweep(workflow.CONFIRM, at=deadline + 5 * HOUR, by=CLOCK) == []
    back = deadline + 6 * HOUR
    assert messages.send_due(at=back) == 1
    assert engine.sweep(workflow.CONFIRM, at=back, by=CLOCK) == []
    assert fresh(order).confirm_by == back + 2 * HOUR
    assert len(engine.sweep(workflow.CONFIRM, at=back + 2 * HOUR, by=CLOCK)) == 1


@N4
def test_a_late_reminder_tells_the_instant_that_it_brings_about() -> None:
    order = a_reminder()
    at = known(order.confirm_by) + 30 * HOUR
    told: list[datetime | None] = []

    def write(row: Outbox) -> Any:
        told.append(row.order.confirm_by)
        return letter(row)

    with patch("tasks.messages.letter", write):
        messages.send_due(at=at)
    assert told == [at + 2 * HOUR] == [fresh(order).confirm_by]


Overtake = Callable[[Order, datetime], object]


@N4
@pytest.mark.parametrize(
    "overtake",
    [
        lambda o, at: do(workflow.CONFIRM, o, at=at, by=merchant_of(o)),
        lambda o, at: do(workflow.DELIVER, o, at=at, by=creator_of(o), given=Content(LINK)),
        lambda o, at: write_reminder(o, "reminder_2"),
    ],
    ids=["confirmed", "delivered again", "a later reminder"],
)
def test_a_reminder_that_was_overtaken_is_not_sent(
    overtake: Overtake, mailoutbox: list[Any]
) -> None:
    order = a_reminder("reminder_24")
    at = known(order.confirm_by) - 20 * HOUR
    overtake(order, at)
    Outbox.objects.exclude(kind="reminder_24").update(done_at=at)
    assert messages.send_due(at=at) == 0
    assert the_row("reminder_24").delivery == "OVERTAKEN"
    assert mailoutbox == []


@N4
def test_a_reminder_that_waited_while_the_confirmation_was_held_is_not_sent(
    mailoutbox: list[Any],
) -> None:
    order, first = a_sent_reminder("reminder_72")
    write_reminder(order, "reminder_24")
    messages.came_back(first.message_id, "mailbox full", at=due(order, "reminder_24"))
    Outbox.objects.filter(kind="held").update(done_at=NOW)
    assert messages.send_due(at=due(order, "reminder_24")) == 0
    assert the_row("reminder_24").delivery == "OVERTAKEN"


@N4
@pytest.mark.parametrize("kind", REMINDERS)
def test_nobody_can_switch_the_reminders_off(kind: str, mailoutbox: list[Any]) -> None:
    order = a_reminder(kind)
    NotificationChoice.objects.create(user=order.merchant.user, kind=kind, by_email=False)
    assert messages.send_due(at=due(order, kind)) == 1


@N4
def test_a_reminder_that_is_refused_for_good_holds_the_confirmation() -> None:
    order = a_reminder("reminder_72")
    at = due(order, "reminder_72")
    with patch(SEND, side_effect=refused(550)):
        messages.send_due(at=at)
    assert fresh(order).held_at == at
    assert last_event(order).note == "550 says the server"
    held = Outbox.objects.filter(kind="held").values_list("to", flat=True)
    assert sorted(held) == ["CREATOR", "MERCHANT"]
    assert engine.sweep(workflow.CONFIRM, at=known(order.confirm_by) + 365 * DAY, by=CLOCK) == []


# What comes back later


@N4
@pytest.mark.parametrize("kind", REMINDERS)
def test_a_bounce_of_a_reminder_holds_the_confirmation(kind: str, mailoutbox: list[Any]) -> None:
    order, row = a_sent_reminder(kind)
    at = known(order.confirm_by) - HOUR
    assert messages.came_back(f" <{row.message_id}> ", "mailbox full", at=at)
    assert (the_row(kind).delivery, the_row(kind).bounced_at) == ("BOUNCED", at)
    assert (fresh(order).held_at, fresh(order).reminded_at) == (at, None)
    assert engine.sweep(workflow.CONFIRM, at=known(order.confirm_by), by=CLOCK) == []


@N4
@pytest.mark.rule("N20")
def test_the_same_bounce_twice_holds_once(mailoutbox: list[Any]) -> None:
    order, row = a_sent_reminder()
    first = known(order.reminded_at) + timedelta(minutes=1)
    assert messages.came_back(row.message_id, "mailbox full", at=first)
    assert messages.came_back(row.message_id, "mailbox full", at=first + HOUR)
    assert fresh(order).held_at == the_row("reminder_2").bounced_at == first
    assert order.events.filter(verb="hold").count() == 1


@N4
def test_a_bounce_after_the_confirmation_changes_the_record_alone(mailoutbox: list[Any]) -> None:
    order, row = a_sent_reminder()
    engine.sweep(workflow.CONFIRM, at=known(order.confirm_by), by=CLOCK)
    events = order.events.count()
    messages.came_back(row.message_id, "mailbox full", at=known(order.confirm_by) + HOUR)
    assert fresh(order).state == "CONFIRMED"
    assert order.events.count() == events
    assert the_row("reminder_2").delivery == "BOUNCED"


def test_a_bounce_of_another_message_is_recorded_and_holds_nothing(mailoutbox: list[Any]) -> None:
    order = an_order("DELIVERED")
    messages.send_due(at=LATER + DAY)
    assert messages.came_back(the_row("delivered").message_id, "mailbox full", at=LATER + 2 * DAY)
    assert the_row("delivered").delivery == "BOUNCED"
    assert fresh(order).held_at is None


@pytest.mark.parametrize("message_id", ["", "<>", "1.abc@elsewhere.example"])
def test_a_bounce_of_what_we_never_sent_is_not_ours(message_id: str) -> None:
    an_accepted_order()
    assert not messages.came_back(message_id, "mailbox full", at=LATER)


@N4
def test_a_bounce_that_is_faster_than_our_own_record_stands() -> None:
    order = a_reminder()
    at = known(order.confirm_by) - 2 * HOUR

    def send(_mail: Any) -> int:
        messages.came_back(the_row("reminder_2").message_id, "no such user", at=at)
        return 1

    with patch(SEND, send):
        messages.send_due(at=at)
    assert the_row("reminder_2").delivery == "BOUNCED"
    assert (fresh(order).held_at, fresh(order).reminded_at) == (at, None)


@N4
def test_a_sender_that_dies_before_it_records_reminds_again(mailoutbox: list[Any]) -> None:
    order = a_reminder()
    at = known(order.confirm_by) - 2 * HOUR
    with (
        patch("tasks.messages._sent", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        messages.send_due(at=at)
    assert engine.sweep(workflow.CONFIRM, at=known(order.confirm_by), by=CLOCK) == []
    messages.send_due(at=at + messages.RETRY)
    assert fresh(order).reminded_at == at + messages.RETRY
    assert len(mailoutbox) == 2
