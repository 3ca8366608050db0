"""A payment gateway for tests that need its answers, not its wire: it says what it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from settlement.gateway.messages import Answer, Ask, Outcome
from settlement.kinds import Kind


class ScriptedGateway:
    """Succeeds at everything, once per number, unless `says` has another answer for a kind.

    `asked` is every call as ("send" | "query", kind, out_no); `done` the executed asks by number.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.done: dict[str, Ask] = {}
        self.says: dict[str, Answer | Outcome] = {}
        self.payer_confirms = True

    def send(self, ask: Ask) -> Answer:
        self.asked.append(("send", ask.kind, ask.out_no))
        if (told := self.says.get(ask.kind)) is not None:
            return told if isinstance(told, Answer) else Answer(outcome=told)
        if ask.kind == Kind.FREEZE and ask.out_no not in self.done:
            self.done[ask.out_no] = ask
            return Answer(Outcome.WAIT_USER, facts={"code_url": "https://pay.example/1"})
        self.done.setdefault(ask.out_no, ask)
        return self._answer(ask)

    def query(self, ask: Ask) -> Answer:
        self.asked.append(("query", ask.kind, ask.out_no))
        if (told := self.says.get(f"{ask.kind}?")) is not None:
            return told if isinstance(told, Answer) else Answer(outcome=told)
        if ask.out_no not in self.done:
            return Answer(Outcome.NOT_FOUND)
        return self._answer(ask)

    def _answer(self, ask: Ask) -> Answer:
        if ask.kind != Kind.FREEZE:
            return Answer(Outcome.SUCCESS, gateway_no=f"no-{ask.out_no}")
        if not self.payer_confirms:
            return Answer(Outcome.WAIT_USER)
        return Answer(Outcome.SUCCESS, gateway_no=f"auth-{ask.out_no}", facts=self.frozen(ask))

    def frozen(self, ask: Ask) -> dict[str, Any]:
        return {
            "fund_amount_fen": ask.amount_fen,
            "credit_amount_fen": 0,
            "payer_user_id": "2088000000000001",
        }


@contextmanager
def scripted() -> Iterator[ScriptedGateway]:
    """In this block the worker talks to a scripted gateway."""
    gateway = ScriptedGateway()
    with (
        patch("settlement.gateway.adapter.send", gateway.send),
        patch("settlement.gateway.adapter.query", gateway.query),
    ):
        yield gateway
