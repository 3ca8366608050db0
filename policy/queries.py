"""Reading the policy."""

from datetime import datetime, timedelta

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from policy.models import FeePolicy, PolicyChange
from policy.numbers import Policy


def in_force(at: datetime, *, campaign: str = "") -> Policy:
    """The policy at `at`, with the fee rate for an order of `campaign` (V59). Two queries."""
    return Policy.of(changes_in_force(at), fee_bps=fee_bps(at, campaign=campaign))


def changes_in_force(at: datetime) -> dict[str, int]:
    """The numbers that differ from their defaults at `at`: the latest change of each."""
    return {key: change.value for key, change in latest_changes(at).items()}


def latest_changes(at: datetime) -> dict[str, PolicyChange]:
    """By key, the change by which each number got the value that it has at `at`."""
    latest = (
        PolicyChange.objects.filter(effective_at__lte=at)
        .order_by("key", "-effective_at", "-id")
        .distinct("key")
    )
    return {change.key: change for change in latest}


def coming_changes(at: datetime) -> dict[str, PolicyChange]:
    """By key, the next change that is announced and not yet in force at `at`."""
    coming = (
        PolicyChange.objects.filter(effective_at__gt=at)
        .order_by("key", "effective_at", "-id")
        .distinct("key")
    )
    return {change.key: change for change in coming}


def fee_bps(at: datetime, *, campaign: str = "") -> int:
    """The rate in hundredths of a percent: a fee of the campaign goes before one on all orders,
    and of several the one that began last is in force."""
    running = FeePolicy.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at)
    scopes = Q(scope=FeePolicy.Scope.ALWAYS)
    if campaign:
        scopes |= Q(scope=FeePolicy.Scope.CAMPAIGN, campaign=campaign)
    fee = running.filter(scopes).order_by("-campaign", "-starts_at", "-id").first()
    return fee.rate_bps if fee else 0


def with_standing(fees: QuerySet[FeePolicy], at: datetime) -> QuerySet[FeePolicy]:
    """Adds `standing_code`: coming, running or over at `at`. One that never began is over."""
    never_began = Q(ends_at__lte=F("starts_at") + timedelta(milliseconds=1))
    return fees.annotate(
        standing_code=Case(
            When(Q(ends_at__lte=at) | never_began, then=Value("over")),
            When(starts_at__gt=at, then=Value("coming")),
            default=Value("running"),
            output_field=CharField(),
        )
    )
