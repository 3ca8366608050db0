"""How many queries a page makes is known, and does not grow with what it shows."""

from unittest.mock import patch

import pytest

from core import fields
from creators.models import Creator
from merchants.models import Merchant
from tests.builders import a_browser, a_creator, a_merchant, ops, queries_of
from tests.orders import a_sent_task, an_order, paid
from tests.tasks.web.pages import as_creator, as_merchant

pytestmark = pytest.mark.django_db


def a_little_of_everything(merchant: Merchant, creator: Creator) -> None:
    for state in ("UNPAID", "PAID", "ACCEPTED", "DELIVERED", "DISPUTED", "CONFIRMED"):
        an_order(state, merchant=merchant, creator=creator)


def test_homes_and_lists_make_as_many_queries_for_much_as_for_little() -> None:
    merchant, creator = a_merchant(), a_creator()
    for _more in range(2):
        a_little_of_everything(merchant, creator)
        counted = [
            queries_of(as_merchant(merchant), "/home/"),
            queries_of(as_merchant(merchant), "/tasks/", tab="open", q="新品", sort="due"),
            queries_of(as_creator(creator), "/home/"),
            queries_of(as_creator(creator), "/orders/", tab="open", q="新品", sort="due"),
        ]
        assert counted == [11, 5, 7, 5]


def test_a_task_with_30_orders_makes_as_many_as_one_with_a_single_order() -> None:
    for size in (1, 30):
        task = a_sent_task(*(a_creator() for _ in range(size)))
        paid(task)
        assert queries_of(as_merchant(task.merchant), f"/tasks/{task.pk}/") == 8


@pytest.mark.parametrize(("state", "counted"), [("UNPAID", 8), ("PAID", 8), ("CONFIRMED", 11)])
def test_an_orders_page_makes_a_known_number(state: str, counted: int) -> None:
    order = an_order(state)
    page = f"/orders/{order.pk}/"
    sides = [as_merchant(order.merchant), as_creator(order.creator)]
    assert [queries_of(side, page) for side in sides] == [counted, counted]
    assert queries_of(a_browser(ops()), page) == counted - 1  # staff have no bell


def test_so_does_the_verification() -> None:
    order = an_order("DELIVERED")
    assert queries_of(as_merchant(order.merchant), f"/orders/{order.pk}/confirm/") == 11


def test_no_list_decrypts_what_it_does_not_show() -> None:
    merchant, creator = a_merchant(), a_creator()
    a_little_of_everything(merchant, creator)
    pages = [
        (as_merchant(merchant), "/tasks/?tab=open"),
        (as_merchant(merchant), "/notices/"),
        (as_creator(creator), "/orders/?tab=open"),
    ]
    with patch("core.fields.decrypt", wraps=fields.decrypt) as opened:
        for browser, page in pages:
            browser.get(page)
            opened.reset_mock()
            assert browser.get(page).status_code == 200
            # The viewer's own row alone, which the frame of the page loads.
            assert opened.call_count == 3
