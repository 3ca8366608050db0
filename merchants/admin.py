from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from core.admin import STANDING_TONES, ListedAdmin, badge, time_column
from core.admin_actions import private_values_action, reasoned_action
from core.masking import mask_account, mask_email, mask_name, mask_phone
from merchants.models import Merchant, PaymentAccount
from merchants.workflow import standing


def _activate(merchant: Merchant, at: datetime) -> standing.Change:
    return standing.activate(merchant.pk, at=at)


def _suspend(merchant: Merchant, at: datetime) -> standing.Change:
    return standing.suspend(merchant.pk)


def _approve(account: PaymentAccount, at: datetime) -> standing.Change:
    return standing.approve_payment_account(account.pk)


def _reject(account: PaymentAccount, at: datetime) -> standing.Change:
    return standing.reject_payment_account(account.pk)


class ReadOnly:
    """Rows come from people and verbs; nobody adds or deletes them here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AccountColumns:
    """A payment account as it may be shown."""

    @admin.display(description=_("Alipay login"))
    def masked_login(self, account: PaymentAccount) -> str:
        return mask_account(account.alipay_logon_id)

    @admin.display(description=_("holder"))
    def masked_holder(self, account: PaymentAccount) -> str:
        return mask_name(account.holder_name)


ACCOUNT_FIELDS = (
    "masked_login",
    "masked_holder",
    time_column(PaymentAccount, "bound_at"),
    "is_real_name_verified",
    "can_pay_from_balance",
)


class PaymentAccountInline(ReadOnly, AccountColumns, StackedInline):
    model = PaymentAccount
    fields = readonly_fields = ACCOUNT_FIELDS
    extra = 0


@admin.register(Merchant)
class MerchantAdmin(ReadOnly, ListedAdmin):
    """Merchants. Their standing changes by an action with a reason, never by hand."""

    list_display = (
        "id",
        "company_name",
        "shop_name",
        "shop_marketplace",
        "standing",
        "masked_contact",
        "agreement_version",
        time_column(Merchant, "created_at"),
    )
    list_filter = ("status", "shop_marketplace", "agreement_version")
    search_fields = ("company_name", "shop_name", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    readonly_fields = (
        "user",
        "company_name",
        "shop_name",
        "shop_marketplace",
        "shop_url",
        "masked_contact",
        "masked_phone",
        "masked_email",
        "standing",
        time_column(Merchant, "activated_at"),
        "agreement_version",
        time_column(Merchant, "agreement_at"),
        time_column(Merchant, "created_at"),
    )
    fields = (*readonly_fields, "brand_level")
    inlines = (PaymentAccountInline,)
    actions = (
        reasoned_action("activate", _("Activate"), _activate),
        reasoned_action("suspend", _("Suspend"), _suspend),
        private_values_action(("contact_name", "contact_phone", "contact_email")),
    )

    @admin.display(description=_("status"), ordering="status")
    def standing(self, merchant: Merchant) -> str:
        return badge(merchant.get_status_display(), STANDING_TONES[merchant.status])

    @admin.display(description=_("contact's name"))
    def masked_contact(self, merchant: Merchant) -> str:
        return mask_name(merchant.contact_name)

    @admin.display(description=_("contact's phone"))
    def masked_phone(self, merchant: Merchant) -> str:
        return mask_phone(merchant.contact_phone)

    @admin.display(description=_("contact's e-mail"))
    def masked_email(self, merchant: Merchant) -> str:
        return mask_email(merchant.contact_email)


@admin.register(PaymentAccount)
class PaymentAccountAdmin(ReadOnly, AccountColumns, ListedAdmin):
    """V4: ops checks the holder's name and whether the account may pay."""

    list_display = ("id", "merchant", *ACCOUNT_FIELDS)
    list_filter = ("is_real_name_verified", "can_pay_from_balance")
    search_fields = ("merchant__company_name", "merchant__shop_name")
    list_select_related = ("merchant",)
    ordering = ("-bound_at",)
    fields = readonly_fields = ("merchant", *ACCOUNT_FIELDS)
    actions = (
        reasoned_action("approve", _("Checked: may pay"), _approve),
        reasoned_action("reject", _("Check failed: may not pay"), _reject),
        private_values_action(("alipay_logon_id", "holder_name")),
    )
