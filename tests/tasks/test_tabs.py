"""The tabs of a merchant's tasks: what stands where, how many, and what a row of a list tells."""

from itertools import combinations
from typing import Any

import pytest

from core.counting import Found
from merchants.models import Merchant
from tasks import tabs
from tasks.models import Order, Task
from tasks.states import ORDER_TABS, RULE_IDS, State, Tab, tab_of
from tasks.workflow import drafts
from tests.builders import a_creator, a_merchant
from tests.orders import NOW, PRICE_FEN, START, a_draft, a_sent_task, an_order, merchant_of


@pytest.mark.rule("V30", "V31", "V35", "V36", "V62")
@pytest.mark.parametrize(
    ("states", "tab"),
    [
        ((), "draft"),
        (("UNPAID",), "unpaid"),
        (("UNPAID", "PAID"), "unpaid"),
        (("PAID", "REVIEWED"), "open"),
        (("CONFIRMED", "REVIEWED"), "open"),
        (("DISPUTED", "LAPSED"), "open"),
        (("REVIEWED", "LAPSED"), "completed"),
        (("REVIEWED", "VOID", "REFUNDED"), "completed"),
        (("LAPSED", "DECLINED", "OVERDUE", "REFUNDED", "VOID"), "closed"),
    ],
)
def test_a_tasks_tab_follows_from_its_orders(states: tuple[str, ...], tab: str) -> None:
    assert tab_of(set(states)) == tab


def test_every_state_is_in_exactly_one_tab() -> None:
    listed = [state for states in ORDER_TABS.values() for state in states]
    assert sorted(listed) == sorted(State)
    assert set(RULE_IDS) == set(State)


def in_tab(merchant: Merchant, tab: Tab) -> list[int]:
    """By number, as the list has them."""
    return list(tabs.ids_in_tab(merchant.pk, tab))


def numbers(merchant: Merchant, *, search: str = "") -> dict[Tab, int]:
    return {
        tab: found.number for tab, found in tabs.task_counts(merchant.pk, search=search).items()
    }


@pytest.mark.django_db
@pytest.mark.rule("V62", "V63")
def test_with_orders_in_any_two_states_a_task_stands_where_the_rule_says() -> None:
    """As the list finds it, as it is counted, and as a search counts it. Without orders it is a
    draft.
    """
    merchant = a_merchant()
    orders = {state: an_order(state, merchant=merchant, theme="露营") for state in State}
    tasks = {state: order.task_id for state, order in orders.items()}
    for one, other in combinations(State, 2):
        move(orders[other], tasks[one])
        Task.objects.filter(pk=tasks[other]).update(sent_at=None)
        expected: dict[Tab, list[int]] = {tab: [] for tab in Tab}
        for state in State:
            there = {one: {one, other}, other: set[State]()}.get(state, {state})
            expected[tab_of(there)].insert(0, tasks[state])
        assert {tab: in_tab(merchant, tab) for tab in Tab} == expected
        counts = {tab: len(ids) for tab, ids in expected.items()}
        assert (numbers(merchant), numbers(merchant, search="露营")) == (counts, counts)
        move(orders[other], tasks[other])
        Task.objects.filter(pk=tasks[other]).update(sent_at=NOW)


def move(order: Order, task_id: int, **facts: Any) -> None:
    """As if the order were one of this task."""
    Order.objects.filter(pk=order.pk).update(task_id=task_id, **facts)


@pytest.mark.django_db
@pytest.mark.rule("V15")
def test_what_was_withdrawn_is_a_draft_again_or_gone() -> None:
    merchant = a_merchant()
    again, gone = a_sent_task(merchant=merchant), a_sent_task(merchant=merchant)
    by = merchant_of(again.orders.get())
    drafts.back_to_draft(again.pk, at=NOW, by=by)
    drafts.delete(gone.pk, at=NOW, by=by)
    assert {tab: in_tab(merchant, tab) for tab in Tab if in_tab(merchant, tab)} == {
        Tab.DRAFT: [again.pk]
    }
    assert numbers(merchant) == {tab: int(tab == Tab.DRAFT) for tab in Tab}


@pytest.mark.django_db
def test_nobody_counts_the_tasks_of_others() -> None:
    an_order("PAID")
    a_draft(a_merchant())
    assert numbers(a_merchant()) == dict.fromkeys(Tab, 0)


@pytest.mark.django_db
def test_a_search_counts_what_it_finds() -> None:
    merchant = a_merchant()
    an_order("REVIEWED", merchant=merchant, theme="露营灯")
    an_order("PAID", merchant=merchant, theme="口红")
    assert numbers(merchant, search="露营") == {tab: int(tab == Tab.COMPLETED) for tab in Tab}


@pytest.mark.django_db
def test_a_tab_is_counted_so_far_and_no_further() -> None:
    merchant = a_merchant()
    for state in ("PAID", "PAID", "REVIEWED", "REVIEWED", "REVIEWED"):
        an_order(state, merchant=merchant)
    found = tabs.task_counts(merchant.pk, most=2)
    assert (found[Tab.OPEN], found[Tab.COMPLETED]) == (Found(2), Found(2, has_more=True))


@pytest.mark.django_db
def test_of_closed_tasks_the_newest_are_looked_at() -> None:
    """Two of the three newest have a reviewed order beside the closed one."""
    merchant = a_merchant()
    an_order("LAPSED", merchant=merchant)
    for _ in range(2):
        order = an_order("DECLINED", merchant=merchant)
        beside = an_order("REVIEWED", merchant=merchant)
        move(beside, order.task_id)
    an_order("LAPSED", merchant=merchant)
    assert tabs.task_counts(merchant.pk, most=2)[Tab.CLOSED] == Found(1, has_more=True)
    assert tabs.task_counts(merchant.pk)[Tab.CLOSED] == Found(2)


# Rows


def rows(task: Task) -> list[dict[str, Any]]:
    found = tabs.task_rows(Task.objects.filter(pk=task.pk).values("pk"))
    return [row._asdict() for row in found]


@pytest.mark.django_db
def test_orders_that_are_alike_are_one_row_with_their_sum_and_first_times() -> None:
    task = a_sent_task(a_creator(), a_creator())
    later = START.replace(hour=23)
    Order.objects.filter(pk=task.orders.earliest("pk").pk).update(start_at=later, price_fen=1)
    [row] = rows(task)
    assert (row["state"], row["number"], row["price_fen"]) == ("UNPAID", 2, PRICE_FEN + 1)
    assert row["first_start_at"] == START


@pytest.mark.django_db
def test_orders_with_other_clocks_have_rows_of_their_own_in_the_order_of_the_orders() -> None:
    merchant = a_merchant()
    order = an_order("CONFIRMED", merchant=merchant)
    for state in ("DELIVERED", "ACCEPTED"):
        move(an_order(state, merchant=merchant), order.task_id)
    unsecured = an_order("PAID", merchant=merchant)
    move(unsecured, order.task_id, state="ACCEPTED", accepted_at=NOW)
    told = [(row["state"], row["secured_at"] is None) for row in rows(order.task)]
    assert told == [
        ("CONFIRMED", False),
        ("DELIVERED", False),
        ("ACCEPTED", False),
        ("ACCEPTED", True),
    ]


@pytest.mark.django_db
def test_what_never_took_effect_does_not_count_and_a_draft_has_one_row() -> None:
    void, draft = an_order("VOID"), a_draft(a_merchant())
    assert [(row["number"], row["price_fen"]) for row in rows(void.task)] == [(0, None)]
    assert [(row["number"], row["sent_at"]) for row in rows(draft)] == [(0, None)]
