import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedTextField


class Status(models.TextChoices):
    PENDING = "PENDING", _("Waiting for activation")
    ACTIVE = "ACTIVE", _("Active")
    SUSPENDED = "SUSPENDED", _("Suspended")


class Marketplace(models.TextChoices):
    TAOBAO = "TAOBAO", _("Taobao")
    TMALL = "TMALL", _("Tmall")
    OTHER = "OTHER", _("Other marketplace")


@pghistory.track()
class Merchant(models.Model):
    """Who needs content and pays for it (V2, V3). Contact data stays private (V64)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="merchant", verbose_name=_("user")
    )
    company_name = models.CharField(_("company"), max_length=120, blank=True)
    shop_name = models.CharField(_("shop"), max_length=120, blank=True)
    shop_marketplace = models.CharField(
        _("marketplace"), max_length=10, choices=Marketplace.choices, blank=True
    )
    shop_url = models.CharField(_("link to the shop"), max_length=500, blank=True)
    brand_level = models.CharField(_("brand level"), max_length=20, blank=True)
    contact_name = EncryptedTextField(_("contact's name"), blank=True)
    contact_phone = EncryptedTextField(_("contact's phone"), blank=True)
    contact_email = EncryptedTextField(_("contact's e-mail"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    agreement_version = models.PositiveIntegerField(_("agreement confirmed"), default=0)
    agreement_at = models.DateTimeField(_("agreement confirmed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        indexes = [
            models.Index(fields=["status", "id"], name="merchant_by_status"),
        ]
        constraints = [
            models.CheckConstraint(
                name="merchant_status_known", condition=models.Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="merchant_active_has_instant",
                condition=~models.Q(status=Status.ACTIVE) | models.Q(activated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="merchant_agreement_has_instant",
                condition=models.Q(agreement_version=0, agreement_at__isnull=True)
                | models.Q(agreement_version__gt=0, agreement_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.called(self.pk, self.company_name, self.shop_name)

    @staticmethod
    def called(pk: int, company_name: str, shop_name: str) -> str:
        return company_name or shop_name or f"#{pk}"

    @property
    def is_active(self) -> bool:
        return self.status == Status.ACTIVE

    @property
    def account_or_none(self) -> "PaymentAccount | None":
        """The bound payment account, if there is one."""
        return getattr(self, "payment_account", None)


@pghistory.track()
class PaymentAccount(models.Model):
    """The account that a merchant pays from; ops sets the flags after a check (V4)."""

    merchant = models.OneToOneField(
        Merchant,
        models.PROTECT,
        related_name="payment_account",
        verbose_name=_("merchant"),
    )
    alipay_logon_id = EncryptedTextField(_("Alipay login"))
    logon_id_index = models.CharField(max_length=64, db_index=True, editable=False)
    holder_name = EncryptedTextField(_("name of the account's holder"))
    bound_at = models.DateTimeField(_("bound"))
    is_real_name_verified = models.BooleanField(_("real name verified"), default=False)
    can_pay_from_balance = models.BooleanField(_("may pay from balance"), default=False)

    class Meta:
        verbose_name = _("payment account")
        verbose_name_plural = _("payment accounts")

    def __str__(self) -> str:
        return f"#{self.pk}"
