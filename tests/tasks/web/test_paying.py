from typing import Any

import pytest

from settlement.gateway.messages import Outcome
from settlement.models import Escrow, Operation
from tasks.models import Task
from tests import gateway as gateways
from tests.builders import a_browser, a_creator, a_merchant, ops
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
        assert "the sum is frozen in your own Alipay account" in words(page)
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


# The cashier


def started(task: Task) -> Any:
    """The merchant's browser, with the payment asked for."""
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    return browser


def at_the_cashier(task: Task) -> Any:
    """The same, with a code that waits for the payer."""
    browser = started(task)
    with gateways.scripted() as gateway:
        gateway.payer_confirms = False
        settle(PAGE_AT)
    return browser


@pytest.mark.rule("V16")
def test_the_code_stands_with_the_sum_its_words_its_end_and_a_way_for_this_device() -> None:
    task = a_task()
    page = at_the_cashier(task).get(f"/tasks/{task.pk}/payment/")
    html = page.content.decode()
    assert 'aria-label="QR code of this payment of ¥800.00.' in html
    assert "<svg" in html
    assert "style=" not in html
    assert 'href="https://pay.example/1"' in html
    assert "To be confirmed within 15 min" in words(page)
    assert "Until 4 Mar 2026, 12:00 creators accept" in words(page)
    assert 'http-equiv="refresh"' in html
    assert "no-store" in page["Cache-Control"]


def test_nobody_else_sees_the_code() -> None:
    task = a_task()
    at_the_cashier(task)
    creator = task.orders.earliest("pk").creator
    for stranger in (as_merchant(a_merchant()), a_browser(creator.user), a_browser(ops())):
        page = stranger.get(f"/tasks/{task.pk}/payment/")
        part = stranger.get(f"/tasks/{task.pk}/payment/", headers={"HX-Request": "true"})
        assert (page.status_code, part.status_code) == (404, 404)
        assert b"pay.example" not in page.content + part.content
    visitor = a_browser().get(f"/tasks/{task.pk}/payment/")
    assert visitor["Location"].startswith("/accounts/login/")


def test_a_look_that_finds_nothing_new_leaves_the_page_alone() -> None:
    task = a_task()
    browser = at_the_cashier(task)
    page = f"/tasks/{task.pk}/payment/"
    script = {"HX-Request": "true"}
    assert f'hx-get="{page}?seen=scan-1"' in browser.get(page).content.decode()
    assert browser.get(f"{page}?seen=scan-1", headers=script).status_code == 204
    changed = browser.get(f"{page}?seen=preparing-0", headers=script)
    assert "<svg" in changed.content.decode()
    assert "<html" not in changed.content.decode()


@pytest.mark.parametrize(
    ("state", "words_of_it", "can_cancel"),
    [
        ("UNKNOWN", "The payment service has not answered", False),
        ("MANUAL", "Our staff is looking at this payment", False),
        ("SENT", "Preparing the cashier", True),
    ],
)
def test_what_is_not_known_is_said_as_it_is(state: str, words_of_it: str, can_cancel: bool) -> None:
    task = a_task()
    browser = at_the_cashier(task)
    Operation.objects.update(state=state)
    page = browser.get(f"/tasks/{task.pk}/payment/")
    assert words_of_it in words(page)
    assert ("Cancel this payment" in words(page)) is can_cancel
    assert "data-poll" in page.content.decode()
    assert "<svg" not in page.content.decode().partition('id="payment"')[2].partition("qr")[2]


def test_a_cancelled_payment_is_called_so() -> None:
    task = a_task()
    browser = started(task)
    browser.post(f"/tasks/{task.pk}/payment/cancel/")
    shown = words(browser.get(f"/tasks/{task.pk}/payment/"))
    assert "The payment was cancelled Nothing was taken from your account." in shown
    assert "Pay now" in shown


@pytest.mark.rule("V17")
def test_one_that_ran_out_says_so_and_can_be_made_anew() -> None:
    task = a_task()
    browser = at_the_cashier(task)
    with gateways.scripted() as gateway:
        gateway.says["FREEZE?"] = Outcome.EXPIRED
        settle(PAGE_AT + HOUR)
    with at(PAGE_AT + HOUR):
        shown = words(browser.get(f"/tasks/{task.pk}/payment/"))
        assert "The payment was not confirmed in time. Nothing was taken." in shown
        assert "Pay now" in shown


def test_before_any_payment_there_is_nothing_to_wait_for() -> None:
    task = a_task()
    page = as_merchant(task.merchant).get(f"/tasks/{task.pk}/payment/")
    assert "Nothing was paid yet" in words(page)
    assert "data-poll" not in page.content.decode()
