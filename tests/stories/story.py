"""Worked examples as tables: one line per step, and after it everything that a finance person asks.

    step               | state | pockets    | merchant | creator | platform | payer | ...

`pockets` is the orders' money (yuan) by our own books; `merchant`, `creator` and `platform` are the
totals of the parties from the transfers; the last four columns are Alipay's own books: what the
payer can spend, what is frozen at him, what lies in the guarantee account, what the creators have.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.test import Client

from creators.models import Creator
from creators.workflow.profile import PayoutFacts, change_payout_account
from policy.numbers import Policy
from settlement import check, queries, worker
from settlement.models import Escrow, Operation
from tasks import messages, workflow
from tasks.models import Order, OrderEvent, Outbox
from tasks.rules import LAST_REMINDER, NOTICE, REMINDER_HOURS
from tasks.states import TRANSITIONS
from tasks.workflow import SWEEPS, engine, pay
from tasks.workflow.decision import CLOCK, Actor, Verb
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.review import Verdict
from tasks.workflow.rule import Judgement
from tests.alipay import LocalAlipay
from tests.builders import a_creator, ops
from tests.orders import DAY, HOUR, LINK, NOW, a_sent_task

MINUTE = timedelta(minutes=1)
COLUMNS = (
    "state", "pockets", "merchant", "creator", "platform",
    "payer", "frozen", "guarantee", "payees",
)  # fmt: skip
PAYER = "payer@example.com"


class Story:
    """One task with an order per price, from sending on, over the real wire to the local Alipay."""

    def __init__(self, alipay: LocalAlipay, *prices_fen: int, policy: Policy | None = None) -> None:
        self.alipay, self.policy, self.at = alipay, policy or Policy(), NOW
        self.creators = [self._a_creator(letter, fen) for letter, fen in zip("AB", prices_fen)]  # noqa: B905
        self.task = a_sent_task(*self.creators)
        self.ids = list(self.task.orders.order_by("pk").values_list("pk", flat=True))
        self.merchant = Actor.merchant(self.task.merchant)
        self.payees = [f"{letter}@example.com" for letter in "AB"[: len(prices_fen)]]
        alipay.open_payer(PAYER, balance_fen=2_000_00)

    def _a_creator(self, letter: str, price_fen: int) -> Creator:
        self.alipay.open_payee(f"{letter}@example.com", "李鹿")
        return a_creator(price_fen=price_fen, payout=f"{letter}@example.com")

    # the table

    def goes(self, table: str) -> None:
        """Do every step of the table, and compare what is found after it with its line."""
        rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
        title, *lines = rows
        assert title == ["step", *COLUMNS]
        told = [[line[0], *self._after(line[0])] for line in lines]
        assert drawn([title, *told]) == drawn(rows)

    def _after(self, step: str) -> list[str]:
        """Do a step and say what is there afterwards; whatever must always hold is checked too."""
        who, _, what = step.partition(" ")
        if who in ("A", "B"):
            STEPS[f"creator {what}"](self, "AB".index(who))
        elif step.rsplit(" ", maxsplit=1)[-1] in ("A", "B"):
            STEPS[step[:-2]](self, "AB".index(step[-1]))
        else:
            STEPS[step](self, 0)
        self._holds()
        return [*self._ours(), *self._alipays()]

    def _ours(self) -> list[str]:
        states = [Order.objects.get(pk=pk).state for pk in self.ids]
        pockets = [filled(Escrow.objects.get(pk=pk).pockets()) for pk in self.ids]
        creators = [filled(queries.totals(f"creator:{c.pk}")) for c in self.creators]
        return [
            " ".join(states),
            ", ".join(pockets),
            filled(queries.totals(f"merchant:{self.task.merchant_id}")),
            ", ".join(creators),
            filled(queries.totals("platform")),
        ]

    def _alipays(self) -> list[str]:
        alipay = self.alipay
        return [
            yuan(alipay.balance_fen(PAYER)),
            yuan(alipay.frozen_fen(PAYER)),
            yuan(alipay.platform_fen),
            " ".join(yuan(alipay.balance_fen(payee)) for payee in self.payees),
        ]

    def _holds(self) -> None:
        """The invariants: both books balance, nothing made or lost, only legal changes of state."""
        assert check.run(at=self.at).differences == []
        assert (self.alipay.total_fen, self.alipay.differences()) == (0, [])
        events = OrderEvent.objects.filter(order_id__in=self.ids).exclude(source="")
        changes = {(e.source, e.target) for e in events if e.source != e.target}
        assert changes <= {(str(source), str(target)) for source, target in TRANSITIONS}
        for order in Order.objects.filter(pk__in=self.ids).exclude(closed_at=None):
            escrow = Escrow.objects.get(pk=order.pk)
            if escrow.open_operation_id is None and not order.trouble:
                open_fen = escrow.frozen + escrow.held + escrow.in_transit
                assert open_fen + escrow.refund_in_transit + escrow.payable == 0

    # how steps are done

    def until(self, at: datetime) -> datetime:
        self.at = max(self.at, at)
        return self.at

    def does(self, verb: Verb, number: int, by: Actor, given: Any = None) -> None:
        engine.run_one(verb, self.ids[number], at=self.at, by=by, given=given)

    def creator(self, number: int) -> Actor:
        return Actor.creator(Creator.objects.get(pk=self.creators[number].pk))

    def merchant_pays(self, _: int) -> None:
        pay.start(
            self.task.pk,
            at=self.at,
            by=self.merchant,
            policy=self.policy,
            notify_url="https://vtask.example/settlement/notice/",
            return_url="https://vtask.example/",
        )

    def payer_confirms(self, _: int) -> None:
        freeze = Operation.objects.filter(kind="FREEZE").latest("id")
        self.alipay.pay(freeze.out_no, PAYER)

    def gateway_answers(self, _: int) -> None:
        """The worker talks to Alipay until there is nothing more to say."""
        self.at += 2 * MINUTE
        while worker.pump(lambda: self.at):
            self.at += 5 * timedelta(seconds=1)
            if not Operation.objects.filter(resolved_at=None, state="READY").exists():
                break

    def notice_arrives(self, _: int) -> None:
        """Alipay posts to our own address, and we answer it as a server does."""

        def post(url: str, form: dict[str, str]) -> tuple[int, str]:
            response = Client().post(url.removeprefix("https://vtask.example"), form)
            return response.status_code, response.content.decode()

        self.alipay.postman.listener = post
        assert self.alipay.deliver_notices() >= 1

    def clock_strikes(self, at: datetime) -> None:
        """What is due is done, then the mail server is given what waits, as beat does it."""
        self.until(at)
        for verb in SWEEPS:
            engine.sweep(verb, at=self.at, by=CLOCK)
        messages.send_due(at=self.at)

    def ten_days_pass(self, number: int) -> None:
        """With the three reminders on their way (N4)."""
        for _ in (*REMINDER_HOURS, "the end"):
            order = Order.objects.get(pk=self.ids[number])
            self.clock_strikes(order.remind_at or order.confirm_by or self.at)

    def last_reminder_fails(self, number: int, problem: Exception) -> None:
        """The clock goes to the last reminder, and the mail server does not take it."""
        with patch("django.core.mail.EmailMessage.send", side_effect=problem):
            self.clock_strikes(self._clock_of(number) - NOTICE)

    def last_reminder_comes_back(self, number: int) -> None:
        """It was taken, and returned within the hour."""
        self.clock_strikes(self._clock_of(number) - NOTICE)
        row = Outbox.objects.get(order_id=self.ids[number], kind=LAST_REMINDER, bounced_at=None)
        self.at += HOUR
        assert messages.came_back(row.message_id, "550 no such user", at=self.at)

    def _clock_of(self, number: int) -> datetime:
        order = Order.objects.get(pk=self.ids[number])
        assert order.confirm_by is not None
        return order.confirm_by

    def ops_release(self, number: int) -> None:
        self.at += DAY
        given = "called, and the address is corrected"
        self.does(workflow.RELEASE_HOLD, number, Actor.ops(ops()), given)

    def accepts(self, number: int) -> None:
        self.until(NOW + HOUR)
        self.does(workflow.ACCEPT, number, self.creator(number))

    def delivers(self, number: int) -> None:
        self.until(self.task.start_at + DAY)
        self.does(workflow.DELIVER, number, self.creator(number), Content(LINK))

    def ops_rule(self, number: int, refund_fen: int) -> None:
        self.at += DAY
        given = Judgement(refund_fen, "nach den Anforderungen")
        self.does(workflow.RULE, number, Actor.ops(ops()), given)

    def new_account(self, number: int) -> None:
        self.payees[number] = f"new-{self.payees[number]}"
        self.alipay.open_payee(self.payees[number], "李鹿")
        facts = PayoutFacts(self.payees[number], "李鹿")
        change_payout_account(self.creators[number], facts, at=self.at)


Step = Callable[[Story, int], object]
STEPS: dict[str, Step] = {
    "orders are sent": lambda s, n: None,
    "merchant pays": Story.merchant_pays,
    "payer confirms": Story.payer_confirms,
    "payer says no": lambda s, n: s.alipay.cancel_at_cashier(
        Operation.objects.filter(kind="FREEZE").latest("id").out_no
    ),
    "gateway answers": Story.gateway_answers,
    "notice arrives": Story.notice_arrives,
    "creator accepts": Story.accepts,
    "creator declines": lambda s, n: s.does(workflow.DECLINE, n, s.creator(n), "不合适"),
    "creator delivers": Story.delivers,
    "creator names a new account": Story.new_account,
    "creator asks for the payout": lambda s, n: s.does(workflow.PAY_OUT, n, s.creator(n)),
    "account is closed": lambda s, n: s.alipay.close_account(s.payees[n]),
    "start passes": lambda s, n: s.clock_strikes(s.task.start_at),
    "a year passes": lambda s, n: s.clock_strikes(s.at + 365 * DAY),
    "due time passes": lambda s, n: s.clock_strikes(s.task.due_at),
    "ten days pass": Story.ten_days_pass,
    "three days pass": Story.ten_days_pass,
    "mail server is away": lambda s, n: s.last_reminder_fails(n, OSError("no route")),
    "two hours pass": lambda s, n: s.clock_strikes(s.at + 2 * HOUR),
    "reminder comes back": Story.last_reminder_comes_back,
    "ops release": Story.ops_release,
    "merchant confirms": lambda s, n: s.does(workflow.CONFIRM, n, s.merchant),
    "merchant disputes": lambda s, n: s.does(workflow.DISPUTE, n, s.merchant, Complaint("少了图")),
    "merchant reviews": lambda s, n: s.does(
        workflow.REVIEW, n, s.merchant, Verdict(5, 5, 5, "很好")
    ),
    "ops rule: pay": lambda s, n: s.ops_rule(n, 0),
    "ops rule: refund": lambda s, n: s.ops_rule(n, Order.objects.get(pk=s.ids[n]).price_fen),
    "ops rule: refund 300": lambda s, n: s.ops_rule(n, 300_00),
}


def filled(pockets: dict[str, int]) -> str:
    """The pockets that are not empty: "held 640 fee 160"."""
    return " ".join(f"{pocket} {yuan(fen)}" for pocket, fen in pockets.items() if fen) or "-"


def yuan(fen: int) -> str:
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def drawn(rows: Sequence[Sequence[str]]) -> str:
    """The table with even columns, so that a difference is seen at once."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join(["", *lines])
