"""What a merchant needs before he may publish and before he may pay (V2 to V4). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

AGREEMENT_VERSION = 1


@dataclass(frozen=True)
class Missing:
    """One thing to do: `code` for programs, `text` for the merchant."""

    code: str
    text: str | Promise


class AccountLike(Protocol):
    is_real_name_verified: bool
    can_pay_from_balance: bool


class MerchantLike(Protocol):
    company_name: str
    shop_name: str
    shop_marketplace: str
    shop_url: str
    contact_name: str
    contact_phone: str
    contact_email: str
    status: str
    agreement_version: int


AGREEMENT = Missing("agreement", _("Confirm the current agreement."))
COMPANY = Missing("company", _("Enter your company."))
SHOP = Missing("shop", _("Enter your shop, its marketplace and its link."))
CONTACT = Missing("contact", _("Enter the contact's name, phone and e-mail."))
ACTIVATION = Missing("activation", _("Wait until our staff has activated you."))
SUSPENSION = Missing("suspended", _("You are suspended. Please write to our staff."))
ACCOUNT = Missing("payment_account", _("Bind the Alipay account that you pay from."))
REAL_NAME = Missing("real_name", _("Our staff has not yet verified the account holder's name."))
BALANCE = Missing("balance", _("Our staff has not yet seen that the account may pay."))


def missing_before_publishing(
    merchant: MerchantLike, agreement_version: int = AGREEMENT_VERSION
) -> list[Missing]:
    """V2, V3: everything that keeps the merchant from publishing; empty when nothing does."""
    return _missing(
        (AGREEMENT, merchant.agreement_version == agreement_version),
        (COMPANY, merchant.company_name),
        (SHOP, merchant.shop_name and merchant.shop_marketplace and merchant.shop_url),
        (
            CONTACT,
            merchant.contact_name and merchant.contact_phone and merchant.contact_email,
        ),
        (SUSPENSION, merchant.status != "SUSPENDED"),
        (ACTIVATION, merchant.status != "PENDING"),
    )


def missing_before_paying(
    merchant: MerchantLike,
    account: AccountLike | None,
    agreement_version: int = AGREEMENT_VERSION,
) -> list[Missing]:
    """V4: what publishing needs, and a bound, verified account that may pay from balance."""
    missing = missing_before_publishing(merchant, agreement_version)
    if account is None:
        return [*missing, ACCOUNT]
    return missing + _missing(
        (REAL_NAME, account.is_real_name_verified), (BALANCE, account.can_pay_from_balance)
    )


def _missing(*checks: tuple[Missing, object]) -> list[Missing]:
    return [missing for missing, is_there in checks if not is_there]


def codes(missing: Iterable[Missing]) -> list[str]:
    return [item.code for item in missing]
