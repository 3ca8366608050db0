"""The messages of one side of the market: how many are unseen, which ask for something, a page of
them, and who wants which of them by e-mail. Each read is scoped to its viewer by (to, party).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.fields import encrypted
from core.kept import prepared
from creators.models import Creator
from merchants.models import Merchant
from tasks.letters import Told, told
from tasks.models import NotificationChoice, Outbox, Side
from tasks.states import State
from tasks.wording import ALWAYS, kinds_of

LATEST = 10
PAGE_SIZE = 30
MOST_COUNTED = 100  # the bell says "99+" above it

# Which messages still ask their reader to act: the kind, and what is true of the order until he
# has.
ASKING: dict[str, dict[str, Q]] = {
    Side.MERCHANT: {
        "price_offered": Q(order__state=State.UNPAID, order__offer_by=Side.CREATOR),
        "price_accepted": Q(order__state=State.UNPAID),
        "delivered": Q(order__state=State.DELIVERED),
        "reminder_72": Q(order__state=State.DELIVERED),
        "reminder_24": Q(order__state=State.DELIVERED),
        "reminder_2": Q(order__state=State.DELIVERED),
        "held": Q(order__state=State.DELIVERED),
        "confirmed": Q(order__state=State.CONFIRMED),
    },
    Side.CREATOR: {
        "price_offered": Q(order__state=State.UNPAID, order__offer_by=Side.MERCHANT),
        "received": Q(order__state=State.PAID),
        "secured": Q(order__state=State.ACCEPTED),
        "payout_blocked": Q(order__trouble="PAYOUT_BLOCKED"),
        "payout_returned": Q(order__trouble="PAYOUT_BLOCKED"),
        "invoice_wanted": Q(
            order__invoice_wanted_at__isnull=False, order__invoiced_at__isnull=True
        ),
    },
}


def of_party(side: str, party: int) -> QuerySet[Outbox]:
    """All messages of a merchant or creator; never another's."""
    return Outbox.objects.filter(to=side, party=party)


def unseen(side: str, party: int) -> QuerySet[Outbox]:
    return of_party(side, party).filter(seen_at=None)


def unseen_count(side: str, party: int) -> int:
    """How many are unseen, counted up to `MOST_COUNTED`, by a short walk along one index."""
    return len(_unseen_ids(party, side=side))


_unseen_ids = prepared(
    lambda party, *, side: unseen(side, party).values_list("pk").order_by()[:MOST_COUNTED]
)


def needing(side: str, party: int) -> QuerySet[Outbox]:
    """Those that still ask for something; of an order the latest alone."""
    asking = Q()
    for kind, is_open in ASKING[side].items():
        asking |= Q(kind=kind) & is_open
    later = Outbox.objects.filter(
        order=OuterRef("order"), to=side, kind__in=ASKING[side], id__gt=OuterRef("id")
    )
    # That the orders are his own follows from the messages; said again, it lets the database begin
    # with his open orders instead of all that he was ever told.
    whose = {f"order__{side.lower()}": party}
    return of_party(side, party).filter(asking, **whose).exclude(Exists(later))


def needing_count(side: str, party: int) -> int:
    """How many still ask for something, counted up to `MOST_COUNTED`."""
    return needing(side, party)[:MOST_COUNTED].count()


def still_needing(side: str, party: int, shown: Iterable[Told]) -> set[int]:
    """Of the messages on a page, the ids of those that still ask for something; one query."""
    ids = [message.row.pk for message in shown]
    return set(needing(side, party).filter(pk__in=ids).values_list("pk", flat=True))


def with_words(rows: QuerySet[Outbox], size: int) -> list[Told]:
    """The newest of these messages in words; two queries."""
    loaded = rows.select_related("order__task", "order__merchant", "order__creator").defer(
        *encrypted(Merchant, "order__merchant__"), *encrypted(Creator, "order__creator__")
    )
    return told(loaded.order_by("-id")[:size])


def latest(side: str, party: int) -> list[Told]:
    """What the bell shows when it is opened."""
    return with_words(of_party(side, party), LATEST)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of messages, newest first, and where the next one begins (0: it was the last)."""

    messages: list[Told]
    older_than: int


def page(rows: QuerySet[Outbox], *, older_than: int = 0, size: int = PAGE_SIZE) -> Page:
    """By key, not by number: new messages shift nothing, and page 1,000 costs what page 1 does."""
    if older_than:
        rows = rows.filter(id__lt=older_than)
    found = with_words(rows, size + 1)
    shown = found[:size]
    return Page(shown, shown[-1].row.pk if len(found) > size else 0)


def choosable(side: str) -> list[str]:
    """The kinds of e-mail that this side may switch off."""
    return [kind for kind in kinds_of(side) if kind not in ALWAYS]


def switched_off(user_id: int) -> set[str]:
    """The kinds that somebody does not want by e-mail."""
    choices = NotificationChoice.objects.filter(user=user_id, by_email=False)
    return set(choices.values_list("kind", flat=True))


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
