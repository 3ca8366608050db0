"""What ops decides about a merchant."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from merchants.models import Merchant, PaymentAccount, Status


@dataclass(frozen=True)
class Change:
    """What changed, for the log; nothing when it was so before."""

    before: str
    after: str

    @property
    def happened(self) -> bool:
        return self.before != self.after


@transaction.atomic
def activate(merchant_id: int, *, at: datetime) -> Change:
    """The merchant may publish. The first activation's instant stays."""
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    before = merchant.status
    merchant.status = Status.ACTIVE
    merchant.activated_at = merchant.activated_at or at
    merchant.save(update_fields=["status", "activated_at"])
    return Change(before, merchant.status)


@transaction.atomic
def suspend(merchant_id: int) -> Change:
    """The merchant may not publish until he is activated again; running orders go on."""
    merchant = Merchant.objects.select_for_update().get(pk=merchant_id)
    before = merchant.status
    merchant.status = Status.SUSPENDED
    merchant.save(update_fields=["status"])
    return Change(before, merchant.status)


@transaction.atomic
def approve_payment_account(account_id: int) -> Change:
    """V4: ops has checked the holder's name and that the account may pay from balance."""
    account = PaymentAccount.objects.select_for_update().get(pk=account_id)
    before = _checks(account)
    account.is_real_name_verified = account.can_pay_from_balance = True
    account.save(update_fields=["is_real_name_verified", "can_pay_from_balance"])
    return Change(before, _checks(account))


@transaction.atomic
def reject_payment_account(account_id: int) -> Change:
    """V4: the account did not pass the check, or does not any longer."""
    account = PaymentAccount.objects.select_for_update().get(pk=account_id)
    before = _checks(account)
    account.is_real_name_verified = account.can_pay_from_balance = False
    account.save(update_fields=["is_real_name_verified", "can_pay_from_balance"])
    return Change(before, _checks(account))


def _checks(account: PaymentAccount) -> str:
    return f"name={account.is_real_name_verified} balance={account.can_pay_from_balance}"
