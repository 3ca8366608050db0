from typing import Any

import pytest

from settlement.gateway.messages import Outcome
from settlement.models import Escrow, Operation
from tasks.models import Task
from tests import gateway as gateways
from tests.builders import a_creator, a_merchant
from tests.orders import HOUR, NOW, START, a_sent_task, paid, settle
from tests.tasks.web.pages import as_merchant, at, words

pytestmark = pytest.mark.django_db
PAGE_AT = NOW + HOUR


def a_task(**facts: Any) -> Task:
    """Two orders, 300.00 and 500.00."""
    return a_sent_task(a_creator(price_fen=30_000), a_creator(price_fen=50_000), **facts)


def states(task: Task) -> set[str]:
    return set(task.orders.values_list("state", flat=True))


@pytest.mark.rule("V16", "N1")
def test_before_the_cashier_every_order_the_total_and_what_happens_to_the_money_is_shown() -> None:
    task = a_task()
    shown = words(as_merchant(task.merchant).get(f"/tasks/{task.pk}/pay/"))
    assert "¥ 300.00" in shown
    assert "Total ¥ 800.00" in shown
    assert "Creators receive ¥ 800.00 Platform fee ¥ 0.00" in shown
    assert "Frozen in your account ¥ 800.00" in shown


@pytest.mark.rule("V16")
def test_paying_leads_to_the_cashier_and_on_by_itself_when_paid() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    waiting = f"/tasks/{task.pk}/payment/"
    answer = browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    assert answer["Location"] == waiting
    assert "Preparing the cashier" in words(browser.get(waiting))
    with gateways.scripted():
        settle(PAGE_AT)
        page = browser.get(waiting)
        assert 'href="https://pay.example/1"' in page.content.decode()
        assert "<svg" in page.content.decode()
        settle(PAGE_AT + 5 * HOUR / 3600)
    assert states(task) == {"PAID"}
    assert browser.get(waiting)["Location"] == f"/tasks/{task.pk}/"
    part = browser.get(waiting, headers={"HX-Request": "true"})
    assert part["HX-Redirect"] == f"/tasks/{task.pk}/"


def test_paying_twice_asks_for_one_freeze() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    for _twice in range(2):
        browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    assert Operation.objects.count() == 1
    assert browser.get(f"/tasks/{task.pk}/pay/")["Location"] == f"/tasks/{task.pk}/payment/"


def test_a_total_that_changed_meanwhile_is_refused_and_nothing_moves() -> None:
    task = a_task()
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/pay/", {"total_fen": "79999"})
    assert "The total has changed since you looked." in words(page)
    assert not Operation.objects.exists()


@pytest.mark.rule("V4")
@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (None, "Bind the Alipay account that you pay from."),
        ({"is_real_name_verified": False}, "has not yet verified"),
        ({"can_pay_from_balance": False}, "has not yet seen that the account may pay"),
    ],
)
def test_without_a_verified_payment_account_nothing_can_be_paid(account: Any, reason: str) -> None:
    task = a_task(merchant=a_merchant(account=account))
    browser = as_merchant(task.merchant)
    assert reason in words(browser.get(f"/tasks/{task.pk}/pay/"))
    refused = browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    assert reason in words(refused)
    assert not Operation.objects.exists()


@pytest.mark.rule("V17")
def test_after_the_start_it_is_too_late_to_pay() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    with at(START):
        page = browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    assert "The start time has passed" in words(page)
    assert not Operation.objects.exists()


@pytest.mark.rule("V17")
def test_a_payment_that_failed_says_why_and_can_be_made_anew() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    with gateways.scripted() as gateway:
        gateway.says["FREEZE"] = Outcome.FAILED
        settle(PAGE_AT)
    page = browser.get(f"/tasks/{task.pk}/payment/")
    assert "The payment did not go through" in words(page)
    assert "Nothing was taken." in words(page)
    assert states(task) == {"UNPAID"}
    again = browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    assert again["Location"] == f"/tasks/{task.pk}/payment/"
    assert Operation.objects.count() == 2


@pytest.mark.rule("V17")
def test_a_payment_is_given_up_and_begun_anew() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    browser.post(f"/tasks/{task.pk}/payment/cancel/")
    assert Operation.objects.get().state == "CANCELLED"
    assert not Escrow.objects.exclude(open_operation=None).exists()
    assert "Pay now" in words(browser.get(f"/tasks/{task.pk}/payment/"))


@pytest.mark.rule("V17")
def test_one_that_waits_for_the_payer_is_cancelled_at_the_gateway_first() -> None:
    task = a_task()
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    with gateways.scripted() as gateway:
        gateway.payer_confirms = False
        settle(PAGE_AT)
        browser.post(f"/tasks/{task.pk}/payment/cancel/")
        assert "being cancelled" in words(browser.get(f"/tasks/{task.pk}/payment/"))
        settle(PAGE_AT)
    assert "Pay now" in words(browser.get(f"/tasks/{task.pk}/payment/"))
    assert states(task) == {"UNPAID"}


def test_there_is_nothing_to_pay_twice() -> None:
    task = a_task()
    paid(task)
    answer = as_merchant(task.merchant).get(f"/tasks/{task.pk}/pay/")
    assert answer["Location"] == f"/tasks/{task.pk}/"


def test_cancelling_anothers_payment_is_not_there() -> None:
    task = a_task()
    as_merchant(task.merchant).post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    stranger = as_merchant(a_merchant())
    assert stranger.post(f"/tasks/{task.pk}/payment/cancel/").status_code == 404
    assert Operation.objects.get().state == "READY"
