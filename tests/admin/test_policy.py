"""The policy in the admin: every number is seen, and changed with a reason, its limits in view."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from core import clock
from policy.models import FeePolicy, PolicyChange
from policy.numbers import Policy
from policy.queries import in_force
from tasks.models import Order
from tests.admin.pages import log, staff, text, url
from tests.orders import an_order

pytestmark = pytest.mark.django_db

DAYS = "auto_confirm_days"
DAY = timedelta(days=1)


def given(value: object, **more: str) -> dict[str, str]:
    return {"value": str(value), "reason": "Spring festival", **more}


def typed(at: datetime) -> str:
    """An instant as a person types it, in his own zone."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def test_the_page_shows_every_number_with_its_rule() -> None:
    shown = text(staff().get(url("policy_numbers")))
    for key, limits in Policy.limits().items():
        assert str(limits.label) in shown
        assert f"<code>{limits.rule}</code>" in shown
        assert url("policy_number", key) in shown


def test_a_number_is_changed_from_now_on() -> None:
    answer = staff().post(url("policy_number", DAYS), given(12))
    assert answer.status_code == 302
    change = PolicyChange.objects.get()
    assert (change.key, change.value, change.reason) == (DAYS, 12, "Spring festival")
    assert change.effective_at == change.made_at
    assert change.made_by is not None
    assert in_force(clock.now()).auto_confirm_days == 12
    assert log() == ["Spring festival"]


def test_a_number_is_announced_for_later() -> None:
    at = clock.now()
    later = typed(at + 3 * DAY)
    staff().post(url("policy_number", DAYS), given(12, effective_at=later))
    assert in_force(at + DAY).auto_confirm_days == 10
    assert in_force(at + 4 * DAY).auto_confirm_days == 12
    assert "12, " in text(staff().get(url("policy_numbers")))
    assert "to come" in text(staff().get(url("policy_number", DAYS)))


@pytest.mark.rule("N2")
def test_an_order_that_is_paid_keeps_its_terms() -> None:
    order = an_order("PAID")
    staff().post(url("policy_number", DAYS), given(30))
    assert Order.objects.get(pk=order.pk).auto_confirm_days == 10


@pytest.mark.parametrize("value", [2, 61, "ten", "", 10**20])
def test_a_value_outside_its_limits_is_refused_at_the_field(value: object) -> None:
    answer = staff().post(url("policy_number", DAYS), given(value))
    assert 'id="id_value_error"' in text(answer)
    assert not PolicyChange.objects.exists()
    assert log() == []


def test_a_change_in_the_past_is_refused_at_the_field() -> None:
    yesterday = typed(clock.now() - DAY)
    answer = staff().post(url("policy_number", DAYS), given(12, effective_at=yesterday))
    assert "Not in the past" in text(answer)
    assert not PolicyChange.objects.exists()


def test_a_change_needs_a_reason() -> None:
    text(staff().post(url("policy_number", DAYS), given(12, reason=" ")))
    assert not PolicyChange.objects.exists()


@pytest.mark.parametrize("key", ["fee_bps", "nothing"])
def test_there_is_no_page_for_what_is_no_number(key: str) -> None:
    assert staff().post(url("policy_number", key), given(12)).status_code == 404
    assert not PolicyChange.objects.exists()


def test_history_is_not_rewritten() -> None:
    browser = staff()
    browser.post(url("policy_number", DAYS), given(12))
    change = PolicyChange.objects.get()
    page = url("policy_policychange_change", change.pk)
    assert browser.post(page, {"value": "13"}).status_code == 403
    delete = url("policy_policychange_delete", change.pk)
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    assert browser.get(url("policy_policychange_add")).status_code == 403
    assert PolicyChange.objects.get().value == 12


# Platform fees: V59


def fee(**more: str) -> dict[str, str]:
    facts = {"name": "20 % always", "rate_bps": "2000", "scope": "ALWAYS", "reason": "Board"}
    return {**facts, **more}


def test_the_presets_fill_in_the_form() -> None:
    shown = text(staff().get(url("policy_feepolicy_changelist")))
    for preset in ("Always 20 %", "Inside a campaign 20 %"):
        assert preset in shown
    assert "rate_bps=2000&amp;scope=CAMPAIGN" in shown
    form = text(staff().get(url("policy_feepolicy_add"), {"rate_bps": "2000", "scope": "CAMPAIGN"}))
    assert 'value="2000"' in form
    assert '<option value="CAMPAIGN" selected>' in form


@pytest.mark.rule("V59")
def test_a_fee_is_in_force_from_now_on() -> None:
    answer = staff().post(url("policy_feepolicy_add"), fee())
    assert answer.status_code == 302
    assert in_force(clock.now()).fee_bps == 2000
    assert FeePolicy.objects.get().made_by is not None


@pytest.mark.rule("V59")
def test_a_fee_inside_a_campaign_is_for_its_orders_alone() -> None:
    given = fee(scope="CAMPAIGN", campaign="double-11")
    staff().post(url("policy_feepolicy_add"), given)
    at = clock.now()
    assert in_force(at, campaign="double-11").fee_bps == 2000
    assert in_force(at).fee_bps == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "CAMPAIGN"},
        {"campaign": "double-11"},
        {"rate_bps": "5001"},
        {"rate_bps": "-1"},
        {"reason": ""},
        {"starts_at": "2020-01-01T00:00"},
        {"starts_at": "2099-01-02T00:00", "ends_at": "2099-01-01T00:00"},
    ],
    ids=["no campaign", "campaign", "high", "low", "no reason", "past", "ends first"],
)
def test_a_fee_that_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    answer = staff().post(url("policy_feepolicy_add"), fee(**wrong))
    assert "errorlist" in text(answer) or "text-red" in text(answer)
    assert not FeePolicy.objects.exists()


def test_a_fee_is_ended_with_a_reason() -> None:
    browser = staff()
    browser.post(url("policy_feepolicy_add"), fee())
    running = FeePolicy.objects.get()
    browser.post(url("policy_feepolicy_end", running.pk), {"reason": "Board again"})
    assert in_force(clock.now()).fee_bps == 0
    assert "Board again" in log()[0]


def test_a_fee_that_never_began_can_be_called_off() -> None:
    browser = staff()
    browser.post(url("policy_feepolicy_add"), fee(starts_at="2099-01-01T00:00"))
    coming = FeePolicy.objects.get()
    browser.post(url("policy_feepolicy_end", coming.pk), {"reason": "Board again"})
    assert in_force(coming.starts_at + DAY).fee_bps == 0
    assert "over" in text(browser.get(url("policy_feepolicy_changelist")))


def test_a_fee_ends_once() -> None:
    browser = staff()
    browser.post(url("policy_feepolicy_add"), fee())
    page = url("policy_feepolicy_end", FeePolicy.objects.get().pk)
    browser.post(page, {"reason": "Board again"})
    ended = FeePolicy.objects.values().get()
    browser.post(page, {"reason": "Board again"})
    assert FeePolicy.objects.values().get() == ended


def test_a_fee_is_never_edited() -> None:
    browser = staff()
    browser.post(url("policy_feepolicy_add"), fee())
    running = FeePolicy.objects.get()
    page = url("policy_feepolicy_change", running.pk)
    assert browser.post(page, fee(rate_bps="1")).status_code == 403
    assert browser.post(url("policy_feepolicy_delete", running.pk), {}).status_code == 403
    assert FeePolicy.objects.get().rate_bps == 2000
