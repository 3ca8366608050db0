"""The state machine: people, clock, workers, gateway and crashes in any order, and every law of
money after every step.
"""

import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from policy.numbers import Policy
from settlement import check
from tasks import messages, workflow
from tasks.workflow.decision import CLOCK, GATEWAY, Actor
from tests.machine import heal
from tests.machine.gateway import Fate
from tests.machine.picture import OrderRow
from tests.machine.post import Post
from tests.machine.processes import INSIDE, OUTSIDE
from tests.machine.start import Start
from tests.machine.world import DAY, HOUR, MINUTE, SECOND, World

NUMBER = st.integers(0, 59)
VERBS = [name for name in workflow.VERBS if not name.endswith("invoice")]  # those have no money
SWEEPS = [verb.name for verb in workflow.SWEEPS]
# Of the many instants that matter, mostly the next one; of the many waits, mostly a short one.
STEPS = [
    *(SECOND, 5 * SECOND, 20 * SECOND, MINUTE, MINUTE, 6 * MINUTE, 20 * MINUTE),
    *(HOUR, 25 * HOUR, 3 * DAY),
]
NEXT = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4])
# Most calls go well, so that orders get anywhere at all.
SENDS = st.sampled_from([*[Fate.FINE] * 8, *Fate])
FAULTS = st.sampled_from([fate for fate in Fate if fate != Fate.BAD_KEYS])
QUERIES = st.sampled_from([*[Fate.FINE] * 6, Fate.ANSWER_LOST, Fate.UNCLEAR, Fate.BAD_KEYS])
MOMENTS = st.sampled_from([timedelta(microseconds=-1), timedelta(0), timedelta(microseconds=1)])
COUNTS: Counter[str] = Counter()


class Machine(RuleBasedStateMachine):
    """One example is one world, begun from `start` and rolled back at its end."""

    start: Start

    def __init__(self) -> None:
        super().__init__()
        self._all = transaction.atomic()
        self._all.__enter__()
        self.world: World = self.start.again()
        self._watching = connection.execute_wrapper(self.world.watch)
        self._watching.__enter__()

    @initialize(focus=st.lists(st.integers(0, 3), max_size=2), opens_at_once=st.booleans())
    def begin(self, focus: list[int], opens_at_once: bool) -> None:
        tasks = sorted({order.task_id for order in self.world.picture.orders.values()})
        # An unpaid task is always among them: all the rest can follow from it.
        self.world.focus = {tasks[0], *(tasks[n % len(tasks)] for n in focus)}
        self.world.gateway.opens_at_once = opens_at_once

    # People

    @rule(
        merchant=st.integers(0, 1),
        creators=st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
        start=st.sampled_from([25 * HOUR, 2 * DAY]),
        due=st.sampled_from([HOUR, 5 * DAY]),
    )
    @precondition(lambda self: len(self.world.focus or ()) < 4)
    def publish(self, merchant: int, creators: list[int], start: timedelta, due: timedelta) -> None:
        self.world.publish(merchant, creators, start, due)

    @rule(what=NUMBER)
    @precondition(lambda self: self.world.sensible())
    def act(self, what: int) -> None:
        self._attempt(what)

    @rule(what=NUMBER, send=SENDS, query=QUERIES)
    @precondition(lambda self: self.world.sensible())
    def act_and_work(self, what: int, send: Fate, query: Fate) -> None:
        """What most often follows: a worker is woken, and often a payer confirms."""
        self._attempt(what)
        self.every_law_holds()
        if self.world.due_at():
            self._bad_weather(send, query)
            self.world.work(2)
            self._good_weather()
            self.every_law_holds()
        for out_no in self.world.codes()[: what % 2]:
            self.world.gateway.confirm(out_no)

    @rule(which=NUMBER, send=SENDS)
    @precondition(lambda self: self._payable())
    def pay_and_work(self, which: int, send: Fate) -> None:
        """A payment is asked for and sent; the payer looks at its code."""
        orders = self._payable()
        order = orders[which % len(orders)]
        note(f"pay {order.id}: {self.world.attempt(partial(self.world.pay, order)) or 'done'}")
        self.every_law_holds()
        if self.world.due_at():
            self._bad_weather(send, Fate.FINE)
            self.world.work()
            self._good_weather()
        COUNTS["payments"] += 1

    @rule(what=NUMBER, point=st.sampled_from((*OUTSIDE, *INSIDE)))
    @precondition(lambda self: self.world.sensible())
    def act_and_die_working(self, what: int, point: str) -> None:
        self._attempt(what)
        self.every_law_holds()
        COUNTS[f"died {point}"] += self.world.cut(point, self.world.work)

    @rule(what=NUMBER)
    @precondition(lambda self: self.world.sensible())
    def act_twice(self, what: int) -> None:
        """Two clicks, or two tabs: the second finds what the first one did."""
        name, step = self._choice(what)
        note(f"{name}: {self.world.attempt(step) or 'done'}")
        self.world.look()
        note(f"{name} again: {self.world.attempt(step) or 'done'}")
        COUNTS["clicked twice"] += 1

    @rule(what=NUMBER, point=st.sampled_from(INSIDE[:2]))
    @precondition(lambda self: self.world.sensible())
    def die_acting(self, what: int, point: str) -> None:
        name, step = self._choice(what)
        note(f"{name}, and die {point}")
        COUNTS[f"died {point}"] += self.world.cut(point, step)

    @rule(what=NUMBER, name=st.sampled_from(VERBS), who=st.integers(0, 6))
    @precondition(lambda self: self.world.orders())
    def do_what_makes_no_sense(self, what: int, name: str, who: int) -> None:
        """Any verb, by anybody, at any time; nothing is given, so most are refused before."""
        verb = workflow.VERBS[name]
        if verb.roles == {GATEWAY.role}:
            return  # only an answer brings these
        world = self.world
        orders = world.orders()
        order = orders[what % len(orders)]
        people = world.people
        actors = [
            *map(Actor.merchant, people.merchants), *map(Actor.creator, people.creators),
            world.staff(), CLOCK,
        ]  # fmt: skip
        if verb.decide.__annotations__.get("given") is None:
            step = partial(world.do, verb, order, actors[who])
            COUNTS["refused " + (world.attempt(step) or "nothing")] += 1

    @rule(what=st.sampled_from(["policy", "account", "closed", "halts", "totals"]), which=NUMBER)
    def something_else_happens(self, what: str, which: int) -> None:
        """Ops change the policy, a creator changes his account or it is closed, staff clear halts,
        the totals are taken.
        """
        world = self.world
        if what == "policy":
            fee_bps, days = (0, 2_000, 333)[which % 3], (10, 3)[which % 2]
            world.policy = Policy(fee_bps=fee_bps, auto_confirm_days=days)
        elif what == "halts":
            world.clear_halts()
        elif what == "totals":
            check.take_totals(at=world.at)
        else:
            self._change_account(which, is_closed=what == "closed")

    def _change_account(self, which: int, *, is_closed: bool) -> None:
        world = self.world
        person = world.people.creators[which % 3]
        person.refresh_from_db()
        account = person.payout_account
        if is_closed and account is not None:
            world.gateway.closed_payees.add(account.logon_id)
        else:
            world.new_account(person, f"account{which % 2}-{which % 3}@example.com")

    # The clock

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self.world.at += step

    @rule(which=NEXT, off=MOMENTS, sweeps=st.booleans())
    @precondition(lambda self: self.world.deadlines())
    def it_is_the_instant(self, which: int, off: timedelta, sweeps: bool) -> None:
        """Exactly a deadline, or a microsecond beside it."""
        deadlines = self.world.deadlines()
        self.world.at = max(self.world.at, deadlines[which % len(deadlines)] + off)
        for verb in workflow.SWEEPS if sweeps else ():
            self.world.sweep(verb)

    @rule(name=st.sampled_from(SWEEPS))
    def sweep_twice(self, name: str) -> None:
        for _ in range(2):
            self.world.sweep(workflow.VERBS[name])

    # The mail server

    @rule(how=st.sampled_from([*[Post.UP] * 4, Post.AWAY, Post.REFUSES]), waits=st.booleans())
    @precondition(lambda self: self.world.waits_for_post())
    def letters_are_posted(self, how: Post, waits: bool) -> None:
        """At once, or after ten minutes, when what failed before is tried again."""
        self.world.at += messages.RETRY if waits else timedelta(0)
        self.world.sweep(workflow.REMIND)
        self.world.post_letters(how)

    @rule(which=NUMBER)
    @precondition(lambda self: self.world.post.reminders())
    def a_reminder_comes_back(self, which: int) -> None:
        self.world.return_letter(which)
        COUNTS["reminders that came back"] += 1

    # Workers

    def _choice(self, what: int) -> tuple[str, Callable[[], None]]:
        choices = self.world.sensible()
        return choices[what % len(choices)]

    def _payable(self) -> list[OrderRow]:
        return [
            order
            for order in self.world.orders()
            if order.state == "UNPAID" and not order.open_operation_id
        ]

    def _when_due(self) -> None:
        due = self.world.due_at()
        if due is not None:
            self.world.at = max(self.world.at, due)

    @rule()
    @precondition(lambda self: self.world.due_at())
    def work(self) -> None:
        self._when_due()
        self.world.work(4)

    @rule(send=SENDS, query=QUERIES)
    @precondition(lambda self: self.world.due_at())
    def work_in_any_weather(self, send: Fate, query: Fate) -> None:
        self._bad_weather(send, query)
        self.world.work(2)
        self._good_weather()

    @rule(send=FAULTS, query=QUERIES)
    @precondition(lambda self: self.world.due_at())
    def work_badly(self, send: Fate, query: Fate) -> None:
        self._bad_weather(send, query)
        self.world.work()
        self._good_weather()

    @rule(send=SENDS, query=QUERIES, point=st.sampled_from((*OUTSIDE, *INSIDE)))
    @precondition(lambda self: self.world.due_at())
    def die_working(self, send: Fate, query: Fate, point: str) -> None:
        self._bad_weather(send, query)
        COUNTS[f"died {point}"] += self.world.cut(point, self.world.work)
        self._good_weather()

    @rule(send=SENDS, query=QUERIES, point=st.sampled_from(OUTSIDE))
    @precondition(lambda self: self.world.due_at() and len(self.world.stopped) < 2)
    def stop_working(self, send: Fate, query: Fate, point: str) -> None:
        """A worker stands still in the middle; others go on, and its lease runs out."""
        self._bad_weather(send, query)
        COUNTS[f"stopped {point}"] += self.world.stop_a_worker(point)
        self._good_weather()

    @rule(which=NUMBER)
    @precondition(lambda self: self.world.stopped)
    def go_on_working(self, which: int) -> None:
        self.world.resume(which)

    def _bad_weather(self, send: Fate, query: Fate) -> None:
        self._when_due()
        self.world.gateway.send_fate, self.world.gateway.query_fate = send, query

    def _good_weather(self) -> None:
        self.world.gateway.send_fate = self.world.gateway.query_fate = Fate.FINE

    # The gateway's side

    @rule(which=NUMBER, how=st.sampled_from(["confirm", "confirm", "on credit", "open", "refuse"]))
    @precondition(lambda self: self.world.codes())
    def payer(self, which: int, how: str) -> None:
        codes, gateway = self.world.codes(), self.world.gateway
        out_no = codes[which % len(codes)]
        if how == "open":
            gateway.open_code(out_no)
        elif how == "refuse":
            gateway.refuse(out_no)
        else:
            gateway.confirm(out_no, on_credit=how == "on credit")
        self.world.is_touched = True
        COUNTS[f"payer: {how}"] += 1

    @rule(which=NUMBER)
    @precondition(lambda self: self.world.gateway.in_flight)
    def a_request_arrives_late(self, which: int) -> None:
        self.world.gateway.deliver_late(which)
        self.world.is_touched = True

    @rule(which=NUMBER, kind=st.sampled_from(["true", "true", "false", "of another amount"]))
    @precondition(lambda self: self.world.gateway.notices)
    def a_notice_comes(self, which: int, kind: str) -> None:
        """In any order, late, and more than once; or of what did not happen."""
        if kind == "true":
            self.world.ring(which)
        else:
            operations = list(self.world.picture.operations.values())
            amount_fen = 1 if kind == "of another amount" else None
            self.world.lie(operations[which % len(operations)], amount_fen=amount_fen)
        COUNTS[f"notices, {kind}"] += 1

    # Staff

    @rule(which=NUMBER)
    @precondition(
        lambda self: any(o.state == "MANUAL" for o in self.world.picture.open_operations())
    )
    def two_people_decide(self, which: int) -> None:
        manual = [o for o in self.world.picture.open_operations() if o.state == "MANUAL"]
        done = self.world.decide(manual[which % len(manual)])
        COUNTS["decided by two"] += done

    # The laws

    @invariant()
    def every_law_holds(self) -> None:
        if self.world.is_touched:
            found = self.world.look()
            assert not found, "\n".join(found)
            COUNTS["looks"] += 1

    def _attempt(self, what: int) -> None:
        name, step = self._choice(what)
        refused = self.world.attempt(step)
        note(f"{name}: {refused or 'done'}")
        COUNTS[f"{name.rsplit(' ', 1)[0]}: {'refused' if refused else 'done'}"] += 1

    def teardown(self) -> None:
        is_fine = sys.exc_info()[0] is None
        try:
            self.world.kill_stopped()
            if is_fine:
                heal.heal(self.world)
                COUNTS["examples"] += 1
                COUNTS["orders"] += len(self.world.picture.orders)
                COUNTS["operations"] += len(self.world.picture.operations)
                COUNTS.update(self.world.gateway.met)
                COUNTS.update(self.world.post.met)
        finally:
            self._watching.__exit__(None, None, None)
            self._roll_back()

    def _roll_back(self) -> None:
        transaction.set_rollback(True)
        self._all.__exit__(None, None, None)


def counts() -> dict[str, Any]:
    return dict(sorted(COUNTS.items()))
