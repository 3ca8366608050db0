"""What pockets and movements of money are called where people read them; receipts keep codes."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from settlement.models import Escrow
from settlement.pockets import OUTSIDE, POCKETS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOVES: "dict[str, StrOrPromise]" = {
    "freeze": pgettext_lazy("movement", "frozen"),
    "capture": pgettext_lazy("movement", "moved into escrow"),
    "confirm": pgettext_lazy("movement", "the creator's share"),
    "fee": pgettext_lazy("movement", "the platform's fee"),
    "tax": pgettext_lazy("movement", "tax withheld"),
    "payout": pgettext_lazy("movement", "payout sent"),
    "paid": pgettext_lazy("movement", "payout arrived"),
    "payout_failed": pgettext_lazy("movement", "payout failed"),
    "payout_returned": pgettext_lazy("movement", "payout came back"),
    "refund": pgettext_lazy("movement", "return sent"),
    "return": pgettext_lazy("movement", "returned"),
}


def pocket_name(code: str) -> "StrOrPromise":
    """The pocket's name as on the escrow; what is not known keeps its code."""
    if code == OUTSIDE:
        return _("not yet paid in")
    if code not in POCKETS:
        return code
    name: StrOrPromise = Escrow._meta.get_field(code).verbose_name  # type: ignore[union-attr]
    return name


def way(debit: str, credit: str) -> str:
    """From which pocket to which."""
    return f"{pocket_name(debit)} → {pocket_name(credit)}"


def move_name(code: str) -> "StrOrPromise":
    return MOVES.get(code, code)
