"""Ops set a number of the policy, announce a fee, or end it."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from policy.models import FeePolicy, PolicyChange

NOT_IN_THE_PAST = _("Not in the past: what was in force stays as it was.")


def set_number(
    key: str, value: int, *, effective_at: datetime, reason: str, at: datetime, by: int
) -> PolicyChange:
    """From `effective_at` on, the number `key` is `value`; orders already paid keep theirs (N2).

    Raises `ValidationError` by field, with nothing written: an unknown number, a value outside its
    limits, an instant before `at`.
    """
    if effective_at < at:
        raise ValidationError({"effective_at": NOT_IN_THE_PAST})
    change = PolicyChange(
        key=key, value=value, effective_at=effective_at, made_at=at, made_by_id=by, reason=reason
    )
    change.full_clean(exclude=["made_by"])
    change.save(force_insert=True)
    return change


def announce_fee(fee: FeePolicy, *, at: datetime, by: int) -> FeePolicy:
    """A fee from its start on, which must not lie in the past (V59). Raises `ValidationError`."""
    if fee.starts_at < at:
        raise ValidationError({"starts_at": NOT_IN_THE_PAST})
    fee.made_by_id = by
    fee.full_clean(exclude=["made_by"])
    fee.save(force_insert=True)
    return fee


def end_fee(fee_id: int, *, at: datetime) -> bool:
    """The fee ends now, or before it ever begins; False when it had ended. Orders already paid keep
    theirs (N2).
    """
    with transaction.atomic():
        fee = FeePolicy.objects.select_for_update().get(pk=fee_id)
        if fee.ends_at is not None and fee.ends_at <= at:
            return False
        # A period may not be empty: a fee that never began ends in the instant in which it begins.
        end = max(at, fee.starts_at + timedelta(microseconds=1))
        if fee.ends_at == end:
            return False
        fee.ends_at = end
        fee.save(update_fields=["ends_at"])
        return True
