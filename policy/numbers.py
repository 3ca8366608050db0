"""Every number of the rulebook that is a policy, in one typed place.

A number here has a default, limits, a unit and the rule it belongs to. Ops staff change it in the
admin, each change is kept for ever (`policy.models.PolicyChange`), and an order copies what
concerns it when it is paid (N2), so that a later change never touches it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Limits:
    """What ops may set a number to, and how it is explained to them."""

    default: int
    minimum: int
    maximum: int
    rule: str
    unit: "StrOrPromise"
    label: "StrOrPromise"


def number(limits: Limits) -> Any:
    return field(default=limits.default, metadata={"limits": limits})


@dataclass(frozen=True)
class Policy:
    """The policy in force at one instant. Read it with `policy.queries.in_force(at)`."""

    requirements_max_chars: int = number(
        Limits(200, 50, 2000, "V10", _("characters"), _("Longest requirements of a brief"))
    )
    start_min_hours: int = number(
        Limits(24, 1, 168, "V12", _("hours"), _("Earliest start after the task was sent"))
    )
    start_max_days: int = number(
        Limits(180, 7, 365, "V12", _("days"), _("Latest start after the task was sent"))
    )
    creators_per_task: int = number(
        Limits(50, 1, 500, "V13", pgettext_lazy("unit", "creators"), _("Most creators of one task"))
    )
    attachments_per_task: int = number(
        Limits(10, 1, 50, "V10", _("files and links"), _("Most attachments of a brief"))
    )
    smallest_net_fen: int = number(
        Limits(10, 10, 10_000, "V18", _("fen"), _("Smallest amount that can be paid to a creator"))
    )
    largest_price_fen: int = number(
        Limits(
            1_000_000_00, 100_00, 100_000_000_00, "V18", _("fen"), _("Highest price of one order")
        )
    )
    payment_window_minutes: int = number(
        Limits(15, 1, 1440, "V17", _("minutes"), _("Time to confirm a payment in the payment app"))
    )
    auto_confirm_days: int = number(
        Limits(10, 3, 60, "V52", _("days"), _("Days until the clock confirms a delivery"))
    )
    pictures_per_delivery: int = number(
        Limits(9, 0, 30, "V56", _("pictures"), _("Most pictures of a delivery"))
    )
    fee_bps: int = 0  # not set here but by the fee policies (V59); see policy.queries.in_force

    @classmethod
    def limits(cls) -> dict[str, Limits]:
        """The numbers that ops may change, by their key."""
        return {f.name: f.metadata["limits"] for f in fields(cls) if "limits" in f.metadata}

    @classmethod
    def of(cls, changes: Mapping[str, int], fee_bps: int = 0) -> "Policy":
        """The defaults with `changes` laid over them; keys that no longer exist are passed over."""
        known = cls.limits()
        return cls(**{key: v for key, v in changes.items() if key in known}, fee_bps=fee_bps)


DEFAULTS = Policy()
