"""Notices at our one open address: a doorbell that anybody may press, and that moves nothing."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from core import clock
from settlement.gateway.messages import Answer, Outcome
from settlement.models import Notice, Operation
from settlement.web import views
from tasks.models import Order
from tests.gateway import scripted
from tests.orders import NOW, a_sent_task, pockets, settle, start_payment
from tests.settlement.gateway.alipay import APP_ID, SELLER_ID, write_keys
from tests.settlement.gateway.test_notices import signed_form
from tests.verbs import operation_of, world

pytestmark = pytest.mark.django_db

URL = "/settlement/notice/"


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_keys(tmp_path_factory.mktemp("alipay-keys"))


@pytest.fixture(autouse=True)
def _shop(settings: Settings, keys_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALIPAY_APP_ID = APP_ID
    settings.ALIPAY_SELLER_ID = SELLER_ID
    settings.ALIPAY_KEYS_DIR = keys_dir
    monkeypatch.setattr(clock, "now", lambda: NOW)


def waiting() -> Order:
    """An order whose payer has not yet confirmed; its freeze will be asked about in an hour."""
    task = a_sent_task()
    start_payment(task)
    with scripted() as gateway:
        gateway.payer_confirms = False
        settle(NOW)
    order = task.orders.get()
    Operation.objects.update(next_at=NOW.replace(hour=NOW.hour + 1))
    return order


def form(order: Order, **fields: str) -> dict[str, str]:
    operation = operation_of(order)
    known = {
        "notify_id": "2026030200222",
        "notify_type": "fund_auth_freeze",
        "app_id": APP_ID,
        "auth_no": "2026030210002001230200000001",
        "out_order_no": operation.out_no,
        "out_request_no": operation.out_no,
        "operation_type": "FREEZE",
        "amount": "800.00",
        "status": "SUCCESS",
        "payee_user_id": SELLER_ID,
    }
    return {**known, **fields}


def post(fields: dict[str, Any], **more: Any) -> HttpResponse:
    """As the gateway posts: without a session, and with CSRF checks on."""
    return Client(enforce_csrf_checks=True).post(URL, fields, **more)  # type: ignore[return-value]


def refused(order: Order, fields: dict[str, Any]) -> bytes:
    """The body of a refusal; proves that nothing was kept and nothing moved."""
    before = world(order)
    response = post(fields)
    assert response.status_code == 400
    assert not Notice.objects.exists()
    assert world(order) == before
    return response.content


def test_a_signed_notice_is_kept_and_answered_with_success_and_nothing_else() -> None:
    order = waiting()
    response = post(signed_form(form(order)))
    assert (response.status_code, response.content) == (200, b"success")
    notice = Notice.objects.get()
    assert (notice.operation, notice.amount_fen) == (operation_of(order), 80_000)


def test_a_notice_moves_no_money_but_lets_the_worker_ask_at_once() -> None:
    order = waiting()
    post(signed_form(form(order)))
    assert pockets(order) == {}
    assert Order.objects.get(pk=order.pk).state == "UNPAID"
    assert operation_of(order).next_at == NOW


def test_what_the_gateway_then_says_counts_and_not_what_the_notice_said() -> None:
    order = waiting()
    post(signed_form(form(order, status="SUCCESS")))
    with scripted() as gateway:
        gateway.says["FREEZE?"] = gateway.says["FREEZE"] = gateway_says_no()
        settle(NOW)
    assert Order.objects.get(pk=order.pk).state == "UNPAID"
    assert pockets(order) == {}


def gateway_says_no() -> Any:
    return Answer(Outcome.FAILED, sub_code="PAYER_REFUSED")


@pytest.mark.rule("N20")
def test_ten_times_the_same_notice_is_one_notice_and_ten_times_success() -> None:
    order = waiting()
    fields = signed_form(form(order))
    assert {post(fields).content for _ in range(10)} == {b"success"}
    assert Notice.objects.count() == 1


def test_a_bad_signature_is_refused() -> None:
    order = waiting()
    fields = signed_form(form(order))
    assert refused(order, {**fields, "amount": "800.01"}) == b"fail"


def test_no_signature_is_refused() -> None:
    order = waiting()
    assert refused(order, form(order)) == b"fail"


def test_another_app_id_is_refused() -> None:
    order = waiting()
    fields = signed_form(form(order, app_id="2021000000000002"))
    assert refused(order, fields) == b"fail"


def test_another_payee_is_refused() -> None:
    order = waiting()
    fields = signed_form(form(order, payee_user_id="2088000000000002"))
    assert refused(order, fields) == b"fail"


@pytest.mark.parametrize("amount", ["800.01", "0.01", "-800.00", "8e2", ""])
def test_another_amount_is_refused(amount: str) -> None:
    order = waiting()
    fields = signed_form(form(order, amount=amount))
    if not amount:  # a notice without an amount is only a doorbell
        assert post(fields).content == b"success"
        return
    assert refused(order, fields) == b"fail"


def test_an_operation_that_is_not_ours_is_refused() -> None:
    order = waiting()
    fields = form(order, out_order_no="F" + "A" * 26, out_request_no="F" + "A" * 26)
    assert refused(order, signed_form(fields)) == b"fail"


def test_all_refusals_read_the_same() -> None:
    order = waiting()
    bodies = {
        refused(order, form(order)),
        refused(order, signed_form(form(order, app_id="1"))),
        refused(order, signed_form(form(order, amount="1.00"))),
        refused(order, {}),
    }
    assert bodies == {b"fail"}


def test_a_notice_that_is_too_large_is_not_read() -> None:
    order = waiting()
    assert refused(order, {**signed_form(form(order)), "extra": "x" * views.MOST_BYTES}) == b"fail"


def test_only_posting_is_answered() -> None:
    assert Client().get(URL).status_code == 405


def test_success_is_said_only_when_the_notice_is_safe() -> None:
    order = waiting()
    client = Client(raise_request_exception=False)
    with patch("settlement.inbox.Notice.objects.get_or_create", side_effect=RuntimeError):
        response = client.post(URL, signed_form(form(order)))
    assert response.status_code == 500
    assert b"success" not in response.content
    assert not Notice.objects.exists()


def test_the_kept_notice_is_encrypted() -> None:
    order = waiting()
    post(signed_form(form(order, payer_logon_id="liu@example.com")))
    with connection.cursor() as cursor:
        cursor.execute("select raw from settlement_notice")
        assert "liu@example.com" not in cursor.fetchone()[0]
    assert "liu@example.com" in Notice.objects.get().raw
