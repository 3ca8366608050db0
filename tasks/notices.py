"""What the product tells somebody: the messages of one side of the market, and who wants which of
them by e-mail.
"""

from collections.abc import Iterable

from tasks.letters import ALWAYS
from tasks.models import NotificationChoice, Outbox, Side


def unwanted(rows: Iterable[Outbox]) -> set[int]:
    """The ids of the rows whose owner does not want this kind by e-mail. One query; the rows have
    `order.merchant` and `order.creator` loaded.
    """
    asked = {row.pk: (owner_id(row), row.kind) for row in rows if row.kind not in ALWAYS}
    if not asked:
        return set()
    declined = set(
        NotificationChoice.objects.filter(
            user__in={user_id for user_id, _ in asked.values()}, by_email=False
        ).values_list("user_id", "kind")
    )
    return {pk for pk, wish in asked.items() if wish in declined}


def owner_id(row: Outbox) -> int:
    """The user whom a message is for."""
    order = row.order
    return order.merchant.user_id if row.to == Side.MERCHANT else order.creator.user_id
