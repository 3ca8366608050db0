"""What a creator says of his audience: the words, and which shares hold together. Pure."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WHOLE = 100
MOST_REGIONS = 6


class Kind(TextChoices):
    AGE = "AGE", _("Age")
    GENDER = "GENDER", _("Gender")
    REGION = "REGION", _("Region")
    INTEREST = "INTEREST", _("Interests")


AGES: "dict[str, StrOrPromise]" = {
    "U18": _("Under 18"),
    "18_24": _("18 to 24"),
    "25_34": _("25 to 34"),
    "35_44": _("35 to 44"),
    "45_54": _("45 to 54"),
    "55_UP": _("55 and older"),
}
GENDERS: "dict[str, StrOrPromise]" = {
    "FEMALE": pgettext_lazy("audience", "Women"),
    "MALE": pgettext_lazy("audience", "Men"),
    "OTHER": pgettext_lazy("audience", "Not stated"),
}
# By the codes of ISO 3166-2:CN.
REGIONS: "dict[str, StrOrPromise]" = {
    "BJ": _("Beijing"),
    "TJ": _("Tianjin"),
    "HE": _("Hebei"),
    "SX": _("Shanxi"),
    "NM": _("Inner Mongolia"),
    "LN": _("Liaoning"),
    "JL": _("Jilin"),
    "HL": _("Heilongjiang"),
    "SH": _("Shanghai"),
    "JS": _("Jiangsu"),
    "ZJ": _("Zhejiang"),
    "AH": _("Anhui"),
    "FJ": _("Fujian"),
    "JX": _("Jiangxi"),
    "SD": _("Shandong"),
    "HA": _("Henan"),
    "HB": _("Hubei"),
    "HN": _("Hunan"),
    "GD": _("Guangdong"),
    "GX": _("Guangxi"),
    "HI": _("Hainan"),
    "CQ": _("Chongqing"),
    "SC": _("Sichuan"),
    "GZ": _("Guizhou"),
    "YN": _("Yunnan"),
    "XZ": _("Tibet"),
    "SN": _("Shaanxi"),
    "GS": _("Gansu"),
    "QH": _("Qinghai"),
    "NX": _("Ningxia"),
    "XJ": _("Xinjiang"),
    "TW": _("Taiwan"),
    "HK": _("Hong Kong"),
    "MO": _("Macao"),
    "ABROAD": _("Outside China"),
}

Shares = Mapping[str, int]  # code → percent


def problem(kind: Kind, shares: Shares) -> "StrOrPromise | None":
    """Why these shares cannot be, or None. Everybody has one age and one gender, so those make
    exactly 100 %; the regions named make at most 100 %, since the rest lives elsewhere; one person
    has several interests, so each of those is at most 100 % and they have no sum.
    """
    if any(not 0 <= percent <= WHOLE for percent in shares.values()):
        return _("Each share is a whole number from 0 to 100.")
    total = sum(shares.values())
    if kind in {Kind.AGE, Kind.GENDER} and total not in {0, WHOLE}:
        return _("Together they must be exactly 100 %%; now they are %(total)s %%.") % {
            "total": total
        }
    if kind == Kind.REGION and total > WHOLE:
        return _("Together they are at most 100 %%; now they are %(total)s %%.") % {"total": total}
    return None
