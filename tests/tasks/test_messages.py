"""Whoever has to be told is told by e-mail, from rows that were written with the fact itself."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import User
from tasks import messages, workflow
from tasks.models import Outbox
from tasks.wording import TEXTS
from tasks.workflow.decision import CLOCK
from tests.orders import HOUR, NOW, START, an_order, creator_of
from tests.verbs import do

pytestmark = pytest.mark.django_db

LATER = START + HOUR


def an_accepted_order() -> Any:
    order = an_order("PAID")
    Outbox.objects.update(done_at=NOW)
    return do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))


def test_a_message_goes_to_the_side_that_it_concerns_once(mailoutbox: list[Any]) -> None:
    order = an_accepted_order()
    assert messages.send_due(at=LATER) == 1
    assert messages.send_due(at=LATER + HOUR) == 0
    [mail] = mailoutbox
    assert mail.to == [order.merchant.user.email]
    assert f"/orders/{order.pk}/" in mail.body
    assert Outbox.objects.latest("id").done_at == LATER


def test_a_message_is_in_the_language_of_the_one_who_gets_it(mailoutbox: list[Any]) -> None:
    order = an_accepted_order()
    User.objects.filter(pk=order.merchant.user_id).update(language="en")
    messages.send_due(at=LATER)
    assert "has accepted" in mailoutbox[0].body


def test_a_theme_with_line_breaks_makes_no_second_header(mailoutbox: list[Any]) -> None:
    order = an_accepted_order()
    type(order.task).objects.filter(pk=order.task_id).update(theme="a\nBcc: x@example.com")
    messages.send_due(at=LATER)
    assert mailoutbox[0].subject.endswith("a Bcc: x@example.com")
    assert mailoutbox[0].bcc == []


def test_a_mail_server_that_is_away_delays_and_never_loses(mailoutbox: list[Any]) -> None:
    an_accepted_order()
    with patch("django.core.mail.EmailMessage.send", side_effect=OSError("no route")):
        assert messages.send_due(at=LATER) == 0
    assert Outbox.objects.latest("id").trouble == "no route"
    assert messages.send_due(at=LATER + timedelta(minutes=9)) == 0
    assert messages.send_due(at=LATER + messages.RETRY) == 1
    assert len(mailoutbox) == 1


def test_a_sender_that_dies_leaves_its_rows_to_the_next(mailoutbox: list[Any]) -> None:
    an_accepted_order()  # crash point 7: the fact is committed, nobody has been told
    with (
        patch("django.core.mail.EmailMessage.send", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        messages.send_due(at=LATER)
    assert messages.send_due(at=LATER + messages.RETRY) == 1
    assert len(mailoutbox) == 1


def test_every_verb_tells_in_words_that_exist() -> None:
    order = an_order("PAID")
    do(workflow.LAPSE, order, at=START, by=CLOCK)
    assert set(Outbox.objects.values_list("kind", flat=True)) <= set(TEXTS)
