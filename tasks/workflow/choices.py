"""Which e-mails somebody wants. This changes no order, and nothing of what the product shows."""

from collections.abc import Iterable

from tasks import notices
from tasks.models import NotificationChoice
from tasks.workflow.decision import Actor


def choose(wanted: Iterable[str], *, by: Actor) -> None:
    """Of the kinds that the person's side may switch off, exactly these go out by e-mail. What is
    always sent is not touched, whatever is asked for.
    """
    wanted = set(wanted)
    kinds = notices.choosable(by.role)
    NotificationChoice.objects.bulk_create(
        [
            NotificationChoice(user_id=by.user_id, kind=kind, by_email=kind in wanted)
            for kind in kinds
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["by_email"],
    )
