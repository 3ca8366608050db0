"""The policy: defaults, limits, history, fees by scope and period; paid orders keep their terms."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from policy.models import FeePolicy, PolicyChange
from policy.numbers import DEFAULTS, Policy
from policy.queries import fee_bps, in_force
from tasks import workflow
from tests.builders import ops
from tests.orders import (
    DAY,
    HOUR,
    NOW,
    PRICE_FEN,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    paid,
    pockets,
)
from tests.orders import do as do_and_settle
from tests.verbs import TICK

TEN_DAYS = timedelta(days=10)


def a_change(key: str = "auto_confirm_days", value: int = 7, **facts: Any) -> PolicyChange:
    complete = {"effective_at": NOW, "made_at": NOW, "reason": "kürzer"}
    return PolicyChange.objects.create(key=key, value=value, **{**complete, **facts})


def a_fee(rate_bps: int = 2000, **facts: Any) -> FeePolicy:
    complete = {"name": "20 %", "starts_at": NOW, "reason": "Kampagne"}
    return FeePolicy.objects.create(rate_bps=rate_bps, **{**complete, **facts})


# Numbers


@pytest.mark.rule("V10", "V12", "V52", "V59")
def test_the_defaults_are_the_rulebooks_numbers() -> None:
    assert DEFAULTS.requirements_max_chars == 200
    assert (DEFAULTS.start_min_hours, DEFAULTS.start_max_days) == (24, 180)
    assert DEFAULTS.auto_confirm_days == 10
    assert DEFAULTS.smallest_net_fen == 10
    assert DEFAULTS.fee_bps == 0


def test_every_default_lies_within_its_limits_and_is_explained() -> None:
    for key, limits in Policy.limits().items():
        assert limits.minimum <= limits.default <= limits.maximum, key
        assert limits.rule.startswith(("V", "N"))
        assert str(limits.label)
        assert str(limits.unit)


def test_the_fee_is_not_a_number_but_has_policies_of_its_own() -> None:
    assert "fee_bps" not in Policy.limits()


@pytest.mark.parametrize("value", [2, 61, -1])
def test_a_value_outside_the_limits_is_not_taken(value: int) -> None:
    change = PolicyChange(
        key="auto_confirm_days", value=value, effective_at=NOW, made_at=NOW, reason="x"
    )
    with pytest.raises(ValidationError) as problem:
        change.clean()
    assert list(problem.value.message_dict) == ["value"]


@pytest.mark.parametrize("value", [3, 60])
def test_a_value_at_a_limit_is_taken(value: int) -> None:
    PolicyChange(key="auto_confirm_days", value=value).clean()


def test_a_number_that_does_not_exist_cannot_be_set() -> None:
    with pytest.raises(ValidationError) as problem:
        PolicyChange(key="colour", value=1).clean()
    assert list(problem.value.message_dict) == ["key"]


# History


@pytest.mark.django_db
def test_a_change_is_in_force_from_its_instant_on_and_not_before() -> None:
    a_change(effective_at=NOW)
    assert in_force(NOW - TICK).auto_confirm_days == 10
    assert in_force(NOW).auto_confirm_days == 7


@pytest.mark.django_db
def test_of_several_the_latest_is_in_force_and_the_past_stays_as_it_was() -> None:
    a_change(value=7, effective_at=NOW)
    a_change(value=14, effective_at=NOW + TEN_DAYS)
    a_change("payment_window_minutes", 30, effective_at=NOW)
    assert in_force(NOW + TEN_DAYS - TICK).auto_confirm_days == 7
    assert in_force(NOW + TEN_DAYS).auto_confirm_days == 14
    assert in_force(NOW + TEN_DAYS).payment_window_minutes == 30


@pytest.mark.django_db
def test_of_two_for_the_same_instant_the_one_made_later_counts() -> None:
    a_change(value=7)
    a_change(value=8)
    assert in_force(NOW).auto_confirm_days == 8


@pytest.mark.django_db
def test_a_number_that_was_dropped_from_the_code_is_passed_over() -> None:
    a_change("an_old_number", 5)
    assert in_force(NOW) == DEFAULTS


@pytest.mark.django_db
def test_the_history_is_never_changed_or_deleted() -> None:
    change = a_change(made_by=ops())
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyChange.objects.filter(pk=change.pk).update(value=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyChange.objects.filter(pk=change.pk).delete()


@pytest.mark.django_db
def test_reading_the_policy_takes_two_queries(django_assert_num_queries: Any) -> None:
    a_change()
    a_fee()
    with django_assert_num_queries(2):
        in_force(NOW)


# Fees


@pytest.mark.django_db
@pytest.mark.rule("V59")
def test_without_a_fee_policy_the_fee_is_nothing() -> None:
    assert fee_bps(NOW) == 0


@pytest.mark.django_db
@pytest.mark.rule("V59")
def test_a_fee_is_in_force_from_its_start_until_just_before_its_end() -> None:
    a_fee(ends_at=NOW + TEN_DAYS)
    assert [fee_bps(at) for at in (NOW - TICK, NOW, NOW + TEN_DAYS - TICK, NOW + TEN_DAYS)] == [
        0,
        2000,
        2000,
        0,
    ]


@pytest.mark.django_db
@pytest.mark.rule("V59")
def test_a_campaigns_fee_is_for_its_own_orders_and_goes_before_the_general_one() -> None:
    a_fee(500)
    a_fee(2000, scope="CAMPAIGN", campaign="618")
    assert fee_bps(NOW) == 500
    assert fee_bps(NOW, campaign="618") == 2000
    assert fee_bps(NOW, campaign="double11") == 500


@pytest.mark.django_db
@pytest.mark.rule("V59")
def test_of_several_fees_the_one_that_began_last_is_in_force() -> None:
    a_fee(2000, starts_at=NOW)
    a_fee(1000, starts_at=NOW - TEN_DAYS)
    assert fee_bps(NOW) == 2000


@pytest.mark.django_db
def test_of_a_fee_only_its_end_can_be_changed() -> None:
    fee = a_fee()
    FeePolicy.objects.filter(pk=fee.pk).update(ends_at=NOW + TEN_DAYS)
    for change in ({"rate_bps": 1}, {"starts_at": NOW - DAY}, {"campaign": "x"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            FeePolicy.objects.filter(pk=fee.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        fee.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        {"rate_bps": 5001},
        {"ends_at": NOW},
        {"scope": "CAMPAIGN"},
        {"campaign": "618"},
    ],
)
def test_the_database_refuses_a_fee_that_makes_no_sense(facts: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        a_fee(**facts)


# N2: what is paid stays as it was paid


@pytest.mark.django_db
@pytest.mark.rule("N2", "V59")
def test_a_later_policy_never_touches_a_paid_order() -> None:
    order = an_order("PAID", policy=in_force(NOW))
    a_fee(2000, starts_at=NOW + HOUR / 2)
    a_change("auto_confirm_days", 3, effective_at=NOW + HOUR / 2)
    by = creator_of(order)
    do_and_settle(workflow.ACCEPT, order, at=NOW + HOUR, by=by)
    at = delivered_at(order)
    content = workflow.deliver.Content("https://we.example/1")
    do_and_settle(workflow.DELIVER, order, at=at, by=by, given=content)
    order = type(order).objects.get(pk=order.pk)
    assert order.confirm_by == at + TEN_DAYS
    do_and_settle(workflow.CONFIRM, order, at=at + DAY, by=merchant_of(order))
    assert pockets(order) == {"paid": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("N2", "V59")
def test_an_order_that_was_sent_before_a_change_and_paid_after_it_has_the_new_terms() -> None:
    task = a_sent_task()
    a_fee(2000, starts_at=NOW + HOUR)
    a_change("auto_confirm_days", 3, effective_at=NOW + HOUR)
    [order] = paid(task, at=NOW + HOUR, policy=in_force(NOW + HOUR))
    assert (order.fee_bps, order.fee_fen, order.auto_confirm_days) == (2000, 16_000, 3)


@pytest.mark.django_db
@pytest.mark.rule("N2")
def test_the_terms_are_kept_in_the_event_of_the_payment_too() -> None:
    order = an_order("PAID", policy=Policy(fee_bps=2000))
    event = order.events.get(verb="mark_paid")
    assert event.terms == {
        "price_fen": PRICE_FEN,
        "auto_confirm_days": 10,
        "fee_bps": 2000,
        "fee_fen": 16_000,
        "tax_fen": 0,
        "net_fen": 64_000,
        "payee": f"creator:{order.creator_id}",
    }
