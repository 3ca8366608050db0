"""What a merchant does to his own data."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from core.fields import blind_index
from merchants import rules
from merchants.models import Merchant, PaymentAccount

if TYPE_CHECKING:
    from accounts.models import User


class UnableToAgree(ValueError):
    """The version that was read is not the one in force."""


@dataclass(frozen=True)
class AccountFacts:
    """What a merchant says about the account that he pays from."""

    logon_id: str
    holder_name: str


def open_profile(user: "User", *, at: datetime) -> Merchant:
    """The empty profile of a new merchant, waiting for activation; safe to repeat."""
    merchant, _made = Merchant.objects.get_or_create(user=user, defaults={"created_at": at})
    return merchant


def confirm_agreement(merchant: Merchant, *, version: int, at: datetime) -> None:
    """V3: store which version was confirmed, and when. The first instant of a version stays."""
    if version != rules.AGREEMENT_VERSION:
        raise UnableToAgree(version)
    Merchant.objects.filter(pk=merchant.pk, agreement_version__lt=version).update(
        agreement_version=version, agreement_at=at
    )
    merchant.refresh_from_db(fields=["agreement_version", "agreement_at"])


@transaction.atomic
def bind_payment_account(
    merchant: Merchant, facts: AccountFacts, *, at: datetime
) -> PaymentAccount:
    """V4: bind the account to pay from. Another account than before waits for ops' check again."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)
    bound = PaymentAccount.objects.filter(merchant=merchant).first()
    if bound is not None and _is_same(bound, facts):
        return bound
    account, _made = PaymentAccount.objects.update_or_create(
        merchant=merchant,
        defaults={
            "alipay_logon_id": facts.logon_id,
            "logon_id_index": blind_index(facts.logon_id),
            "holder_name": facts.holder_name,
            "bound_at": at,
            "is_real_name_verified": False,
            "can_pay_from_balance": False,
        },
    )
    return account


def _is_same(bound: PaymentAccount, facts: AccountFacts) -> bool:
    return (bound.alipay_logon_id, bound.holder_name) == (facts.logon_id, facts.holder_name)
