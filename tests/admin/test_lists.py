"""The lists of the admin: what their cells say, how they are sorted, searched and counted."""

import re
from html import unescape
from unittest.mock import patch

import pytest
from django.core.paginator import EmptyPage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import admin_lists, counting
from core.admin import moment
from core.admin_lists import NearPages
from creators.models import Domain
from settlement import operations
from settlement.models import Halt
from tasks.models import Order
from tests.admin.pages import staff, text, url
from tests.builders import a_creator, a_domain, a_merchant
from tests.orders import NOW, a_sent_task, an_order

pytestmark = pytest.mark.django_db
ORDERS = "tasks_order_changelist"
COLUMNS = "ID|Theme|State|Merchant|Creator|Price|Sent|Waits until|Trouble"


def rows(page: str) -> list[dict[str, str]]:
    """What the list says, by the names of its columns as a phone shows them."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    assert body is not None
    cell = r'<t[hd][^>]* data-label="([^"]*)">(.*?)</t[hd]>'
    return [
        {unescape(name): unescape(re.sub(r"<[^>]*>", "", told)) for name, told in found}
        for found in (re.findall(cell, row, re.DOTALL) for row in body[1].split("</tr>"))
        if found
    ]


def numbers(page: str) -> list[str]:
    return [row["ID"] for row in rows(page)]


# Cells


def test_each_cell_says_in_which_column_it_stands() -> None:
    order = an_order("PAID", theme="Lipstick <b>& more</b>")
    page = text(staff().get(url(ORDERS)))
    (row,) = rows(page)
    assert "|".join(row) == COLUMNS
    assert row["ID"] == str(order.pk)
    assert row["Theme"] == "Lipstick <b>& more</b>"
    assert row["Merchant"] == str(order.merchant)
    assert row["Price"] == "¥800.00"
    assert row["Trouble"] == "–"
    assert "Lipstick &lt;b&gt;&amp; more&lt;/b&gt;</a>" in page


def test_the_first_cell_heads_its_row_and_leads_to_its_page_and_back() -> None:
    order = an_order("PAID")
    page = text(staff().get(url(ORDERS), {"state": "PAID", "o": "1"}))
    link = f"{url('tasks_order_change', order.pk)}?_changelist_filters=state%3DPAID%26o%3D1"
    head = '<th scope="row" class="field-id" data-label="ID">'
    assert f'{head}<a href="{link}">{order.pk}</a></th>' in page
    assert page.count(f'<a href="{link}">') == 2  # its number and its theme


def test_a_list_without_actions_has_neither_boxes_nor_their_script() -> None:
    an_order("PAID")
    page = text(staff().get(url(ORDERS)))
    assert "action-select" not in page
    assert "admin/js/actions" not in page


def test_rows_are_chosen_where_something_can_be_done_to_them() -> None:
    creators = [a_creator() for _ in range(2)]
    page = text(staff().get(url("creators_creator_changelist")))
    chosen = re.findall(r'<input[^>]*name="_selected_action"[^>]*>', page)
    assert len(chosen) == 2
    for creator, box in zip(reversed(creators), chosen, strict=True):
        assert f'value="{creator.pk}"' in box
        assert 'action-select"' in box
        assert 'aria-label="Select record"' in box
    assert "admin/js/actions" in page


def test_yes_and_no_are_told_in_words_too() -> None:
    a_creator(is_accepting=True)
    a_creator(is_accepting=False)
    page = text(staff().get(url("creators_creator_changelist")))
    cells = re.findall(r'class="field-is_accepting".*?title="(\w+)"', page, re.DOTALL)
    assert cells == ["False", "True"]


def test_what_is_edited_in_the_list_is_saved() -> None:
    domain = a_domain()
    browser = staff()
    page = url("creators_domain_changelist")
    fields = re.findall(r'name="(form-[^"]+)"(?:[^>]*?value="([^"]*)")?', text(browser.get(page)))
    given = {**dict(fields), "form-0-position": "77", "_save": "Save"}
    assert browser.post(page, given).status_code == 302
    assert Domain.objects.filter(position=77).count() == 1
    assert domain.pk


def test_what_stands_in_several_rows_is_drawn_once() -> None:
    creators = [a_creator() for _ in range(3)]
    a_sent_task(*creators, merchant=a_merchant())
    browser = staff()
    with patch("core.admin.moment", wraps=moment) as drawn:
        page = text(browser.get(url(ORDERS)))
    assert len(rows(page)) == 3
    assert len({row["Sent"] for row in rows(page)}) == 1
    assert drawn.call_count == 1


def test_a_list_in_a_window_of_its_own_hands_the_chosen_row_back() -> None:
    person = a_creator().user
    page = text(staff().get(url("accounts_user_changelist"), {"_popup": "1", "_to_field": "id"}))
    assert f'data-popup-opener="{person.pk}"' in page
    assert "RelatedObjectLookups.js" in page
    assert 'id="nav-sidebar"' not in page


# Sorting


def test_a_heading_sorts_and_says_how_the_list_is_sorted() -> None:
    cheap, dear = an_order("PAID"), an_order("PAID", creator=a_creator(price_fen=90_000))
    page = text(staff().get(url(ORDERS), {"o": "5"}))
    assert numbers(page) == [str(cheap.pk), str(dear.pk)]
    heads = re.findall(r'<th scope="col" class="([^"]*)"(?: aria-sort="(\w+)")?', page)
    assert [name.split()[1][7:] for name, sort in heads if sort == "ascending"] == ["price_fen"]
    assert 'href="?o=-5"' in page
    assert 'title="Toggle sorting"' in page
    assert "Sorting priority" not in page


def test_a_list_sorted_by_two_columns_says_which_comes_first() -> None:
    an_order("PAID")
    page = text(staff().get(url(ORDERS), {"o": "2.-5"}))
    assert re.findall(r'title="Sorting priority: (\d)"', page) == ["1", "2"]


def test_the_headings_of_a_list_are_drawn_once() -> None:
    for _row in range(3):
        an_order("PAID")
    with patch("core.templatetags.admin_lists.headings", wraps=admin_lists.headings) as drawn:
        page = staff().get(url(ORDERS)).content.decode()
    assert drawn.call_count == 1
    assert page.count('data-label="Theme"') == 3


# Looking for


def test_a_filter_that_is_set_is_marked_and_can_be_taken_off() -> None:
    paid = an_order("PAID")
    an_order("UNPAID")
    page = text(staff().get(url(ORDERS), {"state__exact": "PAID"}))
    assert numbers(page) == [str(paid.pk)]
    chosen = re.findall(r'<a href="([^"]*)" aria-current="true">([^<]*)</a>', page)
    assert ("?state__exact=PAID", "Not yet accepted") in chosen
    assert '<a href="?">Clear all filters</a>' in page


def test_the_choices_of_a_filter_are_counted_when_asked() -> None:
    an_order("PAID")
    an_order("PAID")
    page = text(staff().get(url(ORDERS), {"_facets": "True"}))
    assert "Not yet accepted (2)" in page
    assert ">Hide counts</a>" in page


def test_a_search_keeps_the_filters() -> None:
    an_order("PAID")
    page = text(staff().get(url(ORDERS), {"state__exact": "PAID", "q": "<b>"}))
    assert 'value="&lt;b&gt;"' in page
    assert '<input type="hidden" name="state__exact" value="PAID">' in page
    assert "No results found" in page


# Counting and leafing


def orders(count: int) -> None:
    creators = [a_creator() for _ in range(count)]
    a_sent_task(*creators, merchant=a_merchant())


def test_a_long_list_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    monkeypatch.setattr("core.admin.ListedAdmin.list_per_page", 2)
    orders(7)
    browser = staff()
    first = text(browser.get(url(ORDERS)))
    assert "3+ orders" in first
    assert "?p=2" in first
    assert "?p=3" not in first
    # Further on it is counted further, until there is no more.
    assert "6+ orders" in text(browser.get(url(ORDERS), {"p": "2"}))
    last = text(browser.get(url(ORDERS), {"p": "4"}))
    assert "7 orders" in last
    assert len(rows(last)) == 1


def test_the_count_reads_no_more_rows_than_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    orders(5)
    with CaptureQueriesContext(connection) as seen:
        pages = NearPages(Order.objects.order_by("-id"), 2)
        assert (pages.count, pages.has_more, pages.num_pages) == (3, True, 2)
    (statement,) = seen.captured_queries
    assert "LIMIT 4" in statement["sql"]
    assert "ORDER BY" not in statement["sql"]
    with pytest.raises(EmptyPage):
        pages.page(3)


def test_a_list_whose_rows_can_be_acted_on_is_counted_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 1)
    for _ in range(3):
        a_creator()
    assert "3 creators" in text(staff().get(url("creators_creator_changelist")))


def test_a_page_that_is_not_there_leads_back_to_the_list() -> None:
    an_order("PAID")
    orders(30)
    browser = staff()
    for page in ("9", "999999999", "99999999999999999999", "-1"):
        answer = browser.get(url(ORDERS), {"p": page})
        assert (answer.status_code, answer["Location"]) == (302, f"{url(ORDERS)}?e=1")
    assert len(numbers(text(browser.get(url(ORDERS), {"p": "zwei"})))) == 25


# The frame


def test_the_frame_of_a_page_is_asked_for_in_one_statement() -> None:
    an_order("DISPUTED")
    an_order("DISPUTED")
    operations.halt(Halt.Scope.ALL, "gateway refuses our requests", at=NOW)
    operations.halt(Halt.Scope.PAYOUTS, "again", at=NOW)
    browser = staff()
    browser.get(url(ORDERS))
    with CaptureQueriesContext(connection) as seen:
        page = text(browser.get(url(ORDERS)))
    frame = [query for query in seen.captured_queries if "settlement_halt" in query["sql"]]
    assert len(frame) == 1
    assert "gateway refuses our requests" in page
    assert "again" in page
    assert re.findall(r"Disputes <b>(\d+)</b>", page) == ["2"]


def test_the_sidebar_marks_where_one_is() -> None:
    order = an_order("PAID")
    browser = staff()
    for page in (url(ORDERS), url("tasks_order_change", order.pk)):
        here = re.findall(r'<a href="([^"]*)" class="active"', text(browser.get(page)))
        assert here == [url(ORDERS)]
    assert re.findall(r'<a href="([^"]*)" class="active"', text(browser.get(url("index")))) == [
        url("index")
    ]
