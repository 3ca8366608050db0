"""The dashboard, the alarms on every page, disputes waiting, and the demo's clock."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from core import clock
from core.models import ClockOffset
from settlement import check, operations
from settlement.models import Halt, LedgerCheck
from tests.admin.pages import log, manual_payout, order_with_blocked_payout, staff, text, url
from tests.builders import a_browser, a_creator, a_merchant, ops
from tests.orders import DAY, NOW, an_order, held

pytestmark = pytest.mark.django_db

LISTS = (
    "tasks_task_changelist",
    "tasks_order_changelist",
    "tasks_dispute_changelist",
    "settlement_operation_changelist",
    "settlement_transfer_changelist",
    "settlement_escrow_changelist",
    "settlement_payoutaccount_changelist",
)


def figure(page: str, label: str) -> str:
    """The number of the dashboard under a label."""
    found = re.search(rf"<strong>([^<]*)</strong><span>{label}", page)
    assert found is not None, label
    return found[1]


def test_the_dashboard_counts_what_waits_for_ops() -> None:
    a_merchant(status="PENDING")
    a_creator(status="PENDING")
    an_order("DISPUTED")
    order_with_blocked_payout()
    manual_payout()
    shown = text(staff().get(url("index")))
    for label in (
        "Merchants to activate",
        "Creators to activate",
        "Open disputes",
        "Payouts blocked",
        "Operations for a person",
        "Operations stuck",
    ):
        assert figure(shown, label) == "1"
    assert figure(shown, "Returns blocked") == "0"
    assert figure(shown, "Confirmations held") == "0"
    assert figure(shown, "Decisions to approve") == "0"


@pytest.mark.rule("N4")
def test_the_dashboard_tells_of_confirmations_that_wait_for_the_merchant_to_be_reached() -> None:
    held(an_order("DELIVERED"))
    an_order("DELIVERED")  # its ten days are long past
    shown = text(staff().get(url("index")))
    assert figure(shown, "Confirmations held") == "1"
    assert figure(shown, "Reminders not delivered in time") == "1"
    assert f'href="{url("tasks_order_changelist")}?confirmation=held"' in shown


def test_the_dashboard_leads_to_the_lists() -> None:
    browser = staff()
    a_merchant(status="PENDING", company_name="待审贸易有限公司")
    shown = text(browser.get(url("index")))
    link = f"{url('merchants_merchant_changelist')}?status__exact=PENDING"
    assert f'href="{link}"' in shown
    assert "待审贸易有限公司" in text(browser.get(link))


def test_the_dashboard_tells_what_is_due_and_when_the_ledger_was_checked() -> None:
    an_order("PAID")  # its start is long past
    check.run(at=NOW)
    shown = text(staff().get(url("index")))
    assert figure(shown, "Orders due now") == "1"
    assert figure(shown, "Last ledger check") == "agrees"


# Alarms


@pytest.mark.parametrize("page", ["index", "tasks_order_changelist", "accounts_user_changelist"])
def test_a_difference_in_the_ledger_is_told_on_every_page(page: str) -> None:
    LedgerCheck.objects.create(
        at=NOW, orders=1, transfers=1, differences=["order 7: paid is 1 fen"], elapsed_ms=1
    )
    shown = text(staff().get(url(page)))
    assert 'role="alert"' in shown
    assert "order 7: paid is 1 fen" in shown


def test_a_check_that_agrees_again_ends_the_alarm() -> None:
    facts: dict[str, Any] = {"at": clock.now(), "orders": 1, "transfers": 1, "elapsed_ms": 1}
    LedgerCheck.objects.create(**facts, differences=["order 7: paid is 1 fen"])
    LedgerCheck.objects.create(**facts)
    assert 'role="alert"' not in text(staff().get(url("index")))


@pytest.mark.parametrize(("hours", "is_told"), [(2, False), (3, True)])
def test_that_the_ledger_is_no_longer_checked_is_told(hours: int, is_told: bool) -> None:
    LedgerCheck.objects.create(
        at=clock.now() - timedelta(hours=hours) + timedelta(minutes=1),
        orders=1,
        transfers=1,
        differences=[],
        elapsed_ms=1,
    )
    assert ("The ledger is no longer being checked." in text(staff().get(url("index")))) == is_told


def test_an_open_halt_is_told_on_every_page_until_it_is_cleared() -> None:
    operations.halt(Halt.Scope.ALL, "gateway refuses our requests", at=NOW)
    browser = staff()
    assert "gateway refuses our requests" in text(browser.get(url("tasks_order_changelist")))
    halt = Halt.objects.get()
    browser.post(url("settlement_halt_clear", halt.pk), {"reason": "New key"})
    assert 'role="alert"' not in text(browser.get(url("tasks_order_changelist")))


def test_what_the_ledger_check_found_can_be_read() -> None:
    found = LedgerCheck.objects.create(
        at=NOW, orders=1, transfers=1, differences=["order 7: paid is 1 fen"], elapsed_ms=1
    )
    shown = text(staff().get(url("settlement_ledgercheck_change", found.pk)))
    assert "<li>order 7: paid is 1 fen</li>" in shown


# Disputes


def test_open_disputes_are_listed_oldest_first_with_their_waiting_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    younger = an_order("DISPUTED", at=NOW + 5 * DAY, start_at=NOW + 7 * DAY, due_at=NOW + 12 * DAY)
    older = an_order("DISPUTED")
    an_order("REFUNDED")
    at = older.disputed_at
    assert at is not None
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(days=6, hours=3))
    shown = text(staff().get(url("tasks_dispute_changelist")))
    links = re.findall(r"/admin/tasks/order/(\d+)/rule/", shown)
    assert links == [str(older.pk), str(younger.pk)]
    assert "6 d 3 h" in shown


def test_ruled_disputes_are_shown_on_demand() -> None:
    order = an_order("REFUNDED")
    page = url("tasks_order_change", order.pk)
    browser = staff()
    assert page not in text(browser.get(url("tasks_dispute_changelist")))
    ruled = text(browser.get(url("tasks_dispute_changelist"), {"ruled": "yes"}))
    assert page in ruled
    assert "¥0.00 paid, ¥800.00 refunded" in ruled


def test_the_page_of_a_dispute_leads_to_the_ruling() -> None:
    order = an_order("DISPUTED")
    shown = text(staff().get(url("tasks_dispute_change", order.dispute.pk)))
    assert url("tasks_order_rule", order.pk) in shown
    assert "少了图" in shown


# The menu of the person


def test_staff_choose_the_theme_of_the_admin_whatever_that_of_the_site_is() -> None:
    browser = staff()
    browser.cookies["theme"] = "dark"
    shown = text(browser.get(url("index")))
    for theme in ("light", "dark", "auto"):
        assert f"switchTheme('{theme}')" in shown


def test_the_menu_leads_to_the_settings_and_out() -> None:
    browser = staff()
    shown = text(browser.get(url("index")))
    for name in ("accounts:preferences", "account_change_password", "mfa_index"):
        assert f'<a href="{reverse(name)}">' in shown
    assert f'action="{reverse("admin:logout")}"' in shown
    assert browser.post(reverse("admin:logout")).status_code == 302
    assert browser.get(url("index")).status_code == 302


# The clock


def test_ops_move_the_clock_forward_and_it_is_kept_who_did() -> None:
    before = clock.now()
    answer = staff().post("/admin/clock/", {"days": "10", "hours": "1"})
    assert answer.status_code == 302
    assert clock.offset_hours() == 241
    assert clock.now() - before >= timedelta(hours=241)
    assert log() == ["Moved forward by 241 hours."]


@pytest.mark.parametrize(
    ("days", "hours"), [("0", "0"), ("-1", "0"), ("0", "-5"), ("365", "1"), ("", ""), ("x", "1")]
)
def test_the_clock_goes_neither_back_nor_wild(days: str, hours: str) -> None:
    text(staff().post("/admin/clock/", {"days": days, "hours": hours}))
    assert clock.offset_hours() == 0
    assert log() == []


def test_a_link_does_not_move_the_clock() -> None:
    text(staff().get("/admin/clock/", {"days": "10", "hours": "0"}))
    assert clock.offset_hours() == 0


def test_there_is_no_clock_to_move_in_production(settings: Settings) -> None:
    settings.CLOCK_MOVABLE = False
    browser = staff()
    assert browser.post("/admin/clock/", {"days": "1", "hours": "0"}).status_code == 404
    assert "/admin/clock/" not in text(browser.get(url("index")))
    assert not ClockOffset.objects.exists()


def test_staff_without_the_right_do_not_move_the_clock() -> None:
    browser = a_browser(ops(is_superuser=False))
    assert browser.post("/admin/clock/", {"days": "1", "hours": "0"}).status_code == 403
    assert clock.offset_hours() == 0


# All lists


@pytest.mark.parametrize("page", LISTS)
def test_a_list_makes_no_more_queries_when_it_grows(page: str) -> None:
    browser = staff()
    an_order("DISPUTED")
    browser.get(url(page))
    few = queries_of(browser, page)
    for _ in range(3):
        an_order("DISPUTED")
    assert queries_of(browser, page) == few


def queries_of(browser: Client, page: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        text(browser.get(url(page)))
    return len(seen)


@pytest.mark.parametrize("page", [*LISTS, "index", "policy_numbers"])
def test_no_page_has_a_script_or_a_style_of_ours_inside(page: str) -> None:
    an_order("DISPUTED")
    shown = text(staff().get(url(page)))
    for name in ("ops-", "vtask"):
        assert not re.search(rf"<(script|style)(?![^>]*src)[^>]*>[^<]*{name}", shown)
    assert not re.search(r'class="ops-[^"]*"[^>]* style=', shown)


def test_a_number_that_nobody_has_finds_nothing() -> None:
    order = an_order("PAID")
    shown = text(staff().get(url("settlement_escrow_changelist"), {"q": "999999999999999999"}))
    assert "No results found" in shown
    assert url("tasks_order_change", order.pk) not in shown
