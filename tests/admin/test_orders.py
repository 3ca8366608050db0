"""Orders in the admin: found, read, and moved by the verbs that ops may call."""

import pytest
from django.contrib.admin.models import LogEntry
from pytest_django import DjangoAssertNumQueries

from policy.numbers import Policy
from settlement.kinds import Kind
from settlement.models import Operation
from tasks.models import Order, OrderEvent, Ruling
from tests import gateway as gateways
from tests.admin.pages import (
    KEY,
    REASON,
    log,
    manual_refund,
    order_of,
    order_with_blocked_payout,
    staff,
    text,
    url,
)
from tests.builders import a_creator, a_merchant
from tests.orders import DAY, LINK, an_order, everything, held, known, pockets, reminded, settle

pytestmark = pytest.mark.django_db

LIST = "tasks_order_changelist"


def ruling(verdict: str, **more: str) -> dict[str, str]:
    return {"verdict": verdict, "reason": REASON, "form_key": KEY, **more}


def finish() -> None:
    """The gateway says yes to all that was asked for."""
    last = Operation.objects.latest("created_at").created_at
    with gateways.scripted():
        while settle(last.replace(year=last.year + 1)):
            pass


# The list


def test_an_order_is_found_by_number_theme_nickname_and_company() -> None:
    merchant = a_merchant(company_name="青木文具有限公司")
    order = an_order(creator=a_creator(nickname="墨墨"), merchant=merchant, theme="开学季手帐")
    other = an_order()
    browser = staff()
    for term in (str(order.pk), "手帐", "墨墨", "青木"):
        shown = text(browser.get(url(LIST), {"q": term}))
        assert url("tasks_order_change", order.pk) in shown
        assert url("tasks_order_change", other.pk) not in shown


def test_orders_are_filtered_by_state_and_by_trouble() -> None:
    blocked, quiet = order_with_blocked_payout(), an_order("REVIEWED")
    browser = staff()
    for query in ({"trouble": "PAYOUT_BLOCKED"}, {"trouble": "any"}, {"state__exact": "CONFIRMED"}):
        shown = text(browser.get(url(LIST), query))
        assert url("tasks_order_change", blocked.pk) in shown
        assert url("tasks_order_change", quiet.pk) not in shown


def test_orders_are_filtered_by_date() -> None:
    order = an_order()  # sent long ago
    browser = staff()
    assert url("tasks_order_change", order.pk) in text(browser.get(url(LIST), {"since": "old"}))
    assert url("tasks_order_change", order.pk) not in text(browser.get(url(LIST), {"since": "7"}))


# The page


def test_the_page_tells_everything_that_happened() -> None:
    order = an_order("REFUNDED")
    shown = text(staff().get(url("tasks_order_change", order.pk)))
    for event in order.events.all():
        assert f'title="{event.verb}"' in shown
    for operation in Operation.objects.all():
        assert operation.out_no in shown
    assert "on the way back → returned" in shown
    assert "少了图" in shown
    assert "交付与要求不符" in shown


def test_a_delivered_link_is_not_followed_by_search_engines_nor_told_where_from() -> None:
    order = an_order("DELIVERED")
    shown = text(staff().get(url("tasks_order_change", order.pk)))
    assert f'href="{LINK}" rel="noopener noreferrer nofollow" target="_blank"' in shown


def test_the_page_offers_only_what_is_possible() -> None:
    browser = staff()
    disputed = text(browser.get(url("tasks_order_change", an_order("DISPUTED").pk)))
    reviewed = text(browser.get(url("tasks_order_change", an_order("REVIEWED").pk)))
    assert "Rule on the dispute" in disputed
    assert "Pay out again" not in disputed
    assert "Rule on the dispute" not in reviewed
    assert "Pay out again" not in reviewed


def test_the_page_makes_no_more_queries_for_a_longer_history(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = staff()
    short, long = an_order("PAID"), an_order("REFUNDED")
    browser.get(url("tasks_order_change", short.pk))
    with django_assert_num_queries(count_of(browser, short)):
        browser.get(url("tasks_order_change", long.pk))


def count_of(browser: object, order: Order) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        browser.get(url("tasks_order_change", order.pk))  # type: ignore[attr-defined]
    return len(seen)


# Ruling


@pytest.mark.rule("N1")
def test_a_ruling_is_shown_to_the_fen_before_anything_moves() -> None:
    order = an_order("DISPUTED", policy=Policy(fee_bps=2000))
    before = everything(order)
    shown = text(staff().post(url("tasks_order_rule", order.pk), ruling("SPLIT", refund="300.00")))
    assert "What will happen" in shown
    # Of 800 yuan 300 go back; of the other 500 the fee is 20 %.
    for amount in ("400.00", "100.00", "300.00"):
        assert f"¥</span>{amount}" in shown
    assert everything(order) == before


def test_a_ruling_to_pay_releases_the_reward() -> None:
    order = an_order("DISPUTED", policy=Policy(fee_bps=2000))
    answer = staff().post(url("tasks_order_rule", order.pk), ruling("PAY", confirm="yes"))
    assert answer.status_code == 302
    assert pockets(order) == {"in_transit": 64_000, "fee": 16_000}
    finish()
    assert pockets(order) == {"paid": 64_000, "fee": 16_000}
    assert Order.objects.get(pk=order.pk).state == "CONFIRMED"


def test_a_ruling_to_refund_returns_the_whole_price() -> None:
    order = an_order("DISPUTED", policy=Policy(fee_bps=2000))
    staff().post(url("tasks_order_rule", order.pk), ruling("REFUND", confirm="yes"))
    assert pockets(order) == {"refund_in_transit": 80_000}
    finish()
    assert pockets(order) == {"returned": 80_000}
    assert Order.objects.get(pk=order.pk).state == "REFUNDED"


def test_a_ruling_to_split_divides_as_it_was_shown() -> None:
    order = an_order("DISPUTED", policy=Policy(fee_bps=2000))
    given = ruling("SPLIT", refund="300", confirm="yes")
    staff().post(url("tasks_order_rule", order.pk), given)
    finish()
    assert pockets(order) == {"paid": 40_000, "fee": 10_000, "returned": 30_000}
    assert Ruling.objects.get(order=order).reason == REASON


def test_a_ruling_names_its_author_and_reason_in_the_history_and_in_the_log() -> None:
    order = an_order("DISPUTED")
    browser = staff(name="Li Ops")
    browser.post(url("tasks_order_rule", order.pk), ruling("REFUND", confirm="yes"))
    event = OrderEvent.objects.get(order=order, verb="rule")
    assert event.by is not None
    assert (event.by.name, event.role, event.note) == ("Li Ops", "OPS", REASON)
    assert REASON in log()[0]


def test_the_same_form_sent_twice_rules_once() -> None:
    order = an_order("DISPUTED")
    browser = staff()
    given = ruling("SPLIT", refund="300", confirm="yes")
    browser.post(url("tasks_order_rule", order.pk), given)
    before = everything(order)
    answer = browser.post(url("tasks_order_rule", order.pk), given, follow=True)
    assert "This had been done before. Nothing was changed." in text(answer)
    assert everything(order) == before
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"verdict": "SPLIT"}, "Enter what goes back to the merchant."),
        ({"verdict": "SPLIT", "refund": "800"}, "Less than the price"),
        ({"verdict": "SPLIT", "refund": "0"}, "at least 0.01 yuan"),
        ({"verdict": "SPLIT", "refund": "1.234"}, "at most two decimals"),
        ({"verdict": "PAY", "reason": " "}, "This field is required."),
        ({"verdict": "KEEP"}, "Select a valid choice."),
        ({}, "This field is required."),
    ],
    ids=["no amount", "all of it", "nothing", "half a fen", "no reason", "unknown", "no ruling"],
)
def test_an_incomplete_ruling_is_refused_at_the_field(given: dict[str, str], problem: str) -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    data = {"reason": REASON, "form_key": KEY, "confirm": "yes", **given}
    assert problem in text(staff().post(url("tasks_order_rule", order.pk), data))
    assert everything(order) == before


def test_a_split_that_leaves_too_little_to_pay_out_is_refused() -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    given = ruling("SPLIT", refund="799.95", confirm="yes")
    shown = text(staff().post(url("tasks_order_rule", order.pk), given))
    assert "too small to be paid out" in shown
    assert everything(order) == before


def test_an_order_that_is_not_disputed_cannot_be_ruled_on() -> None:
    order = an_order("DELIVERED")
    before = everything(order)
    shown = text(staff().post(url("tasks_order_rule", order.pk), ruling("PAY", confirm="yes")))
    assert "The order has moved on" in shown
    assert everything(order) == before
    assert log() == []


def test_there_is_no_order_to_rule_on() -> None:
    assert staff().get(url("tasks_order_rule", 404)).status_code == 404


# What was blocked


@pytest.mark.rule("N1")
def test_a_blocked_payout_is_shown_before_it_is_tried_again() -> None:
    order = order_with_blocked_payout()
    shown = text(staff().get(url("tasks_order_pay-out", order.pk)))
    assert "¥</span>800.00" in shown
    assert "c***@example.com" in shown
    assert "creator@example.com" not in shown


def test_a_blocked_payout_is_tried_again_with_a_number_of_its_own() -> None:
    order = order_with_blocked_payout()
    staff().post(url("tasks_order_pay-out", order.pk), {"reason": REASON, "form_key": KEY})
    assert pockets(order) == {"in_transit": 80_000}
    finish()
    assert pockets(order) == {"paid": 80_000}
    assert Operation.objects.filter(kind=Kind.TRANSFER).count() == 2
    assert Order.objects.get(pk=order.pk).trouble == ""


def test_nothing_is_paid_out_again_that_was_paid() -> None:
    order = an_order("REVIEWED")
    before = everything(order)
    shown = text(
        staff().post(url("tasks_order_pay-out", order.pk), {"reason": REASON, "form_key": KEY})
    )
    assert "Nothing is waiting to be paid out." in shown
    assert everything(order) == before


def test_a_payout_needs_a_reason() -> None:
    order = order_with_blocked_payout()
    before = everything(order)
    text(staff().post(url("tasks_order_pay-out", order.pk), {"form_key": KEY}))
    assert everything(order) == before


def test_a_return_that_did_not_happen_is_asked_for_again() -> None:
    operation = manual_refund()
    order = order_of(operation)
    decided_as_failed(operation)
    assert pockets(order) == {"refund_in_transit": 80_000}
    staff().post(url("tasks_order_return-again", order.pk), {"reason": REASON, "form_key": KEY})
    finish()
    assert pockets(order) == {"returned": 80_000}


def decided_as_failed(operation: Operation) -> None:
    from settlement import manual
    from tests.builders import ops

    at = operation.created_at
    decision = manual.propose(operation.pk, "FAILED", "no such line", at=at, by=ops().pk)
    manual.approve(decision.pk, at=at, by=ops().pk)


def test_a_return_is_not_asked_for_twice() -> None:
    order = an_order("REFUNDED")
    before = everything(order)
    shown = text(
        staff().post(url("tasks_order_return-again", order.pk), {"reason": REASON, "form_key": KEY})
    )
    assert "Nothing is waiting to go back." in shown
    assert everything(order) == before


def test_an_answer_that_comes_while_ops_decide_is_not_overruled() -> None:
    """The button waits for the open operation of the order."""
    order = order_with_blocked_payout()
    browser = staff()
    browser.post(url("tasks_order_pay-out", order.pk), {"reason": REASON, "form_key": KEY})
    before = everything(order)
    other = {"reason": REASON, "form_key": KEY[::-1]}
    shown = text(browser.post(url("tasks_order_pay-out", order.pk), other))
    assert "The payment service is still working on this order." in shown
    assert everything(order) == before


# A confirmation that is held (N4)


@pytest.mark.rule("N4")
def test_what_is_held_is_told_found_and_released_with_a_reason() -> None:
    order, other = held(an_order("DELIVERED")), reminded(an_order("DELIVERED"))
    browser = staff()
    shown = text(browser.get(url(LIST), {"confirmation": "held"}))
    assert url("tasks_order_change", order.pk) in shown
    assert url("tasks_order_change", other.pk) not in shown
    page = text(browser.get(url("tasks_order_change", order.pk)))
    assert "Confirmation held" in page
    assert "Release the confirmation" in page
    step = url("tasks_order_release-hold", order.pk)
    asked = text(browser.get(step))
    assert "550 no such user" in asked
    assert "72, 24 and 2 hours before" in asked
    was = everything(order)
    assert "required" in text(browser.post(step, {"form_key": KEY, "reason": ""}))
    assert everything(order) == was
    browser.post(step, {"form_key": KEY, "reason": REASON})
    released = Order.objects.get(pk=order.pk)
    assert released.held_at is None
    assert released.confirm_by == known(released.clock_from) + 3 * DAY
    assert REASON in log()[0]
    event = released.events.get(verb="release_hold")
    assert (event.role, event.note) == ("OPS", REASON)


@pytest.mark.rule("N4")
def test_what_is_not_held_cannot_be_released() -> None:
    order = reminded(an_order("DELIVERED"))
    browser = staff()
    shown = text(browser.get(url("tasks_order_change", order.pk)))
    assert "Release the confirmation" not in shown
    was = everything(order)
    browser.post(url("tasks_order_release-hold", order.pk), {"form_key": KEY, "reason": REASON})
    assert everything(order) == was


@pytest.mark.rule("N4")
def test_what_waits_for_its_last_reminder_is_found() -> None:
    order, other = an_order("DELIVERED"), reminded(an_order("DELIVERED"))  # both long past
    shown = text(staff().get(url(LIST), {"confirmation": "unreminded"}))
    assert url("tasks_order_change", order.pk) in shown
    assert url("tasks_order_change", other.pk) not in shown
