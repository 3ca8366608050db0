from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedTextField
from core.files import RandomName
from creators.audience import Kind


class Status(models.TextChoices):
    PENDING = "PENDING", _("Waiting for activation")
    ACTIVE = "ACTIVE", _("Active")
    SUSPENDED = "SUSPENDED", _("Suspended")


class ContentFormat(models.TextChoices):
    POST = "POST", _("Post")
    LIST = "LIST", _("List")
    VIDEO = "VIDEO", _("Video")
    LIVE = "LIVE", _("Live")


class Named(models.Model):
    """A row of reference data with a name in both languages; ops can add more."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name_en = models.CharField(_("English name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    is_enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language."""
        return named(self.name_en, self.name_zh)


def named(name_en: str, name_zh: str) -> str:
    """Of the two names the one in the reader's language."""
    return name_zh if (get_language() or "").startswith("zh") else name_en


class Domain(Named):
    """What a creator writes about (V8)."""

    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("domain")
        verbose_name_plural = _("domains")
        ordering = ["position", "id"]


class Channel(Named):
    """Where content is published (V9)."""

    requires_approval = models.BooleanField(_("needs approval"), default=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["id"]


LISTED = models.Q(status=Status.ACTIVE, is_accepting=True, default_price_fen__isnull=False)


@pghistory.track()
class Creator(models.Model):
    """Who makes content and is paid (V5, V6). Name, phone and address of delivery are private."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="creator", verbose_name=_("user")
    )
    nickname = models.CharField(_("nickname"), max_length=60, blank=True)
    introduction = models.TextField(_("introduction"), max_length=1000, blank=True)
    avatar = models.FileField(_("picture"), upload_to=RandomName("avatars"), blank=True)
    main_domain = models.ForeignKey(
        Domain,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="main_creators",
        verbose_name=_("main domain"),
    )
    domains = models.ManyToManyField(
        Domain, blank=True, related_name="creators", verbose_name=_("domains")
    )
    can_invoice = models.BooleanField(_("can give an invoice"), null=True, blank=True)
    payout_account = models.ForeignKey(
        "settlement.PayoutAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payout account"),
    )
    delivery_name = EncryptedTextField(_("recipient"), blank=True)
    delivery_phone = EncryptedTextField(_("recipient's phone"), blank=True)
    delivery_address = EncryptedTextField(_("delivery address"), blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    is_accepting = models.BooleanField(_("accepting orders"), default=False)
    followers = models.PositiveIntegerField(_("followers"), default=0)
    avg_reads = models.PositiveIntegerField(_("average reads"), default=0)
    default_price_fen = models.PositiveBigIntegerField(_("price"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        indexes = [
            models.Index(
                models.F("followers").desc(), "id", name="creator_by_followers", condition=LISTED
            ),
            models.Index(
                models.F("avg_reads").desc(), "id", name="creator_by_reads", condition=LISTED
            ),
            models.Index(
                fields=["default_price_fen", "id"], name="creator_by_price", condition=LISTED
            ),
            models.Index(fields=["status", "id"], name="creator_by_status"),
        ]
        constraints = [
            models.CheckConstraint(
                name="creator_status_known", condition=models.Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="creator_active_has_instant",
                condition=~models.Q(status=Status.ACTIVE) | models.Q(activated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.called(self.pk, self.nickname)

    @staticmethod
    def called(pk: int, nickname: str) -> str:
        return nickname or f"#{pk}"

    @property
    def avatar_url(self) -> str:
        """Where the picture is shown to those who may see it; changes with the picture."""
        if not self.avatar.name:
            return ""
        return f"{reverse('creators:avatar', args=[self.pk])}?v={self.avatar.name[-12:-4]}"

    @property
    def domains_text(self) -> str:
        return " · ".join(domain.name for domain in self.domains.all())

    @property
    def is_active(self) -> bool:
        return self.status == Status.ACTIVE

    @property
    def is_listed(self) -> bool:
        """V6: can be found and chosen; the same as `LISTED` says in SQL."""
        return self.is_active and self.is_accepting and self.default_price_fen is not None


# Where `db_index` is off, another index of the table begins with the same column.
class CreatorChannel(models.Model):
    """A creator's account on a channel, with his reach there."""

    creator = models.ForeignKey(
        Creator,
        models.CASCADE,
        related_name="channels",
        verbose_name=_("creator"),
        db_index=False,
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="creator_channels", verbose_name=_("channel")
    )
    url = models.CharField(_("link"), max_length=500)
    followers = models.PositiveIntegerField(_("followers"), default=0)
    avg_reads = models.PositiveIntegerField(_("average reads"), default=0)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    class Meta:
        verbose_name = _("creator's channel")
        verbose_name_plural = _("creators' channels")
        ordering = ["channel_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "channel"], name="creatorchannel_once_per_channel"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.channel_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Quote(models.Model):
    """A price per content format and channel; with neither it is the default (V19)."""

    creator = models.ForeignKey(
        Creator,
        models.CASCADE,
        related_name="quotes",
        verbose_name=_("creator"),
        db_index=False,
    )
    content_format = models.CharField(
        _("content format"), max_length=10, choices=ContentFormat.choices, blank=True
    )
    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="quotes",
        verbose_name=_("channel"),
    )
    price_fen = models.PositiveBigIntegerField(_("price"))

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ["content_format", "channel_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "content_format", "channel"],
                name="quote_once_per_format_and_channel",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="quote_price_positive", condition=models.Q(price_fen__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.content_format or '*'} {self.channel_id or '*'}"

    @property
    def is_default(self) -> bool:
        return not self.content_format and self.channel_id is None


class Work(models.Model):
    """Something that the creator has published, to show what he can do (V5)."""

    creator = models.ForeignKey(
        Creator,
        models.CASCADE,
        related_name="works",
        verbose_name=_("creator"),
        db_index=False,
    )
    title = models.CharField(_("title"), max_length=120)
    url = models.CharField(_("link"), max_length=500, blank=True)
    picture = models.FileField(_("picture"), upload_to=RandomName("works"), blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    reads = models.PositiveIntegerField(_("reads"), default=0)

    class Meta:
        verbose_name = _("work")
        verbose_name_plural = _("works")
        ordering: ClassVar[list[str]] = ["-id"]
        indexes = [models.Index(fields=["creator", "-id"], name="work_by_creator")]

    def __str__(self) -> str:
        return self.title

    @property
    def picture_url(self) -> str:
        """Where the picture is shown to those who may see it; changes with the picture."""
        if not self.picture.name:
            return ""
        url = reverse("creators:work-picture", args=[self.creator_id, self.pk])
        return f"{url}?v={self.picture.name[-12:-4]}"


class Audience(models.Model):
    """Who follows a creator, in shares, as the creator reports it: never measured here (V13)."""

    creator = models.OneToOneField(
        Creator, models.CASCADE, related_name="audience", verbose_name=_("creator")
    )
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")

    def __str__(self) -> str:
        return f"{self.creator_id}: {self.reported_at:%Y-%m-%d}"


class AudienceShare(models.Model):
    """How much of an audience is of one age band, gender or region, or has one interest. The codes
    are those of `creators.audience`, for interests those of the domains.
    """

    audience = models.ForeignKey(
        Audience,
        models.CASCADE,
        related_name="shares",
        verbose_name=_("audience"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    code = models.CharField(_("code"), max_length=30)
    percent = models.PositiveSmallIntegerField(_("percent"))

    class Meta:
        verbose_name = _("share of an audience")
        verbose_name_plural = _("shares of audiences")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["audience", "kind", "code"], name="audienceshare_once_per_code"
            ),
            models.CheckConstraint(
                name="audienceshare_percent", condition=models.Q(percent__range=(1, 100))
            ),
            models.CheckConstraint(
                name="audienceshare_kind_known", condition=models.Q(kind__in=Kind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}: {self.percent} %"
