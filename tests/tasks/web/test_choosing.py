from typing import Any

import pytest

from creators.models import Creator, Quote
from policy.models import FeePolicy, PolicyChange
from tasks.models import Order, Pick
from tests.builders import a_creator, a_merchant, a_work, queries_of
from tests.orders import NOW, a_draft, a_sent_task, an_order
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


# The list


@pytest.mark.rule("V14")
def test_a_card_shows_what_he_can_do_and_what_he_costs_here() -> None:
    done = an_order("REVIEWED")
    creator = done.creator
    a_work(creator, title="春季护肤清单")
    Quote.objects.create(creator=creator, content_format="VIDEO", price_fen=123_400)
    task = a_draft(content_format="VIDEO")
    shown = words(as_merchant(task.merchant).get(f"/tasks/{task.pk}/creators/"))
    assert f"{creator.nickname} Beauty ¥ 1,234.00" in shown
    assert "Followers 12k Average reads 3,000 Orders finished 1 Rating 4.7 (1)" in shown
    assert "春季护肤清单 5,200 reads" in shown


@pytest.mark.rule("V9", "V13")
def test_who_asks_for_nothing_sees_the_creators_of_the_tasks_channel() -> None:
    a_creator(nickname="在微淘")
    a_creator(nickname="不在微淘", channels=())
    task = a_draft()
    browser = as_merchant(task.merchant)
    first = words(browser.get(f"/tasks/{task.pk}/creators/"))
    assert ("在微淘" in first, "不在微淘" in first) == (True, False)
    everybody = words(browser.get(f"/tasks/{task.pk}/creators/?channel="))
    assert "不在微淘" in everybody
    assert "not on Weitao (own feed)" in everybody


def test_no_result_leads_back_to_everybody() -> None:
    task = a_draft()
    page = as_merchant(task.merchant).get(f"/tasks/{task.pk}/creators/?name=nobody")
    assert "No creators match" in words(page)
    assert 'href="?channel="' in page.content.decode()


def test_filters_that_make_no_sense_filter_nothing() -> None:
    creator = a_creator()
    task = a_draft()
    query = "?domain=x&channel=999&min_price=abc&max_price=-1&min_followers=9e9&sort=x&page=-3"
    page = as_merchant(task.merchant).get(f"/tasks/{task.pk}/creators/{query}")
    assert creator.nickname in words(page)


def test_the_list_takes_as_many_queries_for_twenty_cards_as_for_one() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    a_work(a_creator())
    one = queries_of(browser, f"/tasks/{task.pk}/creators/")
    for _number in range(19):
        a_work(a_creator())
    assert queries_of(browser, f"/tasks/{task.pk}/creators/") == one


# The basket


def test_a_script_gets_the_basket_alone() -> None:
    creator = a_creator(nickname="阿一", price_fen=30_000)
    task = a_draft()
    browser = as_merchant(task.merchant)
    given = {"shown": [creator.pk], "creator": [creator.pk]}
    part = browser.post(f"/tasks/{task.pk}/creators/", given, headers={"HX-Request": "true"})
    assert "Chosen 1" in words(part)
    assert "阿一 ¥ 300.00" in words(part)
    assert "Total ¥ 300.00" in words(part)
    assert "<html" not in part.content.decode()


def test_a_tick_that_does_not_count_is_taken_back_by_a_fresh_page() -> None:
    paused = a_creator(is_accepting=False)
    task = a_draft()
    browser = as_merchant(task.merchant)
    given = {"shown": [paused.pk], "creator": [paused.pk]}
    part = browser.post(f"/tasks/{task.pk}/creators/", given, headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    page = browser.get(f"/tasks/{task.pk}/creators/")
    assert "This creator does not accept orders at the moment." in words(page)
    assert picked(task) == []


def test_without_a_script_one_comes_back_to_the_list_or_the_basket() -> None:
    creator = a_creator()
    task = a_draft()
    browser = as_merchant(task.merchant)
    page = f"/tasks/{task.pk}/creators/?sort=price"
    given = {"shown": [creator.pk], "creator": [creator.pk], "go": "here"}
    assert browser.post(page, given)["Location"] == f"{page}#found"
    assert browser.post(page, {"remove": creator.pk})["Location"] == f"{page}#basket"


# The last look


@pytest.mark.rule("N1")
def test_the_sums_of_the_last_look_are_those_that_paying_will_fix() -> None:
    FeePolicy.objects.create(rate_bps=2_000, scope="ALWAYS", starts_at=NOW)
    task, creator = a_draft(), a_creator(nickname="阿一", price_fen=30_000)
    Pick.objects.create(task=task, creator=creator)
    browser = as_merchant(task.merchant)
    shown = words(browser.get(f"/tasks/{task.pk}/check/"))
    assert "阿一 ¥ 300.00 ¥ 60.00 ¥ 240.00" in shown
    assert "Creators receive ¥ 240.00 Platform fee ¥ 60.00 To pay, once ¥ 300.00" in shown
    assert "Platform fee 20 %" in shown
    browser.post(f"/tasks/{task.pk}/check/", a_choice(task, creator))
    browser.post(f"/tasks/{task.pk}/pay/", {"total_fen": "30000"})
    order = Order.objects.get()
    assert (order.fee_fen, order.net_fen) == (6_000, 24_000)


@pytest.mark.rule("N1", "N2")
def test_it_says_who_gets_what_when_with_the_tasks_own_times_and_the_numbers_in_force() -> None:
    PolicyChange.objects.create(key="auto_confirm_days", value=7, effective_at=NOW, made_at=NOW)
    task = a_draft()
    Pick.objects.create(task=task, creator=a_creator())
    shown = words(as_merchant(task.merchant).get(f"/tasks/{task.pk}/check/"))
    assert "Until 4 Mar 2026, 12:00 creators accept" in shown
    assert "Until 9 Mar 2026, 12:00 they deliver" in shown
    assert "or by itself 7 days after the delivery" in shown
    assert "Confirmed by itself 7 days after delivery" in shown


def test_changes_that_would_not_be_sent_are_pointed_out() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    browser.post(f"/tasks/{task.pk}/autosave/", {"theme": "改过"})
    shown = words(browser.get(f"/tasks/{task.pk}/check/"))
    assert "The brief has changes that are not saved" in shown


def test_what_keeps_the_orders_from_being_sent_is_said_before() -> None:
    merchant = a_merchant(status="PENDING", activated_at=None)
    task = a_draft(merchant)
    Pick.objects.create(task=task, creator=a_creator())
    page = as_merchant(merchant).get(f"/tasks/{task.pk}/check/")
    assert "Wait until our staff has activated you." in words(page)
    assert "disabled" in page.content.decode()


def test_a_chosen_creator_who_has_paused_is_named_and_the_rest_is_shown() -> None:
    task = a_draft()
    creator = a_creator(nickname="阿一")
    Pick.objects.create(task=task, creator=creator)
    Creator.objects.update(is_accepting=False)
    page = as_merchant(task.merchant).get(f"/tasks/{task.pk}/check/")
    assert "阿一: This creator does not accept orders at the moment." in words(page)
