"""The admin is for staff with a second factor, and each step for those who may take it."""

import re

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Role, User
from tests.admin.pages import KEY, REASON, text, url
from tests.builders import a_browser, a_creator, a_merchant, a_user, ops
from tests.orders import an_order, everything

pytestmark = pytest.mark.django_db

PAGES = (
    "index",
    "tasks_order_changelist",
    "settlement_operation_changelist",
    "policy_numbers",
)


@pytest.mark.parametrize("name", PAGES)
def test_staff_without_a_second_factor_are_sent_to_set_one_up(name: str) -> None:
    answer = a_browser(ops(has_second_factor=False)).get(url(name))
    assert answer.status_code == 302
    assert "2fa" in answer["Location"]


@pytest.mark.parametrize("name", PAGES)
def test_merchants_and_creators_get_no_admin(name: str) -> None:
    for user in (a_merchant().user, a_creator().user):
        assert a_browser(user).get(url(name)).status_code in (302, 403, 404)


@pytest.mark.parametrize("path", ["/admin/", "/admin/clock/"])
def test_a_stranger_is_sent_to_the_login(path: str) -> None:
    answer = a_browser().get(path)
    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_a_merchant_cannot_rule() -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    given = {"verdict": "REFUND", "reason": REASON, "form_key": KEY, "confirm": "yes"}
    answer = a_browser(order.merchant.user).post(url("tasks_order_rule", order.pk), given)
    assert answer.status_code in (302, 403, 404)
    assert everything(order) == before


def staff_with(*codenames: str) -> User:
    user = ops(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def test_staff_who_may_only_look_see_an_order_and_no_button() -> None:
    order = an_order("DISPUTED")
    browser = a_browser(staff_with("view_order"))
    assert "Rule on the dispute" not in text(browser.get(url("tasks_order_change", order.pk)))
    assert browser.get(url("tasks_order_rule", order.pk)).status_code == 403


def test_staff_who_may_only_look_cannot_rule() -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    given = {"verdict": "REFUND", "reason": REASON, "form_key": KEY, "confirm": "yes"}
    browser = a_browser(staff_with("view_order"))
    assert browser.post(url("tasks_order_rule", order.pk), given).status_code == 403
    assert everything(order) == before


def test_staff_without_a_right_see_no_list_of_it() -> None:
    browser = a_browser(staff_with("view_order"))
    assert browser.get(url("settlement_transfer_changelist")).status_code == 403
    assert browser.get(url("policy_numbers")).status_code == 403


def test_a_login_that_is_no_staff_any_more_stays_outside() -> None:
    user = a_user(Role.OPS, is_staff=False)
    assert a_browser(user).get(url("index")).status_code == 404


def places(page: str) -> list[str]:
    """The pages to which the sidebar leads, without the dashboard's own."""
    sidebar = page[page.index('id="nav-sidebar-apps"') : page.index('class="ops-person"')]
    return re.findall(r'<a href="([^"]*)"', sidebar)


def test_the_sidebar_leads_staff_to_what_they_may_see_and_nowhere_else() -> None:
    browser = a_browser(staff_with("view_order", "view_transfer"))
    orders, transfers = url("tasks_order_changelist"), url("settlement_transfer_changelist")
    shown = text(browser.get(orders))
    assert places(shown) == [url("index"), orders, transfers]
    assert "<h2>People</h2>" not in shown


def test_the_sidebar_of_one_person_is_not_that_of_the_next() -> None:
    everything = places(text(a_browser(ops()).get(url("index"))))
    assert places(text(a_browser(staff_with("view_order")).get(url("index")))) == [
        url("index"),
        url("tasks_order_changelist"),
    ]
    assert places(text(a_browser(ops()).get(url("index")))) == everything
    assert len(everything) == 24
