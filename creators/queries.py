"""Everything that pages, the admin and other apps read about creators."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OrderBy, OuterRef, Prefetch, Q, QuerySet

from core.fields import encrypted
from core.kept import prepared
from creators.audience import Kind, Shares
from creators.models import (
    LISTED,
    Audience,
    Channel,
    Creator,
    CreatorChannel,
    Domain,
    Quote,
    Status,
    Work,
)
from creators.rules import Completeness, ProfileFacts, completeness

if TYPE_CHECKING:
    from accounts.models import User

WORKS_ON_A_CARD = 3
WORKS_ON_A_PAGE = 12
ORDERS: dict[str, tuple[str | OrderBy, ...]] = {
    "followers": (F("followers").desc(), "id"),
    "reads": (F("avg_reads").desc(), "id"),
    "price": ("default_price_fen", "id"),
    "price_down": ("-default_price_fen", "-id"),  # the same index backwards
    "newest": ("-id",),
}


@dataclass(frozen=True)
class Filters:
    """What a merchant looks for. Prices are default quotes in fen."""

    name: str = ""
    domain_id: int | None = None
    channel_id: int | None = None
    min_price_fen: int | None = None
    max_price_fen: int | None = None
    min_followers: int | None = None
    sort: str = "followers"


def selectable(filters: Filters = Filters()) -> QuerySet[Creator]:
    """V6: creators whom a merchant can send an order: active, accepting, with a price."""
    limits = {
        "nickname__icontains": filters.name.strip() or None,
        "default_price_fen__gte": filters.min_price_fen,
        "default_price_fen__lte": filters.max_price_fen,
        "followers__gte": filters.min_followers,
    }
    wanted = Q(**{key: value for key, value in limits.items() if value is not None})
    if filters.domain_id is not None:
        wanted &= _in_domain(filters.domain_id)
    if filters.channel_id is not None:
        wanted &= _on_channel(filters.channel_id)
    return Creator.objects.filter(LISTED, wanted).order_by(
        *ORDERS.get(filters.sort, ORDERS["followers"])
    )


def _in_domain(domain_id: int) -> Q:
    through = Creator.domains.through.objects
    return Q(Exists(through.filter(creator_id=OuterRef("pk"), domain_id=domain_id)))


def _on_channel(channel_id: int) -> Q:
    """V9: on a channel that needs approval only the approved count."""
    approved = Q(channel__requires_approval=False) | Q(approved_at__isnull=False)
    rows = CreatorChannel.objects.filter(
        approved, creator_id=OuterRef("pk"), channel_id=channel_id, channel__is_enabled=True
    )
    return Q(Exists(rows))


def with_cards(creators: QuerySet[Creator]) -> QuerySet[Creator]:
    """With all that a card shows: five queries for a page, however many cards it has."""
    cards = creators.select_related("main_domain").defer(*encrypted(Creator))
    return cards.prefetch_related(
        "domains",
        Prefetch("channels", CreatorChannel.objects.select_related("channel")),
        Prefetch("quotes", Quote.objects.select_related("channel")),
        Prefetch("works", Work.objects.all()[:WORKS_ON_A_CARD], to_attr="shown_works"),
    )


def get_by_ids(ids: Iterable[int]) -> list[Creator]:
    """The creators with their prices, in the order asked for; unknown ids are left out. Always two
    queries.
    """
    wanted = list(dict.fromkeys(ids))
    found = Creator.objects.defer(*encrypted(Creator)).prefetch_related("quotes").in_bulk(wanted)
    return [found[pk] for pk in wanted if pk in found]


def public_pages(viewer: "User | None") -> QuerySet[Creator]:
    """Whose page somebody may open: visitors see who is listed (V6), people with a login also who
    has paused, ops and the creator himself also who waits for activation.
    """
    creators = Creator.objects.all()
    if viewer is None:
        return creators.filter(LISTED)
    if viewer.is_staff:
        return creators
    return creators.filter(~Q(status=Status.PENDING) | Q(user=viewer))


def with_page(creators: QuerySet[Creator]) -> QuerySet[Creator]:
    """With all that a creator's page shows of his profile: six queries."""
    return creators.select_related("main_domain", "audience").prefetch_related(
        "domains",
        Prefetch("channels", CreatorChannel.objects.select_related("channel")),
        Prefetch("quotes", Quote.objects.select_related("channel")),
        Prefetch("works", Work.objects.all()[:WORKS_ON_A_PAGE], to_attr="shown_works"),
        "audience__shares",
    )


def profile_facts(creator: Creator) -> ProfileFacts:
    """What of the profile is there (V5)."""
    delivery = creator.delivery_name, creator.delivery_phone, creator.delivery_address
    [(has_channels, has_works)] = _has(creator.pk) or [(False, False)]
    return ProfileFacts(
        nickname=bool(creator.nickname),
        introduction=bool(creator.introduction.strip()),
        main_domain=creator.main_domain_id is not None,
        channels=has_channels,
        influence=creator.followers > 0,
        invoice=creator.can_invoice is not None,
        payout_account=creator.payout_account_id is not None,
        works=has_works,
        delivery=all(delivery),
    )


@prepared
def _has(creator_id: int) -> QuerySet[Creator, tuple[bool, bool]]:
    """Whether he has a channel, and a work."""
    own = OuterRef("pk")
    return Creator.objects.filter(pk=creator_id).values_list(
        Exists(CreatorChannel.objects.filter(creator=own)), Exists(Work.objects.filter(creator=own))
    )


def completeness_of(creator: Creator) -> Completeness:
    return completeness(profile_facts(creator))


def domains() -> QuerySet[Domain]:
    """V8: the domains that can be chosen."""
    return Domain.objects.filter(is_enabled=True)


def quotable_channels(quotes: Iterable[Quote]) -> QuerySet[Channel]:
    """V19: the channels that can have a price: those that can be chosen, and those with one."""
    priced = {quote.channel_id for quote in quotes}
    return Channel.objects.filter(Q(is_enabled=True) | Q(pk__in=priced - {None}))


def channels() -> QuerySet[Channel]:
    """V9: the channels that can be chosen."""
    return Channel.objects.filter(is_enabled=True)


def audience_of(creator: Creator) -> Audience | None:
    """What the creator reports of his audience, if anything."""
    return Audience.objects.prefetch_related("shares").filter(creator=creator).first()


def shares_of(report: Audience | None, kind: Kind) -> Shares:
    """The percent of each code of one kind, in the order in which they were given."""
    rows = report.shares.all() if report is not None else ()
    return {row.code: row.percent for row in rows if row.kind == kind}


def sample(count: int, *, among: int = 60) -> list[Creator]:
    """Listed creators to show to visitors: well read, and of as many domains as there are."""
    best = (
        selectable(Filters(sort="reads"))
        .select_related("main_domain")
        .defer(*encrypted(Creator))[:among]
    )
    first: dict[int | None, Creator] = {}
    for creator in best:
        first.setdefault(creator.main_domain_id, creator)
    chosen = list(first.values())
    more = [creator for creator in best if creator not in chosen]
    return [*chosen, *more][:count]


def listed_count() -> int:
    """V6: how many creators can be chosen now; read from an index that holds only them."""
    return Creator.objects.filter(LISTED).count()
