"""What ops decides about a creator."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from creators.models import Creator, CreatorChannel, Status


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


@transaction.atomic
def approve_channel(row_id: int, *, at: datetime) -> Change:
    """V9: the account on the channel is the creator's own; it counts where approval is needed."""
    row = CreatorChannel.objects.select_for_update().get(pk=row_id)
    before = str(row.approved_at)
    row.approved_at = row.approved_at or at
    row.save(update_fields=["approved_at"])
    return Change(before, str(row.approved_at))
