"""What ops decides about a creator."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from creators.models import Creator, Status


@dataclass(frozen=True)
class Change:
    """What changed, for the log; nothing when it was so before."""

    before: str
    after: str

    @property
    def happened(self) -> bool:
        return self.before != self.after


@transaction.atomic
def activate(creator_id: int, *, at: datetime) -> Change:
    """The creator can be selected. The first activation's instant stays."""
    creator = Creator.objects.select_for_update().get(pk=creator_id)
    before = creator.status
    creator.status = Status.ACTIVE
    creator.activated_at = creator.activated_at or at
    creator.save(update_fields=["status", "activated_at"])
    return Change(before, creator.status)


@transaction.atomic
def suspend(creator_id: int) -> Change:
    """The creator can no longer be selected; running orders go on."""
    creator = Creator.objects.select_for_update().get(pk=creator_id)
    before = creator.status
    creator.status = Status.SUSPENDED
    creator.save(update_fields=["status"])
    return Change(before, creator.status)
