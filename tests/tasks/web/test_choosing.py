from typing import Any

import pytest

from creators.models import Creator
from tasks.models import Order, Pick
from tests.builders import a_creator, a_merchant
from tests.orders import a_draft, a_sent_task
from tests.tasks.web.pages import as_merchant, words

pytestmark = pytest.mark.django_db


def picked(task: Any) -> list[Creator]:
    return [pick.creator for pick in Pick.objects.filter(task=task).order_by("creator_id")]


@pytest.mark.rule("V13")
def test_ticks_are_kept_on_the_draft_over_pages() -> None:
    first, second, third = a_creator(), a_creator(), a_creator()
    task = a_draft()
    browser = as_merchant(task.merchant)
    page = f"/tasks/{task.pk}/creators/"
    browser.post(page, {"shown": [first.pk, second.pk], "creator": [first.pk], "go": "2"})
    browser.post(page, {"shown": [third.pk], "creator": [third.pk], "go": "1"})
    assert picked(task) == [first, third]
    browser.post(page, {"shown": [first.pk, second.pk], "creator": [second.pk], "go": "check"})
    assert picked(task) == [second, third]


def test_the_running_total_is_the_sum_of_the_chosen() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    chosen = [a_creator(price_fen=30_000), a_creator(price_fen=45_050)]
    ids = [creator.pk for creator in chosen]
    page = browser.post(f"/tasks/{task.pk}/creators/", {"shown": ids, "creator": ids}, follow=True)
    assert "Total ¥ 750.50" in words(page)


def test_a_chosen_one_is_taken_away() -> None:
    creator = a_creator()
    task = a_draft()
    browser = as_merchant(task.merchant)
    page = f"/tasks/{task.pk}/creators/"
    browser.post(page, {"shown": [creator.pk], "creator": [creator.pk]})
    browser.post(page, {"remove": creator.pk})
    assert picked(task) == []


@pytest.mark.rule("V13")
def test_the_list_is_filtered_and_keeps_its_filter_when_the_page_is_turned() -> None:
    a_creator(nickname="便宜", price_fen=10_000)
    a_creator(nickname="贵", price_fen=900_000)
    task = a_draft()
    browser = as_merchant(task.merchant)
    page = f"/tasks/{task.pk}/creators/?max_price=200"
    shown = words(browser.get(page))
    assert "便宜" in shown
    assert "贵" not in shown
    assert browser.post(page, {"go": "2"})["Location"] == f"{page}&page=2#found"


@pytest.mark.rule("V6")
def test_a_paused_or_unknown_creator_is_refused_and_nothing_is_chosen() -> None:
    paused = a_creator(is_accepting=False)
    task = a_draft()
    browser = as_merchant(task.merchant)
    page = f"/tasks/{task.pk}/creators/"
    answer = browser.post(page, {"shown": [paused.pk], "creator": [paused.pk]}, follow=True)
    assert "This creator does not accept orders at the moment." in words(answer)
    answer = browser.post(page, {"shown": [987654], "creator": [987654]}, follow=True)
    assert "There is no such creator." in words(answer)
    assert picked(task) == []


def test_once_sent_the_choice_is_closed() -> None:
    task = a_sent_task()
    answer = as_merchant(task.merchant).get(f"/tasks/{task.pk}/creators/")
    assert answer["Location"] == f"/tasks/{task.pk}/"


def a_choice(task: Any, *creators: Creator) -> dict[str, Any]:
    """What the check page posts: each creator with the price that was shown."""
    prices = {f"price-{creator.pk}": creator.default_price_fen for creator in creators}
    return {"creator": [creator.pk for creator in creators], **prices}


@pytest.mark.rule("V16")
def test_the_check_page_shows_every_order_its_price_and_the_total() -> None:
    task = a_draft()
    a, b = (
        a_creator(nickname="阿一", price_fen=30_000),
        a_creator(nickname="阿二", price_fen=50_000),
    )
    Pick.objects.bulk_create([Pick(task=task, creator=creator) for creator in (a, b)])
    shown = words(as_merchant(task.merchant).get(f"/tasks/{task.pk}/check/"))
    assert "阿一 ¥ 300.00 ¥ 0.00 ¥ 300.00" in shown
    assert "阿二 ¥ 500.00 ¥ 0.00 ¥ 500.00" in shown
    assert "Total ¥ 800.00" in shown


@pytest.mark.rule("V18")
def test_sending_makes_one_order_each_and_leads_to_the_payment() -> None:
    task, creator = a_draft(), a_creator(price_fen=30_000)
    Pick.objects.create(task=task, creator=creator)
    browser = as_merchant(task.merchant)
    for _twice in range(2):
        answer = browser.post(f"/tasks/{task.pk}/check/", a_choice(task, creator))
        assert answer["Location"] == f"/tasks/{task.pk}/pay/"
    order = Order.objects.get()
    assert (order.creator, order.price_fen, order.state) == (creator, 30_000, "UNPAID")


def test_a_price_that_changed_meanwhile_is_refused_and_nothing_is_sent() -> None:
    task, creator = a_draft(), a_creator(price_fen=30_000)
    Pick.objects.create(task=task, creator=creator)
    given = a_choice(task, creator)
    creator.quotes.update(price_fen=40_000)
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/check/", given)
    assert "A price or the choice has changed since you looked." in words(page)
    assert not Order.objects.exists()


def test_nobody_chosen_is_said_before_sending() -> None:
    task = a_draft()
    shown = words(as_merchant(task.merchant).get(f"/tasks/{task.pk}/check/"))
    assert "Choose at least one creator." in shown


@pytest.mark.rule("V3")
def test_a_merchant_who_is_not_active_cannot_send() -> None:
    merchant = a_merchant(status="PENDING", activated_at=None)
    task, creator = a_draft(merchant), a_creator()
    Pick.objects.create(task=task, creator=creator)
    page = as_merchant(merchant).post(f"/tasks/{task.pk}/check/", a_choice(task, creator))
    assert "Wait until our staff has activated you." in words(page)
    assert not Order.objects.exists()
