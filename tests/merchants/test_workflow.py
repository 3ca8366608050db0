from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from accounts.models import Role
from core.fields import blind_index
from merchants.models import Merchant, PaymentAccount
from merchants.rules import AGREEMENT_VERSION
from merchants.workflow import standing
from merchants.workflow.profile import (
    AccountFacts,
    UnableToAgree,
    bind_payment_account,
    confirm_agreement,
    open_profile,
)
from tests.builders import LONG_AGO, a_merchant, a_user

pytestmark = pytest.mark.django_db
LATER = LONG_AGO + timedelta(days=3)
NEW = {"status": "PENDING", "activated_at": None, "agreement_version": 0, "agreement_at": None}


def test_the_profile_is_opened_once() -> None:
    user = a_user(Role.MERCHANT)
    first, second = open_profile(user, at=LONG_AGO), open_profile(user, at=LATER)
    assert first == second
    assert Merchant.objects.get().created_at == LONG_AGO


@pytest.mark.rule("V3")
def test_the_confirmed_version_and_its_instant_are_stored() -> None:
    merchant = a_merchant(**NEW)
    confirm_agreement(merchant, version=AGREEMENT_VERSION, at=LONG_AGO)
    stored = Merchant.objects.get()
    assert (stored.agreement_version, stored.agreement_at) == (AGREEMENT_VERSION, LONG_AGO)


@pytest.mark.rule("V3")
def test_confirming_again_keeps_the_first_instant() -> None:
    merchant = a_merchant(**NEW)
    confirm_agreement(merchant, version=AGREEMENT_VERSION, at=LONG_AGO)
    confirm_agreement(merchant, version=AGREEMENT_VERSION, at=LATER)
    assert Merchant.objects.get().agreement_at == LONG_AGO


@pytest.mark.rule("V3")
@pytest.mark.parametrize("version", [0, AGREEMENT_VERSION + 1])
def test_another_version_than_the_one_in_force_cannot_be_confirmed(version: int) -> None:
    merchant = a_merchant(**NEW)
    with pytest.raises(UnableToAgree):
        confirm_agreement(merchant, version=version, at=LONG_AGO)
    assert Merchant.objects.get().agreement_version == 0


@pytest.mark.rule("V4")
def test_a_bound_account_waits_for_the_check() -> None:
    merchant = a_merchant(account=None)
    facts = AccountFacts("Pay@example.com", "王小明")
    bind_payment_account(merchant, facts, at=LATER)
    account = PaymentAccount.objects.get()
    assert (account.alipay_logon_id, account.holder_name) == ("Pay@example.com", "王小明")
    assert account.logon_id_index == blind_index("pay@example.com")
    assert account.bound_at == LATER
    assert (account.is_real_name_verified, account.can_pay_from_balance) == (False, False)


@pytest.mark.rule("V4")
@pytest.mark.parametrize(
    "facts", [AccountFacts("other@example.com", "王小明"), AccountFacts("pay@example.com", "别人")]
)
def test_another_account_or_holder_has_to_be_checked_again(facts: AccountFacts) -> None:
    merchant = a_merchant(account={"alipay_logon_id": "pay@example.com", "holder_name": "王小明"})
    bind_payment_account(merchant, facts, at=LATER)
    account = PaymentAccount.objects.get()
    assert (account.is_real_name_verified, account.can_pay_from_balance) == (False, False)
    assert account.bound_at == LATER


@pytest.mark.rule("V4")
def test_binding_the_same_account_again_changes_nothing() -> None:
    merchant = a_merchant(account={"alipay_logon_id": "pay@example.com", "holder_name": "王小明"})
    bind_payment_account(merchant, AccountFacts("pay@example.com", "王小明"), at=LATER)
    account = PaymentAccount.objects.get()
    assert (account.is_real_name_verified, account.bound_at) == (True, LONG_AGO)


def test_staff_activate_suspend_and_activate_again_and_the_first_instant_stays() -> None:
    merchant = a_merchant(**NEW)
    first = standing.activate(merchant.pk, at=LONG_AGO)
    assert (first.before, first.after) == ("PENDING", "ACTIVE")
    standing.suspend(merchant.pk)
    assert Merchant.objects.get().status == "SUSPENDED"
    standing.activate(merchant.pk, at=LATER)
    stored = Merchant.objects.get()
    assert (stored.status, stored.activated_at) == ("ACTIVE", LONG_AGO)
    assert not standing.activate(merchant.pk, at=LATER).happened


@pytest.mark.rule("V4")
def test_staff_check_the_account_and_can_take_it_back() -> None:
    account = a_merchant(
        account={"is_real_name_verified": False, "can_pay_from_balance": False}
    ).payment_account
    standing.approve_payment_account(account.pk)
    account.refresh_from_db()
    assert (account.is_real_name_verified, account.can_pay_from_balance) == (True, True)
    standing.reject_payment_account(account.pk)
    account.refresh_from_db()
    assert (account.is_real_name_verified, account.can_pay_from_balance) == (False, False)


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "ACTIVE", "activated_at": None},
        {"status": "KING"},
        {"agreement_version": 1, "agreement_at": None},
    ],
)
def test_the_database_refuses_what_cannot_be(facts: dict[str, object]) -> None:
    merchant = a_merchant()
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchant.objects.filter(pk=merchant.pk).update(**facts)


def test_every_version_of_a_merchant_is_kept() -> None:
    merchant = a_merchant()
    standing.suspend(merchant.pk)
    events = apps.get_model("merchants", "MerchantEvent").objects.order_by("pgh_id")
    kept = list(events.values_list("pgh_label", "status"))
    assert kept == [("insert", "ACTIVE"), ("update", "SUSPENDED")]
