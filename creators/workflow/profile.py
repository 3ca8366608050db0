"""What a creator does to his own profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Avg, Sum
from django.utils.functional import Promise

from core.fields import blind_index
from creators import audience, rules
from creators.audience import Kind
from creators.models import Audience, AudienceShare, Creator, CreatorChannel, Quote, Work
from settlement.models import PayoutAccount

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User


# The quote that counts where no other does: of every format, on every channel.
DEFAULT: tuple[str, int | None] = ("", None)


class UnableToAccept(ValueError):
    """The switch stays off; the message is for the creator."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


class UnableToQuote(ValueError):
    """The price is outside what can be paid, or the quote is needed."""


class UnableToReport(ValueError):
    """The shares do not hold together; `problems` says why, by kind."""

    def __init__(self, problems: "dict[Kind, StrOrPromise]") -> None:
        super().__init__(str(problems))
        self.problems = problems


@dataclass(frozen=True)
class PayoutFacts:
    """Where a creator wants to be paid."""

    logon_id: str
    real_name: str


def open_profile(user: "User", *, at: datetime) -> Creator:
    """The empty profile of a new creator, waiting for activation; safe to repeat."""
    creator, _made = Creator.objects.get_or_create(
        user=user, defaults={"created_at": at, "nickname": user.name[:60]}
    )
    return creator


@transaction.atomic
def save_channel(row: CreatorChannel, *, creator: Creator) -> None:
    """V5: an account on a channel; a changed link needs a new approval (V9)."""
    known = CreatorChannel.objects.select_for_update().filter(pk=row.pk, creator=creator).first()
    if known is not None and known.url != row.url:
        row.approved_at = None
    row.creator = creator
    row.save()
    refresh_reach(creator)


@transaction.atomic
def remove_channel(creator: Creator, row_id: int) -> None:
    CreatorChannel.objects.get(pk=row_id, creator=creator).delete()
    refresh_reach(creator)


def refresh_reach(creator: Creator) -> None:
    """Followers on all channels together, and the mean of the channels' average reads."""
    reach = CreatorChannel.objects.filter(creator=creator).aggregate(
        followers=Sum("followers", default=0), reads=Avg("avg_reads", default=0)
    )
    creator.followers, creator.avg_reads = reach["followers"], int(reach["reads"])
    creator.save(update_fields=["followers", "avg_reads"])


@transaction.atomic
def change_payout_account(creator: Creator, facts: PayoutFacts, *, at: datetime) -> PayoutAccount:
    """V5: a new, unchangeable version of where the creator is paid; what was sent keeps its own."""
    locked = Creator.objects.select_for_update(of=["self"]).get(pk=creator.pk)
    current = locked.payout_account
    if current and (current.logon_id, current.real_name) == (facts.logon_id, facts.real_name):
        return current
    account = PayoutAccount.objects.create(
        party=f"creator:{creator.pk}",
        logon_id=facts.logon_id,
        logon_id_index=blind_index(facts.logon_id),
        real_name=facts.real_name,
        created_at=at,
    )
    creator.payout_account = locked.payout_account = account
    locked.save(update_fields=["payout_account"])
    return account


@transaction.atomic
def switch_accepting(creator: Creator, *, on: bool) -> None:
    """V6: on needs a default quote and a payout account. Orders already sent are unaffected."""
    locked = Creator.objects.select_for_update().get(pk=creator.pk)
    reason = rules.refusal_to_accept(
        locked.default_price_fen, locked.payout_account_id, locked.status
    )
    if on and reason is not None:
        raise UnableToAccept(reason)
    creator.is_accepting = locked.is_accepting = on
    locked.save(update_fields=["is_accepting"])


Prices = Mapping[tuple[str, int | None], int | None]


@transaction.atomic
def set_quotes(creator: Creator, prices: Prices) -> None:
    """V19: by content format ("" is every one) and channel (None is every one) the price in fen, or
    None for no price of its own. What is not named stays. The default, which has neither, cannot go
    while orders are accepted (V6). Raises UnableToQuote, with nothing changed.
    """
    locked = Creator.objects.select_for_update().get(pk=creator.pk)
    default_fen = prices.get(DEFAULT, locked.default_price_fen)
    if default_fen is None and locked.is_accepting:
        raise UnableToQuote("default")
    known = {(row.content_format, row.channel_id): row for row in locked.quotes.all()}
    for key, price_fen in prices.items():
        _set_quote(locked, key, known.get(key), price_fen)
    creator.default_price_fen = locked.default_price_fen = default_fen
    locked.save(update_fields=["default_price_fen"])


def _set_quote(
    creator: Creator, key: tuple[str, int | None], row: Quote | None, price_fen: int | None
) -> None:
    """Every version of a quote is kept, so what stays as it was is not written."""
    if price_fen is None:
        if row is not None:
            row.delete()
        return
    if not rules.MIN_PRICE_FEN <= price_fen <= rules.MAX_PRICE_FEN:
        raise UnableToQuote(price_fen)
    if row is None:
        Quote.objects.create(
            creator=creator, content_format=key[0], channel_id=key[1], price_fen=price_fen
        )
    elif row.price_fen != price_fen:
        row.price_fen = price_fen
        row.save(update_fields=["price_fen"])


def remove_work(work: Work) -> None:
    """Forget a work, and its picture once that is certain."""
    picture = work.picture
    with transaction.atomic():
        work.delete()
        if picture:
            transaction.on_commit(partial(picture.storage.delete, picture.name))


@transaction.atomic
def report_audience(
    creator: Creator, shares: Mapping[Kind, audience.Shares], *, at: datetime
) -> None:
    """V13: who follows the creator, in whole percent by kind and code; takes the place of what he
    said before. With no share at all nothing is left. Raises UnableToReport.
    """
    problems = {kind: audience.problem(kind, given) for kind, given in shares.items()}
    found = {kind: reason for kind, reason in problems.items() if reason is not None}
    if found:
        raise UnableToReport(found)
    Creator.objects.select_for_update().get(pk=creator.pk)
    Audience.objects.filter(creator=creator).delete()
    rows = [(k, code, n) for k, given in shares.items() for code, n in given.items() if n]
    if not rows:
        return
    report = Audience.objects.create(creator=creator, reported_at=at)
    AudienceShare.objects.bulk_create(
        AudienceShare(audience=report, kind=kind, code=code, percent=percent)
        for kind, code, percent in rows
    )
