"""Which e-mails somebody wants. This changes no order, and nothing of what the product shows."""

from collections.abc import Iterable

from tasks import notices
from tasks.models import NotificationChoice
from tasks.workflow.decision import Actor


def choose(wanted: Iterable[str], *, by: Actor) -> None:
    """Of the kinds that the person's side may switch off, exactly these go out by e-mail. What is
    always sent is not touched, whatever is asked for.
    """
    assert by.user_id is not None
    wanted = set(wanted)
    NotificationChoice.objects.bulk_create(
        [
            NotificationChoice(user_id=by.user_id, kind=kind, by_email=kind in wanted)
            for kind in notices.choosable(by.role)
        ],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["by_email"],
    )
