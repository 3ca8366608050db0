"""What is counted: devices for a day or two, then only sums."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Subject(models.Model):
    """A link that is followed, by numbers alone: what they mean is known to whoever made the link.

    `owner` gathers the links that are looked at together.
    """

    owner = models.BigIntegerField(_("of"))
    kind = models.CharField(_("kind"), max_length=1)
    number = models.BigIntegerField(_("link"))
    day = models.DateField(_("day (China)"))

    class Meta:
        abstract = True


class Visit(Subject):
    """One device on one link on one day. `counted` of its visits are in the sums already.

    The device is a keyed hash with the day's salt (`reads.devices`); the row goes a day later.
    """

    device = models.BinaryField(max_length=16)
    visits = models.PositiveSmallIntegerField()
    counted = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "owner", "kind", "number", "device"], name="visit_once_per_device"
            ),
            models.CheckConstraint(
                condition=Q(counted__lte=F("visits")), name="visit_counted_at_most_once"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(counted__lt=F("visits")), name="visit_new")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}{self.number}"


class ReadDay(Subject):
    """The sums of one link and one day: visits, and visitors (each device once)."""

    visits = models.PositiveBigIntegerField(_("visits"))
    visitors = models.PositiveBigIntegerField(_("visitors"))

    class Meta:
        verbose_name = _("reads of a day")
        verbose_name_plural = _("reads by day")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "day", "number"], name="read_day_once"
            ),
            models.CheckConstraint(
                condition=Q(visitors__lte=F("visits")), name="read_day_visitors_visit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}{self.number}: {self.visits}"


class DaySalt(models.Model):
    """The day's secret. While it is there a device is known again on the same day; then never."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("salt of a day")
        verbose_name_plural = _("salts of the days")

    def __str__(self) -> str:
        return str(self.day)
