"""Messages in the product that their reader has seen. This changes no order."""

from datetime import datetime

from tasks import notices
from tasks.models import Outbox
from tasks.workflow.decision import Actor, NotYours


def see(notice_id: int, *, at: datetime, by: Actor) -> Outbox:
    """The person opens the order of a message: all that he was told of this order until then is
    seen. The first time counts. Raises NotYours.
    """
    row = notices.of_party(by.role, by.party).filter(pk=notice_id).first()
    if row is None:
        raise NotYours
    unseen = notices.unseen(by.role, by.party)
    unseen.filter(order=row.order_id, id__lte=row.pk).update(seen_at=at)
    return row


def see_order(order_id: int, *, at: datetime, by: Actor) -> int:
    """The person looks at the order itself: all that he was told of it is seen; how many there
    were. The first time counts.
    """
    return notices.unseen(by.role, by.party).filter(order=order_id).update(seen_at=at)


def see_all(up_to: int, *, at: datetime, by: Actor) -> int:
    """Everything up to the newest message that the person had before his eyes; how many there were.
    What came meanwhile stays unseen.
    """
    return notices.unseen(by.role, by.party).filter(id__lte=up_to).update(seen_at=at)
