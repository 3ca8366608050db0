"""Completeness (V5), prices (V19) and who may be selected (V6). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MIN_PRICE_FEN = 10
MAX_PRICE_FEN = 100_000_000
MAX_WORKS = 100


class QuoteLike(Protocol):
    content_format: str
    channel_id: int | None
    price_fen: int


class CreatorLike(Protocol):
    status: str
    is_accepting: bool
    default_price_fen: int | None


@dataclass(frozen=True)
class ProfileFacts:
    """What the completeness meter looks at."""

    nickname: bool = False
    introduction: bool = False
    main_domain: bool = False
    channels: bool = False
    influence: bool = False
    invoice: bool = False
    payout_account: bool = False
    works: bool = False
    delivery: bool = False


@dataclass(frozen=True)
class Item:
    """One thing that a complete profile has; `section` is one of the four of V5."""

    code: str
    section: str
    text: str | Promise


@dataclass(frozen=True)
class Completeness:
    percent: int
    missing: list[Item]

    def of(self, section: str) -> list[Item]:
        """What is missing in a section."""
        return [item for item in self.missing if item.section == section]


SECTIONS = ("personal", "account", "works", "delivery")
ITEMS = (
    Item("nickname", "personal", _("Choose a nickname.")),
    Item("introduction", "personal", _("Introduce yourself.")),
    Item("main_domain", "personal", _("Choose your main domain.")),
    Item("channels", "personal", _("Add a channel with its link.")),
    Item("influence", "personal", _("Say how many followers you have.")),
    Item("invoice", "account", _("Say whether you can give an invoice.")),
    Item("payout_account", "account", _("Add the account to which you are paid.")),
    Item("works", "works", _("Show at least one work.")),
    Item("delivery", "delivery", _("Enter the address for samples.")),
)


def completeness(facts: ProfileFacts) -> Completeness:
    """V5: how much of the profile is there, in percent (rounded down), and what is missing."""
    missing = [item for item in ITEMS if not getattr(facts, item.code)]
    return Completeness((len(ITEMS) - len(missing)) * 100 // len(ITEMS), missing)


def quoted_price(
    quotes: Iterable[QuoteLike], content_format: str, channel_id: int | None
) -> int | None:
    """V19: the price in fen by the most specific quote: both, then format, channel, default."""
    prices = {(quote.content_format, quote.channel_id): quote.price_fen for quote in quotes}
    for key in (content_format, channel_id), (content_format, None), ("", channel_id), ("", None):
        if key in prices:
            return prices[key]
    return None


def refusal_to_accept(
    default_price_fen: int | None, payout_account_id: int | None, status: str
) -> str | Promise | None:
    """V6: why the switch cannot be turned on, or None."""
    if status == "SUSPENDED":
        return _("You are suspended. Please write to our staff.")
    if default_price_fen is None:
        return _("Set a default quote first.")
    if payout_account_id is None:
        return _("Add the account to which you are paid first.")
    return None


def refusal_to_select(creator: CreatorLike) -> str | Promise | None:
    """V6: why a merchant cannot send this creator an order, or None."""
    if creator.status != "ACTIVE":
        return _("This creator is not active.")
    if not creator.is_accepting:
        return _("This creator does not accept orders at the moment.")
    if creator.default_price_fen is None:
        return _("This creator has no price.")
    return None
