"""The mail server reports what came back, with a secret that only it knows (N4)."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tasks import messages, workflow
from tasks.models import Outbox
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests.orders import HOUR, an_order, known
from tests.tasks.web.pages import at
from tests.verbs import fresh, world

pytestmark = [pytest.mark.django_db, pytest.mark.rule("N4")]

URL = "/mail/bounces/"
SECRET = "a-secret-that-is-only-good-for-tests-0123456789"


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.MAIL_BOUNCE_SECRET = SECRET


def a_sent_reminder() -> Outbox:
    order = an_order("DELIVERED")
    last = known(order.confirm_by) - 2 * HOUR
    engine.run_one(workflow.REMIND, order.pk, at=last, by=CLOCK)
    messages.send_due(at=last)
    return Outbox.objects.select_related("order").get(kind="reminder_2")


def report(body: Any, *, secret: str = f"Bearer {SECRET}", browser: Client | None = None) -> int:
    """The answer to a report; the body is sent as JSON unless it is bytes."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = (browser or Client(enforce_csrf_checks=True)).post(
        URL, content, content_type="application/json", headers={"Authorization": secret}
    )
    return int(answer.status_code)


def test_a_report_holds_the_confirmation(mailoutbox: list[Any]) -> None:
    row = a_sent_reminder()
    back = row.at + HOUR
    with at(back):
        assert report({"message_id": f"<{row.message_id}>", "reason": "550 no such user"}) == 204
    assert fresh(row.order).held_at == back
    row.refresh_from_db()
    assert (row.delivery, row.trouble) == ("BOUNCED", "550 no such user")


def test_the_same_report_again_is_answered_in_the_same_way(mailoutbox: list[Any]) -> None:
    row = a_sent_reminder()
    with at(row.at + HOUR):
        assert report({"message_id": row.message_id}) == 204
        before = world(row.order)
        assert report({"message_id": row.message_id}) == 204
    assert world(row.order) == before


def test_what_is_not_ours_is_taken_and_changes_nothing(mailoutbox: list[Any]) -> None:
    row = a_sent_reminder()
    before = world(row.order)
    assert report({"message_id": "1.abc@elsewhere.example", "reason": "gone"}) == 204
    assert world(row.order) == before


@pytest.mark.parametrize("wrong", ["", "Bearer ", "Bearer x", SECRET, "Bearer ключ"])
def test_without_the_secret_nothing_is_taken(wrong: str, mailoutbox: list[Any]) -> None:
    row = a_sent_reminder()
    before = world(row.order)
    assert report({"message_id": row.message_id}, secret=wrong) == 403
    assert world(row.order) == before


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"[" * 20_000, [], "text", 7, {}, {"message_id": ""},
        {"message_id": 5}, {"message_id": "a\0b"}, {"message_id": None, "reason": "x"},
        b" " * (64 * 1024 + 1),
    ],
    ids=[
        "nothing", "broken", "no text", "deep", "list", "string", "number", "empty", "blank",
        "a number", "a null character", "null", "large",
    ],
)  # fmt: skip
def test_a_report_that_says_nothing_is_refused(body: Any) -> None:
    assert report(body) == 400


def test_a_strange_reason_is_kept_as_text(mailoutbox: list[Any]) -> None:
    row = a_sent_reminder()
    with at(row.at + HOUR):
        told = {"message_id": row.message_id, "reason": {"code": 550, "text": "x\0" * 400}}
        assert report(told) == 204
    row.refresh_from_db()
    assert len(row.trouble) == 200


def test_where_no_secret_is_set_there_is_no_such_address(settings: Settings) -> None:
    settings.MAIL_BOUNCE_SECRET = ""
    assert report({"message_id": "1.abc@elsewhere.example"}, secret="Bearer ") == 404
