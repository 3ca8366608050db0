"""Reading the policy."""

from datetime import datetime

from django.db.models import Q

from policy.models import FeePolicy, PolicyChange
from policy.numbers import Policy


def in_force(at: datetime, *, campaign: str = "") -> Policy:
    """The policy at `at`, with the fee rate for an order of `campaign` (V59). Two queries."""
    return Policy.of(changes_in_force(at), fee_bps=fee_bps(at, campaign=campaign))


def changes_in_force(at: datetime) -> dict[str, int]:
    """The numbers that differ from their defaults at `at`: the latest change of each."""
    latest = (
        PolicyChange.objects.filter(effective_at__lte=at)
        .order_by("key", "-effective_at", "-id")
        .distinct("key")
    )
    return {change.key: change.value for change in latest}


def fee_bps(at: datetime, *, campaign: str = "") -> int:
    """The rate in hundredths of a percent: a fee of the campaign goes before one on all orders,
    and of several the one that began last is in force."""
    running = FeePolicy.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)
    scopes = Q(scope=FeePolicy.Scope.ALWAYS)
    if campaign:
        scopes |= Q(scope=FeePolicy.Scope.CAMPAIGN, campaign=campaign)
    fee = running.filter(scopes).order_by("-campaign", "-starts_at", "-id").first()
    return fee.rate_bps if fee else 0
