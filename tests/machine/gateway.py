"""A payment gateway with books of its own and a bad temper, for the state machine.

It stands where the adapter stands: what it answers is what the adapter would read from the wire.
The truth is in its books; each call can be told to lose its request or its answer, to come late, to
come twice, to be refused or to be unclear. An id makes an operation happen once; the same id with
another content is a wrong of ours and is kept in `wrongs`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from settlement.gateway.messages import Answer, Ask, Outcome
from settlement.gateway.notices import VerifiedNotice
from settlement.kinds import Kind

FLOAT_FEN = 1_000_000_00  # what the platform's account holds of its own
PURSE_FEN = 100_000_000_00
PAYER = "2088000000000001"


class Fate(StrEnum):
    """What becomes of one call."""

    FINE = "FINE"
    NEVER_ARRIVES = "NEVER_ARRIVES"
    ANSWER_LOST = "ANSWER_LOST"
    LATE = "LATE"  # no answer now; it arrives when the network pleases
    TWICE = "TWICE"  # executed now, and a copy arrives later
    IN_PROGRESS = "IN_PROGRESS"
    IN_PROGRESS_LATE = "IN_PROGRESS_LATE"
    REFUSED = "REFUSED"
    SHORT = "SHORT"  # the platform has no money just now
    UNCLEAR = "UNCLEAR"  # executed, and the answer does not match: a person must look
    UNCLEAR_NOT_DONE = "UNCLEAR_NOT_DONE"
    BAD_KEYS = "BAD_KEYS"


REFUSABLE = (Kind.FREEZE, Kind.CAPTURE, Kind.TRANSFER)
NOT_EXECUTED = {
    Fate.NEVER_ARRIVES: Outcome.UNKNOWN,
    Fate.LATE: Outcome.UNKNOWN,
    Fate.IN_PROGRESS_LATE: Outcome.IN_PROGRESS,
    Fate.UNCLEAR_NOT_DONE: Outcome.MANUAL,
    Fate.BAD_KEYS: Outcome.CONFIG,
}
EXECUTED = {
    Fate.ANSWER_LOST: Outcome.UNKNOWN,
    Fate.IN_PROGRESS: Outcome.IN_PROGRESS,
    Fate.UNCLEAR: Outcome.MANUAL,
}


class Stage(StrEnum):
    """Of a freeze."""

    CODE = "CODE"  # a code was given out and nobody has opened it: a query finds nothing
    INIT = "INIT"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


@dataclass
class Frozen:
    """One freeze as the gateway keeps it; amounts in fen."""

    ask: Ask
    closes_at: datetime
    stage: Stage = Stage.CODE
    is_credit: bool = False
    was_paid: bool = False
    rest_fen: int = 0
    captured_fen: int = 0

    @property
    def auth_no(self) -> str:
        return f"auth-{self.ask.out_no}"


@dataclass
class Trade:
    """One capture and what went back of it."""

    ask: Ask
    refunded_fen: int = 0


Content = tuple[Any, ...]


def content(ask: Ask) -> Content:
    payee = (ask.payee.logon_id, ask.payee.name) if ask.payee else None
    return (ask.kind, ask.amount_fen, tuple(sorted(map(str, ask.request.items()))), payee)


@dataclass
class Gateway:
    """`now` is the world's clock; `reach` is told when a call passes a point at which its caller
    may die.
    """

    now: Callable[[], datetime]
    reach: Callable[[str], None] = lambda _: None
    balance: Counter[str] = field(default_factory=lambda: Counter(purse=PURSE_FEN, ours=FLOAT_FEN))
    freezes: dict[str, Frozen] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    executed: dict[str, Ask] = field(default_factory=dict)
    contents: dict[str, Content] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    closed_payees: set[str] = field(default_factory=set)
    in_flight: list[Ask] = field(default_factory=list)
    notices: list[VerifiedNotice] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    send_fate: Fate = Fate.FINE
    query_fate: Fate = Fate.FINE
    opens_at_once: bool = False  # a code makes an order at the gateway before anybody opens it
    met: Counter[str] = field(default_factory=Counter)

    def again(self, now: Callable[[], datetime], reach: Callable[[str], None]) -> "Gateway":
        """The same books in another world, to be written on apart."""
        return Gateway(
            now,
            reach,
            balance=Counter(self.balance),
            freezes={no: Frozen(**vars(f)) for no, f in self.freezes.items()},
            trades={no: Trade(**vars(t)) for no, t in self.trades.items()},
            executed=dict(self.executed),
            contents=dict(self.contents),
            notices=list(self.notices),
        )

    # The two calls

    def send(self, ask: Ask) -> Answer:
        self.reach("before the send")
        fate, self.send_fate = self._possible(ask, self.send_fate), Fate.FINE
        self.met[f"send {fate}"] += 1
        if fate in (Fate.LATE, Fate.IN_PROGRESS_LATE):
            self.in_flight.append(ask)
        if fate in NOT_EXECUTED:
            return Answer(NOT_EXECUTED[fate], message=f"gateway says {fate}")
        if fate == Fate.SHORT:
            return Answer(Outcome.HOLD, sub_code="PAYER_BALANCE_NOT_ENOUGH")
        if fate == Fate.REFUSED and ask.out_no not in self.contents:
            self.refused.add(ask.out_no)
        if fate == Fate.TWICE:
            self.in_flight.append(ask)
        answer = self.arrive(ask)
        self.reach("executed")
        return (
            Answer(EXECUTED[fate], message=f"gateway says {fate}") if fate in EXECUTED else answer
        )

    def query(self, ask: Ask) -> Answer:
        self.reach("before the query")
        fate, self.query_fate = self.query_fate, Fate.FINE
        self.met[f"query {fate}"] += 1
        if fate == Fate.ANSWER_LOST:
            return Answer(Outcome.UNKNOWN)
        if fate == Fate.UNCLEAR:
            return Answer(Outcome.MANUAL, message="gateway says UNCLEAR")
        if fate == Fate.BAD_KEYS:
            return Answer(Outcome.CONFIG, message="gateway says BAD_KEYS")
        return self.look(ask)

    def _possible(self, ask: Ask, fate: Fate) -> Fate:
        if fate == Fate.SHORT and ask.kind not in (Kind.TRANSFER, Kind.REFUND):
            return Fate.NEVER_ARRIVES
        if fate == Fate.REFUSED and ask.kind not in REFUSABLE:
            return Fate.UNCLEAR_NOT_DONE
        return fate

    # What arrives

    def arrive(self, ask: Ask) -> Answer:
        """A request reaches the gateway, for the first time or again."""
        known = self.contents.setdefault(ask.out_no, content(ask))
        if known != content(ask):
            self.wrongs.append(f"{ask.out_no} has two contents: {known} and {content(ask)}")
            return Answer(Outcome.MANUAL, sub_code="DISCORDANT_REPEAT_REQUEST")
        if ask.out_no in self.refused:
            return Answer(Outcome.FAILED, sub_code="REFUSED")
        return _ARRIVE[Kind(ask.kind)](self, ask)

    def deliver_late(self, which: int) -> None:
        """The network hands over a request that it had kept."""
        self.met["late request"] += 1
        self.arrive(self.in_flight.pop(which % len(self.in_flight)))

    def _freeze(self, ask: Ask) -> Answer:
        if ask.out_no not in self.freezes:
            window = timedelta(minutes=ask.request["timeout_minutes"])
            stage = Stage.INIT if self.opens_at_once else Stage.CODE
            self.freezes[ask.out_no] = Frozen(ask, self.now() + window, stage)
        frozen = self._frozen(ask.out_no)
        if frozen.stage in (Stage.CODE, Stage.INIT):
            url = f"https://pay.example/{ask.out_no}"
            return Answer(Outcome.WAIT_USER, facts={"code_url": url})
        return self.look(ask)

    def _cancel(self, ask: Ask) -> Answer:
        frozen = self.freezes.get(ask.request["freeze_out_no"])
        if frozen is None or self._frozen(frozen.ask.out_no).stage == Stage.CODE:
            return Answer(Outcome.FAILED, sub_code="AUTH_ORDER_NOT_EXIST")
        if frozen.captured_fen:
            return Answer(Outcome.MANUAL, message="gateway says spent")
        if frozen.stage != Stage.CLOSED:
            self._release(frozen, frozen.rest_fen)
            frozen.stage = Stage.CLOSED
            self.executed.setdefault(ask.out_no, ask)
        return self.look(ask)

    def _capture(self, ask: Ask) -> Answer:
        if ask.out_no in self.executed:
            return self.look(ask)
        frozen = self.freezes.get(ask.request["freeze_out_no"])
        if frozen is None or frozen.stage != Stage.FROZEN or frozen.rest_fen < ask.amount_fen:
            self.refused.add(ask.out_no)
            return Answer(Outcome.FAILED, sub_code="AUTH_AMOUNT_NOT_ENOUGH")
        assert ask.request["payer_user_id"] == PAYER
        assert ask.request["auth_no"] == frozen.auth_no
        frozen.rest_fen -= ask.amount_fen
        frozen.captured_fen += ask.amount_fen
        self.trades[ask.out_no] = Trade(ask)
        self._move("frozen", "ours", ask)
        return self.look(ask)

    def _unfreeze(self, ask: Ask) -> Answer:
        if ask.out_no not in self.executed:
            frozen = self.freezes.get(ask.request["freeze_out_no"])
            if frozen is None or frozen.rest_fen < ask.amount_fen:
                return Answer(Outcome.UNKNOWN, sub_code="NOT_ENOUGH")
            frozen.rest_fen -= ask.amount_fen
            self._move("frozen", "purse", ask)
        return self.look(ask)

    def _transfer(self, ask: Ask) -> Answer:
        assert ask.payee is not None
        if ask.out_no not in self.executed:
            if ask.payee.logon_id in self.closed_payees:
                self.refused.add(ask.out_no)
                return Answer(Outcome.FAILED, sub_code="PAYEE_ACCOUNT_STATUS_ERROR")
            self._move("ours", ask.payee.logon_id, ask)
        return self.look(ask)

    def _refund(self, ask: Ask) -> Answer:
        trade = self.trades.get(ask.request["capture_out_no"])
        if trade is None:
            return Answer(Outcome.UNKNOWN, sub_code="TRADE_NOT_EXIST")
        if ask.out_no not in self.executed:
            if trade.refunded_fen + ask.amount_fen > trade.ask.amount_fen:
                return Answer(Outcome.UNKNOWN, sub_code="REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunded_fen += ask.amount_fen
            self._move("ours", "purse", ask)
        return Answer(Outcome.IN_PROGRESS)

    def _move(self, debit: str, credit: str, ask: Ask) -> None:
        self._book(debit, credit, ask.amount_fen)
        self.executed[ask.out_no] = ask
        self._tell(ask)

    def _book(self, debit: str, credit: str, amount_fen: int) -> None:
        assert self.balance[debit] >= amount_fen
        self.balance[debit] -= amount_fen
        self.balance[credit] += amount_fen

    def _tell(self, ask: Ask) -> None:
        """Transfers are told in another way and send no notice."""
        if ask.kind != Kind.TRANSFER:
            self.notices.append(a_notice(f"n{len(self.notices)}", ask))

    # What a query finds

    def look(self, ask: Ask) -> Answer:
        """The truth about an operation, in the words of the adapter."""
        kind = Kind(ask.kind)
        if kind == Kind.FREEZE:
            return self._look_at_freeze(ask)
        if kind == Kind.CANCEL_FREEZE:
            return self._look_at_cancelled(ask)
        if ask.out_no in self.executed:
            return Answer(Outcome.SUCCESS, gateway_no=f"no-{ask.out_no}")
        if kind == Kind.REFUND and ask.request["capture_out_no"] in self.trades:
            return Answer(Outcome.UNKNOWN, facts={"may_resend": True})
        return Answer(Outcome.NOT_FOUND)

    def _look_at_freeze(self, ask: Ask) -> Answer:
        frozen = self.freezes.get(ask.out_no)
        if frozen is None or self._frozen(ask.out_no).stage == Stage.CODE:
            return Answer(Outcome.NOT_FOUND)
        if frozen.stage == Stage.INIT:
            return Answer(Outcome.WAIT_USER)
        if not frozen.was_paid:
            return Answer(Outcome.EXPIRED)
        fund, credit = (0, ask.amount_fen) if frozen.is_credit else (ask.amount_fen, 0)
        facts = {
            "fund_amount_fen": fund,
            "credit_amount_fen": credit,
            "rest_amount_fen": fund if frozen.is_credit else frozen.rest_fen,
            "payer_user_id": PAYER,
        }
        return Answer(Outcome.SUCCESS, gateway_no=frozen.auth_no, facts=facts)

    def _look_at_cancelled(self, ask: Ask) -> Answer:
        frozen = self.freezes.get(ask.request["freeze_out_no"])
        if frozen is None or self._frozen(frozen.ask.out_no).stage != Stage.CLOSED:
            spent = frozen is not None and frozen.captured_fen > 0
            return Answer(Outcome.MANUAL if spent else Outcome.NOT_FOUND)
        return Answer(Outcome.SUCCESS)

    def _frozen(self, out_no: str) -> Frozen:
        """A freeze as it is by now: nobody can pay an unpaid one after its time."""
        frozen = self.freezes[out_no]
        if frozen.stage == Stage.INIT and self.now() >= frozen.closes_at:
            frozen.stage = Stage.CLOSED
        return frozen

    # The payer

    def is_payable(self, out_no: str) -> bool:
        """Whether somebody who has the code can still confirm this freeze."""
        frozen = self.freezes.get(out_no)
        waits = frozen is not None and self._frozen(out_no).stage in (Stage.CODE, Stage.INIT)
        return waits and frozen is not None and self.now() < frozen.closes_at

    def open_code(self, out_no: str) -> None:
        if self.is_payable(out_no):
            self.freezes[out_no].stage = Stage.INIT

    def confirm(self, out_no: str, *, on_credit: bool = False) -> None:
        if not self.is_payable(out_no):
            return
        frozen = self.freezes[out_no]
        frozen.stage, frozen.was_paid, frozen.is_credit = Stage.FROZEN, True, on_credit
        if not on_credit:
            frozen.rest_fen = frozen.ask.amount_fen
            self._book("purse", "frozen", frozen.rest_fen)
            self.executed[out_no] = frozen.ask
        self._tell(frozen.ask)

    def refuse(self, out_no: str) -> None:
        """The payer closes the cashier without paying."""
        if self.is_payable(out_no):
            self.freezes[out_no].stage = Stage.CLOSED

    # What a person with the gateway's own pages in front of him sees and does

    def truth(self, ask_of: Callable[[], Ask]) -> bool | None:
        """Whether an operation happened; None while it still may."""
        ask = ask_of()
        if ask.kind == Kind.CANCEL_FREEZE:
            return self._cancelled_by_hand(ask.request["freeze_out_no"])
        if ask.out_no in self.executed:
            return True
        if any(late.out_no == ask.out_no for late in self.in_flight):
            return None
        if ask.kind == Kind.FREEZE and self.is_payable(ask.out_no):
            return None
        frozen = self.freezes.get(ask.out_no)
        return None if frozen is not None and frozen.is_credit else False

    def _cancelled_by_hand(self, freeze_no: str) -> bool | None:
        """An operator ends a freeze on the gateway's own pages."""
        frozen = self.freezes.get(freeze_no)
        if frozen is None or frozen.stage == Stage.CODE:
            return None if self.is_payable(freeze_no) else True
        if frozen.stage != Stage.CLOSED:
            self._release(frozen, frozen.rest_fen)
            frozen.stage = Stage.CLOSED
        return True

    def _release(self, frozen: Frozen, amount_fen: int) -> None:
        self._book("frozen", "purse", amount_fen)
        frozen.rest_fen -= amount_fen


_ARRIVE: dict[Kind, Callable[[Gateway, Ask], Answer]] = {
    Kind.FREEZE: Gateway._freeze,
    Kind.CANCEL_FREEZE: Gateway._cancel,
    Kind.CAPTURE: Gateway._capture,
    Kind.UNFREEZE: Gateway._unfreeze,
    Kind.TRANSFER: Gateway._transfer,
    Kind.REFUND: Gateway._refund,
}


def a_notice(notify_id: str, ask: Ask, *, amount_fen: int | None = None) -> VerifiedNotice:
    amount = ask.amount_fen if amount_fen is None else amount_fen
    return VerifiedNotice(notify_id, "told", ask.out_no, amount, Kind(ask.kind), {})
