"""Planted faults: each is a mistake that somebody could make, with the tests that must notice it.

A fault is switched on by a patch, in a run of the tests that has no other purpose (`make mutants`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

Patch = AbstractContextManager[Any]


@dataclass(frozen=True)
class Fault:
    """What is wrong, the patches that make it so, and who must notice.

    `sql` is done in each test's own transaction, for what is missing in the database.
    """

    name: str
    what: str
    caught_by: tuple[str, ...]
    patches: Callable[[], list[Patch]] = list
    sql: str = ""

    def plant(self, stack: ExitStack) -> None:
        for each in self.patches():
            stack.enter_context(each)


FAULTS: dict[str, Fault] = {}


def fault(
    what: str, *caught_by: str
) -> Callable[[Callable[[], list[Patch]]], Callable[[], list[Patch]]]:
    def register(patches: Callable[[], list[Patch]]) -> Callable[[], list[Patch]]:
        name = patches.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, what, caught_by, patches)
        return patches

    return register


WORKER = "tests/settlement/test_worker.py::"
MACHINE = (
    "tests/machine/test_machine.py::test_no_crash_race_lie_or_silence_loses_doubles_or_makes_money"
)


# The worker


@fault(
    "the claim is committed after the call to the gateway, not before",
    WORKER + "test_whenever_a_worker_dies_the_money_moves_exactly_once",
    MACHINE,
)
def commit_after_the_call() -> list[Patch]:
    from django.db import transaction

    from settlement import operations, worker

    def pump(now: Callable[[], datetime], *, limit: int = 200) -> int:
        for done in range(limit):
            with transaction.atomic():
                claim = operations.claim(at=now())
                if claim is None:
                    return done
                worker.carry(claim, now)
        return limit

    return [patch("settlement.worker.pump", pump)]


@fault(
    "a retry has a new number",
    WORKER + "test_a_second_attempt_queries_before_it_sends",
    WORKER + "test_does_not_exist_never_means_failed",
)
def new_number_on_retry() -> list[Patch]:
    from settlement import worker

    ask_of = worker.ask_of

    def ask(operation: Any) -> Any:
        asked = ask_of(operation)
        return replace(asked, out_no=f"{asked.out_no[:-2]}{operation.asks:02d}")

    return [patch("settlement.worker.ask_of", ask)]


@fault(
    "a retry sends without asking first",
    WORKER + "test_a_second_attempt_queries_before_it_sends",
    WORKER + "test_what_the_query_finds_done_is_not_sent_again",
)
def send_without_asking() -> list[Patch]:
    from settlement import worker

    carry = worker.carry

    def blindly(claim: Any, now: Callable[[], datetime]) -> None:
        carry(replace(claim, query_first=False), now)

    return [patch("settlement.worker.carry", blindly)]


@fault(
    "a claimed operation has no lease",
    "tests/settlement/test_operations.py::TestClaiming"
    "::test_what_is_leased_is_nobody_elses_until_the_lease_ends",
)
def no_lease() -> list[Patch]:
    return [patch("settlement.operations.LEASE", timedelta(0))]


@fault(
    "“does not exist” is taken for “failed”",
    WORKER + "test_does_not_exist_never_means_failed",
    MACHINE,
)
def not_there_is_failed() -> list[Patch]:
    from settlement import worker
    from settlement.gateway.messages import Answer, Outcome

    record = worker.record

    def give_up(operation: Any, answer: Answer, what: str, at: datetime) -> None:
        if answer.outcome == Outcome.NOT_FOUND:
            answer = Answer(Outcome.FAILED, sub_code="NOT_THERE")
        record(operation, answer, what, at)

    return [
        patch("settlement.worker.record", give_up),
        patch("settlement.worker._may_send_again", lambda *_: False),
    ]


@fault(
    "what waits for a person is sent again",
    WORKER + "test_what_a_person_has_to_look_at_is_never_sent_again",
)
def resend_while_manual() -> list[Patch]:
    from settlement.gateway.messages import Outcome

    return [
        patch(
            "settlement.worker._may_send_again",
            lambda _, answer: answer.outcome == Outcome.NOT_FOUND,
        )
    ]


@fault(
    "a notice is believed without asking the gateway",
    "tests/settlement/test_inbox.py::test_a_notice_moves_no_money_but_lets_the_worker_ask_at_once",
    "tests/settlement/test_inbox.py"
    "::test_what_the_gateway_then_says_counts_and_not_what_the_notice_said",
    MACHINE,
)
def notice_is_the_truth() -> list[Patch]:
    from settlement import inbox, worker
    from settlement.gateway.messages import Answer, Outcome
    from settlement.models import Operation

    take_in = inbox.take_in

    def believe(notice: Any, *, at: datetime) -> None:
        take_in(notice, at=at)
        operation = Operation.objects.get(out_no=notice.out_no)
        facts = {"fund_amount_fen": operation.amount_fen, "credit_amount_fen": 0}
        answer = Answer(Outcome.SUCCESS, gateway_no="told", facts=facts)
        worker.record(operation, answer, "QUERY", at)

    return [
        patch("settlement.inbox.take_in", believe),
        patch("settlement.web.views.take_in", believe),
    ]


# The database


def _missing(table: str, column: str, *caught_by: str) -> None:
    name = f"no-unique-{table.partition('_')[2]}-{column.replace('_', '-')}"
    sql = f"""do $$ declare found name; begin
      select c.conname into strict found from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        where c.conrelid = '{table}'::regclass and c.contype = 'u' and a.attname = '{column}';
      execute format('alter table {table} drop constraint %I', found); end $$"""
    FAULTS[name] = Fault(name, f"{table}.{column} is not unique", caught_by, sql=sql)


ONCE = "tests/settlement/test_once.py"
_missing("settlement_transfer", "key", ONCE)
_missing("settlement_operation", "out_no", ONCE)
_missing("settlement_notice", "notify_id", ONCE)


@fault(
    "an order is checked without being locked",
    "tests/races/test_orders.py::test_an_order_that_is_being_accepted_does_not_lapse",
    "tests/races/test_orders.py::test_what_is_being_disputed_cannot_be_confirmed",
)
def check_without_lock() -> list[Patch]:
    from tasks.workflow import load

    cases = load._cases

    def unlocked(where: str, *args: Any, **kwargs: Any) -> Any:
        return cases(where.split(" for update", maxsplit=1)[0], *args, **kwargs)

    return [patch("tasks.workflow.load._cases", unlocked)]


# The verbs


@fault(
    "a sweep goes by the server's own clock",
    "tests/tasks/workflow/test_lapse.py"
    "::test_the_sweep_finds_it_at_the_start_and_not_a_microsecond_before",
    "tests/tasks/workflow/test_confirm.py"
    "::test_the_sweep_confirms_at_the_instant_and_not_a_microsecond_before",
)
def local_clock() -> list[Patch]:
    from tasks.workflow import engine

    sweep = engine.sweep

    def by_own_clock(verb: Any, *, at: datetime, by: Any, size: int = 500) -> Any:
        here = datetime.now(UTC)  # noqa: TID251 - the fault itself
        return sweep(verb, at=here, by=by, size=size)

    return [patch("tasks.workflow.engine.sweep", by_own_clock)]


@fault(
    "the price is taken from the form",
    "tests/tasks/workflow/test_change_price.py"
    "::test_an_offer_that_changed_since_it_was_seen_is_not_accepted",
)
def amount_from_the_form() -> list[Patch]:
    from tasks import workflow

    accept = workflow.ACCEPT_PRICE.decide

    def trusting(case: Any, *, at: datetime, by: Any, given: int) -> Any:
        case.order.offer_fen = given
        return accept(case, at=at, by=by, given=given)

    return [_deciding(workflow.ACCEPT_PRICE, trusting)]


@fault(
    "the clock confirms by a message made long ago, and does not look again",
    "tests/tasks/workflow/test_confirm.py"
    "::test_one_microsecond_before_the_ten_days_the_clock_may_not_confirm",
)
def delayed_message() -> list[Patch]:
    from tasks import workflow
    from tasks.workflow.decision import Role

    confirm = workflow.CONFIRM.decide

    def by_message(case: Any, *, at: datetime, by: Any, given: Any = None) -> Any:
        late = max(at, case.order.confirm_by or at) if by.role == Role.CLOCK else at
        return confirm(case, at=late, by=by, given=given)

    return [_deciding(workflow.CONFIRM, by_message)]


@fault(
    "the clock confirms without a reminder that was delivered",
    "tests/tasks/workflow/test_confirm.py"
    "::test_without_a_reminder_that_was_delivered_the_clock_never_confirms",
    "tests/tasks/workflow/test_hold.py"
    "::test_while_it_is_held_the_clock_neither_confirms_nor_reminds",
    "tests/stories/test_reminders.py"
    "::test_a_reminder_that_comes_back_holds_the_release_until_ops_have_looked",
    MACHINE,
)
def unannounced() -> list[Patch]:
    from tasks import workflow
    from tasks.workflow.decision import NotDue

    def by_time_alone(order: Any, at: datetime) -> None:
        if order.confirm_by is None or at < order.confirm_by:
            raise NotDue

    return [
        patch("tasks.workflow.confirm._refuse_too_early", by_time_alone),
        _looking(workflow.CONFIRM, ()),
    ]


@fault(
    "a bounce of the reminder is recorded and holds nothing",
    "tests/tasks/test_delivered_messages.py::test_a_bounce_of_a_reminder_holds_the_confirmation",
    "tests/races/test_reminders.py"
    "::test_what_is_being_held_the_clock_passes_over_and_does_not_find_again",
    MACHINE,
)
def bounce_forgotten() -> list[Patch]:
    return [patch("tasks.messages.HOLD", _nothing())]


@fault(
    "a late last reminder leaves the merchant no time",
    "tests/tasks/test_delivered_messages.py"
    "::test_a_mail_server_that_is_away_delays_the_confirmation_and_leaves_two_hours",
)
def no_notice() -> list[Patch]:
    return [
        patch("tasks.workflow.mark_reminded.with_notice", lambda confirm_by, _at: confirm_by),
    ]


@fault(
    "a share is computed with floating point and rounded to even",
    "tests/core/test_money.py::test_a_share_is_rounded_half_up",
    "tests/tasks/workflow/test_pay.py"
    "::test_the_fee_is_rounded_once_half_up_and_the_shares_sum_to_the_price",
)
def floating_point() -> list[Patch]:
    def share(amount_fen: int, bps: int) -> int:
        return round(amount_fen * (bps / 10_000))

    return [
        patch("core.money.share", share),
        patch("tasks.rules.share", share),
        patch("tasks.workflow.rule.share", share),
    ]


@fault(
    "money is sent while another operation of the order is open",
    "tests/tasks/workflow/test_rule.py"
    "::test_while_the_gateway_is_working_on_the_order_nobody_can_rule",
    "tests/tasks/workflow/test_answers.py::test_while_a_payout_is_on_its_way_nobody_starts_another",
    "tests/settlement/test_worker.py"
    "::test_an_order_with_an_operation_in_a_persons_hands_is_blocked",
    MACHINE,
)
def refund_while_settling() -> list[Patch]:
    return [patch("tasks.workflow.decision.Case.refuse_while_money_moves", lambda _: None)]


@fault(
    "a freeze on credit counts as money",
    "tests/tasks/workflow/test_answers.py"
    "::test_a_freeze_that_holds_no_money_is_released_at_once_and_leaves_the_order_unpaid",
    MACHINE,
)
def credit_is_money() -> list[Patch]:
    return [patch("tasks.workflow.answers._holds_the_money", lambda *_: True)]


@fault(
    "a payment is closed while its code can still be confirmed",
    "tests/tasks/workflow/test_cancel_payment.py"
    "::test_as_long_as_somebody_can_still_confirm_the_code_its_payment_is_not_closed",
    MACHINE,
)
def code_forgotten() -> list[Patch]:
    return [patch("tasks.workflow.answers._code_ends_at", lambda freeze: freeze.expires_at)]


@fault(
    "another price keeps the shares of the former one",
    "tests/tasks/workflow/test_change_price.py"
    "::test_after_a_payment_that_came_to_nothing_another_price_brings_its_own_terms",
)
def terms_kept() -> list[Patch]:
    return [patch("tasks.workflow.change_price._forget_terms", lambda _: None)]


@fault(
    "a blocked refund is forgotten once the creator's part is paid out",
    "tests/tasks/workflow/test_answers.py"
    "::test_a_blocked_refund_is_not_forgotten_while_the_creators_part_goes_its_way",
)
def refund_forgotten() -> list[Patch]:
    def forget(_: Any, trouble: str = "") -> str:
        return trouble

    modules = ("payout", "mark_paid_out", "mark_payout_blocked", "mark_payout_returned")
    return [patch(f"tasks.workflow.{module}.trouble_left", forget) for module in modules]


@fault(
    "one person may decide alone what became of an operation",
    "tests/settlement/test_manual.py::test_nobody_approves_his_own_proposal",
)
def two_eyes() -> list[Patch]:
    from settlement import manual

    approve = manual.approve

    def alone(decision_id: int, *, at: datetime, by: int) -> Any:
        from settlement.models import ManualDecision

        decision = ManualDecision.objects.get(pk=decision_id)
        other = decision.proposed_by_id + 1 if decision.proposed_by_id == by else by
        return approve(decision_id, at=at, by=other)

    return [patch("settlement.manual.approve", alone)]


def _nothing() -> Any:
    """A verb that is never possible."""
    from tasks import workflow

    return replace(workflow.HOLD, roles=frozenset())


def _looking(verb: Any, due_with: tuple[str, ...]) -> Patch:
    """A verb of the table whose sweep looks for more than it may."""
    return _Setting(verb, "due_with", due_with)


def _deciding(verb: Any, decide: Callable[..., Any]) -> Patch:
    """A verb of the table with another rule; the table's own object, which all tests hold."""
    return _Setting(verb, "decide", decide)


class _Setting(AbstractContextManager[None]):
    """A field of a frozen object, changed while it lasts."""

    def __init__(self, verb: Any, name: str, value: Any) -> None:
        self._verb, self._name, self._value = verb, name, value
        self._before = getattr(verb, name)

    def __enter__(self) -> None:
        object.__setattr__(self._verb, self._name, self._value)

    def __exit__(self, *_: object) -> None:
        object.__setattr__(self._verb, self._name, self._before)
