"""The history of the policy: what ops set, when, from which instant on, and why."""

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.triggers import append_only, no_delete
from policy.numbers import Policy


class PolicyChange(models.Model):
    """One number set to one value from an instant on. Never changed or deleted."""

    key = models.CharField(_("number"), max_length=40)
    value = models.BigIntegerField(_("value"))
    effective_at = models.DateTimeField(_("in force from"))
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("policy change")
        verbose_name_plural = _("policy changes")
        ordering = ["-effective_at", "-id"]
        indexes = [models.Index(fields=["key", "-effective_at", "-id"], name="policychange_latest")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    def clean(self) -> None:
        limits = Policy.limits().get(self.key)
        if limits is None:
            raise ValidationError({"key": _("There is no such number.")})
        value: int | None = self.value  # None when the form could not read it
        if value is not None and not limits.minimum <= value <= limits.maximum:
            raise ValidationError(
                {
                    "value": _("Between %(minimum)s and %(maximum)s %(unit)s.")
                    % {
                        "minimum": limits.minimum,
                        "maximum": limits.maximum,
                        "unit": limits.unit,
                    }
                }
            )


class FeePolicy(models.Model):
    """A platform fee with a rate, a scope and a period (V59). With none in force the fee is 0 %."""

    class Scope(models.TextChoices):
        ALWAYS = "ALWAYS", _("All orders")
        CAMPAIGN = "CAMPAIGN", _("Orders of one campaign")

    name = models.CharField(_("name"), max_length=60)
    rate_bps = models.PositiveIntegerField(
        _("rate"), help_text=_("In hundredths of a percent: 2000 is 20 %.")
    )
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.ALWAYS)
    campaign = models.CharField(_("campaign"), max_length=40, blank=True)
    starts_at = models.DateTimeField(_("in force from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        verbose_name = _("fee policy")
        verbose_name_plural = _("fee policies")
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(rate_bps__lte=5000), name="fee_at_most_half"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="fee_period"
            ),
            models.CheckConstraint(
                condition=Q(scope="ALWAYS", campaign="") | (Q(scope="CAMPAIGN") & ~Q(campaign="")),
                name="fee_scope_names_its_campaign",
            ),
        ]
        # What is over may have been used: only the end of a fee can still be changed.
        triggers = [
            pgtrigger.ReadOnly(name="only_its_end_changes", exclude=["ends_at"]),
            *no_delete(),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.rate_bps / 100:g} %)"

    def clean(self) -> None:
        if self.scope == self.Scope.CAMPAIGN and not self.campaign:
            raise ValidationError({"campaign": _("Name the campaign.")})
        if self.scope == self.Scope.ALWAYS and self.campaign:
            raise ValidationError({"campaign": _("A fee on all orders has no campaign.")})
        rate_bps: int | None = self.rate_bps  # None when the form could not read it
        if rate_bps is not None and rate_bps > 5000:
            raise ValidationError({"rate_bps": _("At most 5000, which is 50 %.")})


APPEND_ONLY = [PolicyChange]
