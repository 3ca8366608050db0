"""The words in which a verb answers: a decision, or a refusal with its reason. Pure: no database,
clock or network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from settlement.models import Escrow, Operation
from settlement.pockets import Move
from tasks.models import Order, Side
from tasks.states import State


class Role(StrEnum):
    MERCHANT = "MERCHANT"
    CREATOR = "CREATOR"
    OPS = "OPS"
    CLOCK = "CLOCK"
    GATEWAY = "GATEWAY"
    MAIL = "MAIL"  # what the mail server said about a message


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a role, the user behind it, and the merchant's or creator's id for whom he acts."""

    role: Role
    user_id: int | None = None
    party_id: int | None = None

    @classmethod
    def merchant(cls, merchant: Any) -> "Actor":
        return cls(Role.MERCHANT, merchant.user_id, merchant.pk)

    @classmethod
    def creator(cls, creator: Any) -> "Actor":
        return cls(Role.CREATOR, creator.user_id, creator.pk)

    @classmethod
    def ops(cls, user: Any) -> "Actor":
        return cls(Role.OPS, user.pk)

    @property
    def party(self) -> int:
        """The merchant or creator for whom somebody acts; 0, which nobody has, for the others."""
        return self.party_id or 0

    def may_see(self, order: Order) -> bool:
        """Merchants and creators see their own orders and no others; the other roles see all."""
        if self.role == Role.MERCHANT:
            return order.merchant_id == self.party_id
        if self.role == Role.CREATOR:
            return order.creator_id == self.party_id
        return True


CLOCK = Actor(Role.CLOCK)
GATEWAY = Actor(Role.GATEWAY)
MAIL = Actor(Role.MAIL)


class Refused(Exception):
    """A verb does not apply; nothing was changed. `code` is stable, the text is for the person who
    asked.
    """

    code = "REFUSED"
    text: str | Promise = _("This cannot be done.")

    def __init__(self, text: str | Promise | None = None, *, code: str | None = None) -> None:
        self.code = code or self.code
        self.text = text or self.text
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.text)


class WrongState(Refused):
    code = "WRONG_STATE"
    text = _("The order has moved on, so this is no longer possible. Look at its present state.")


class NotYours(Refused):
    code = "NOT_FOUND"
    text = _("There is no such order.")


class MoneyOnItsWay(Refused):
    """The one open gateway operation of the order has to come to its end first."""

    code = "MONEY_ON_ITS_WAY"
    text = _("The payment service is still working on this order. Try again in a moment.")


class OnlyTogether(Refused):
    """An operation ends for all of its orders or for none: a freeze gathers several."""

    code = "ONLY_TOGETHER"
    text = _("Orders that are paid together are cancelled together.")


class TooLong(Refused):
    code = "TOO_LONG"


def within(text: str, most: int) -> str:
    """The text without the white space around it. Raises `TooLong` above `most` characters."""
    stripped = text.strip()
    if len(stripped) > most:
        raise TooLong(_("At most %(most)s characters.") % {"most": most})
    return stripped


class NotDue(Refused):
    code = "NOT_DUE"
    text = _("It is not yet time for this.")


@dataclass(slots=True)
class Case:
    """One order with its money and where its creator is paid, as loaded under the lock."""

    order: Order
    escrow: Escrow
    payout_account_id: int | None = None
    operation: Operation | None = None  # the open one, when the verb asked for it
    # What was loaded, attribute by attribute: of order and escrow only the difference is written.
    order_was: Mapping[str, Any] = field(default_factory=dict)
    escrow_was: Mapping[str, Any] = field(default_factory=dict)

    def refuse_while_money_moves(self) -> None:
        if self.escrow.open_operation_id is not None:
            raise MoneyOnItsWay


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be asked of the gateway. Asks of one set with the same `together` become one
    operation.
    """

    kind: str
    amount_fen: int
    request: dict[str, Any]
    payout_account_id: int | None = None
    together: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a verb wants written. The change of state is already on the order (a django-fsm
    transition).
    """

    moves: tuple[Move, ...] = ()
    ask: Ask | None = None
    note: str = ""
    tell: tuple[tuple[Side, str], ...] = ()
    records: tuple[Model, ...] = ()
    ends_operation: str = ""  # the state in which the open operation ends: EXPIRED or CANCELLED
    with_terms: bool = False  # the event keeps the terms in force
    answers: str = ""  # the number of a closed operation that the moves settle


@dataclass(frozen=True)
class Verb:
    """A row of the table in `tasks.workflow`: who may do it, from where to where, and the rule that
    decides.
    """

    name: str
    decide: Callable[..., Decision]
    roles: frozenset[Role]
    sources: tuple[State, ...]
    targets: tuple[State, ...]
    money: str = "–"
    due: str = ""  # the column by which the clock finds what is due
    due_with: tuple[str, ...] = ()  # what must be known before: without it the clock does not look
    whole_set: bool = False  # one refusal refuses the whole set
    looks_at_operation: bool = False
    is_repeatable: bool = True  # not where a second time may mean something else: a ruling
