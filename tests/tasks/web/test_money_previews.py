"""N1: what a page shows before its button is what the ledger then does, to the fen, for every verb
of merchants and creators that moves money. (The verbs of staff are proven in tests/admin.)
"""

from typing import Any

import pytest

from policy.models import FeePolicy
from policy.numbers import Policy
from settlement.gateway.messages import Outcome
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tasks.workflow.decision import Role
from tests import gateway as gateways
from tests.builders import a_creator, ops
from tests.orders import (
    DAY,
    HOUR,
    NOW,
    START,
    a_sent_task,
    an_order,
    delivered_at,
    merchant_of,
    pockets,
    settle,
)
from tests.tasks.web.pages import as_creator, as_merchant, at, words

pytestmark = pytest.mark.django_db

FIFTH = Policy(fee_bps=2000)
PRICE, NET, FEE = 80_001, 64_001, 16_000  # the fee is rounded once, half up


def shown(browser: Any, page: str) -> dict[str, int]:
    """The figures of the page's money preview by their words."""
    preview = browser.get(page).context["preview"]
    lines = {str(line.label): line.fen for line in preview.lines}
    total = {preview.total_label: preview.total_fen} if preview.total_label else {}
    assert preview.sentence
    return {**lines, **total}


def then(at_: Any) -> None:
    """The gateway says yes to all that is asked."""
    with gateways.scripted():
        while settle(at_):
            at_ += DAY / 24


def an_order_of_odd_fen(state: str) -> Order:
    return an_order(state, policy=FIFTH, price_fen=PRICE)


def test_these_are_all_the_verbs_of_merchants_and_creators_that_move_money() -> None:
    theirs = {Role.MERCHANT, Role.CREATOR}
    moving = {v.name for v in workflow.VERBS.values() if v.roles & theirs and v.money != "–"}
    proven = {"start_payment", "cancel_payment", "accept", "decline", "confirm", "pay_out"}
    assert moving == proven


@pytest.mark.rule("N1", "V16", "V50")
def test_paying_freezes_what_was_shown() -> None:
    FeePolicy.objects.create(
        name="20 %", rate_bps=2000, starts_at=NOW - DAY, made_by=ops(), reason="test"
    )
    task = a_sent_task(a_creator(price_fen=PRICE), a_creator(price_fen=30_000))
    browser = as_merchant(task.merchant)
    figures = shown(browser, f"/tasks/{task.pk}/pay/")
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": str(PRICE + 30_000)})
    then(NOW + HOUR)
    orders = list(task.orders.order_by("pk"))
    assert [pockets(order) for order in orders] == [{"frozen": PRICE}, {"frozen": 30_000}]
    assert sum(order.net_fen or 0 for order in orders) == figures["Creators receive"]
    assert sum(order.fee_fen or 0 for order in orders) == figures["Platform fee"]
    assert figures["Frozen in your account"] == PRICE + 30_000


@pytest.mark.rule("N1")
def test_giving_up_a_payment_moves_nothing() -> None:
    task = a_sent_task()
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "80000"})
    browser.post(f"/tasks/{task.pk}/payment/cancel/")
    then(NOW + HOUR)
    assert pockets(task.orders.get()) == {}


@pytest.mark.rule("N1", "N7", "V51")
def test_accepting_moves_into_escrow_what_was_shown() -> None:
    order = an_order_of_odd_fen("PAID")
    browser, page = as_creator(order.creator), f"/orders/{order.pk}/accept/"
    figures = shown(browser, page)
    browser.post(page)
    then(NOW + HOUR)
    assert pockets(order) == {"held": figures["Moves into escrow"]} == {"held": PRICE}
    assert figures["Reward"] == PRICE
    assert (figures["The creator receives"], figures["Platform fee"]) == (NET, FEE)
    confirm(order)
    assert pockets(order) == {"paid": figures["The creator receives"], "fee": FEE}


def confirm(order: Order) -> None:
    """Delivered and confirmed, with the money at its end."""
    creator, merchant = as_creator(order.creator), as_merchant(order.merchant)
    with at(START + HOUR):
        creator.post(f"/orders/{order.pk}/deliver/", {"url": "https://we.example/1"})
        merchant.post(f"/orders/{order.pk}/confirm/")
        then(START + HOUR)


@pytest.mark.rule("N1", "V53")
def test_declining_returns_what_was_shown() -> None:
    order = an_order_of_odd_fen("PAID")
    browser, page = as_creator(order.creator), f"/orders/{order.pk}/decline/"
    figures = shown(browser, page)
    browser.post(page, {"reason": "没有时间"})
    then(NOW + HOUR)
    assert pockets(order) == {"returned": figures["Back to the merchant"]} == {"returned": PRICE}
    assert figures["You receive"] == 0


@pytest.mark.rule("N1", "V52", "V59")
def test_confirming_releases_what_was_shown() -> None:
    order = an_order_of_odd_fen("DELIVERED")
    browser, page = as_merchant(order.merchant), f"/orders/{order.pk}/confirm/"
    with at(delivered_at(order) + HOUR):
        figures = shown(browser, page)
        browser.post(page)
        then(delivered_at(order) + HOUR)
    assert pockets(order) == {
        "paid": figures["The creator receives"],
        "fee": figures["Platform fee"],
    }
    assert figures == {"The creator receives": NET, "Platform fee": FEE, "Leaves escrow": PRICE}


@pytest.mark.rule("N1")
def test_a_payout_that_is_tried_again_sends_what_was_shown() -> None:
    order = an_order_of_odd_fen("DELIVERED")
    instant = delivered_at(order) + HOUR
    engine.run_one(workflow.CONFIRM, order.pk, at=instant, by=merchant_of(order))
    with gateways.scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.FAILED
        settle(instant)
    browser, page = as_creator(order.creator), f"/orders/{order.pk}/payout/"
    with at(instant + HOUR):
        figures = shown(browser, page)
        browser.post(page)
        then(instant + HOUR)
    assert figures == {"You receive": NET}
    assert pockets(order) == {"paid": figures["You receive"], "fee": FEE}


@pytest.mark.rule("N1", "V40")
def test_a_dispute_leaves_in_escrow_what_was_shown() -> None:
    order = an_order_of_odd_fen("DELIVERED")
    browser, page = as_merchant(order.merchant), f"/orders/{order.pk}/dispute/"
    figures = shown(browser, page)
    browser.post(page, {"reason": "少了一张图"})
    then(delivered_at(order) + HOUR)
    assert pockets(order) == {"held": figures["Stays in escrow"]} == {"held": PRICE}


@pytest.mark.rule("N1", "V52")
def test_a_delivery_moves_nothing_and_pays_by_itself_what_and_when_it_said() -> None:
    order = an_order_of_odd_fen("ACCEPTED")
    browser, page = as_creator(order.creator), f"/orders/{order.pk}/deliver/"
    with at(START):
        figures, said = shown(browser, page), words(browser.get(page))
        browser.post(page, {"url": "https://we.example/1"})
    order = Order.objects.get(pk=order.pk)
    assert (pockets(order), order.confirm_by) == ({"held": PRICE}, START + 10 * DAY)
    assert figures == {"You will receive": NET}
    assert "confirms itself on 14 Mar 2026, 12:00" in said


@pytest.mark.rule("N1", "V18", "V19")
def test_another_price_is_shared_as_was_shown_before_it_was_accepted() -> None:
    order = an_order("UNPAID")
    merchant, creator = as_merchant(order.merchant), as_creator(order.creator)
    creator.post(f"/orders/{order.pk}/offer/", {"price_fen": "950.50"})
    page = merchant.get(f"/orders/{order.pk}/")
    preview = page.context["offer"]["preview"]
    figures = {str(line.label): line.fen for line in preview.lines}
    merchant.post(f"/orders/{order.pk}/offer/accept/", {"price_fen": "95050"})
    merchant.post(f"/tasks/{order.task_id}/pay/", {"total_fen": "95050"})
    then(NOW + HOUR)
    order = Order.objects.get(pk=order.pk)
    assert pockets(order) == {"frozen": figures["New price"]} == {"frozen": 95_050}
    assert figures["Price now"] == 80_000
    assert (order.net_fen, order.fee_fen) == (
        figures["The creator receives"],
        figures["Platform fee"],
    )
