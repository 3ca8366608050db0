"""One run: the cluster starts, people play, a nemesis rages, everything heals, and all is counted.

Imported when the environment is set, since it sets Django up.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

# The environment of the tests comes before Django.
from tests.environment import PLACE  # isort: skip

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from core import clock  # noqa: E402
from settlement import manual  # noqa: E402
from settlement.models import Attempt, Escrow, Notice, Operation  # noqa: E402
from settlement.recon import recheck  # noqa: E402
from tasks import workflow  # noqa: E402
from tasks.models import Order  # noqa: E402
from tasks.workflow import engine  # noqa: E402
from tasks.workflow.decision import Actor  # noqa: E402
from tasks.workflow.rule import Judgement  # noqa: E402
from tests.builders import a_creator, a_merchant, ops  # noqa: E402
from tests.faults import cluster, invariants  # noqa: E402
from tests.faults.invariants import Past  # noqa: E402
from tests.faults.nemesis import Nemesis  # noqa: E402
from tests.faults.players import Person, Player, Stage, a_person  # noqa: E402
from tests.faults.waiting import TooLate, eventually  # noqa: E402

CROWD = 10
HEALING_SECONDS = 120
HEALING = timedelta(seconds=20)
MERCHANTS, CREATORS = 3, 6
AFTER_EVERYTHING_HOURS = 24 * 12
NOTICE_HOURS = 2


@dataclass
class Report:
    """What happened, and what is wrong."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong

    def say(self, text: str) -> None:
        self.lines.append(text)


def run(*, seed: int, seconds: float) -> Report:
    """Rage for so many seconds, heal, check."""
    report = Report(seed)
    report.say(f"seed {seed}")
    began = time.monotonic()
    with cluster.running(PLACE, settings.TIME_COMPRESSION) as site:
        stage = Stage(site, Past(clock.now()), ops(), threading.Event())
        nemesis = Nemesis(stage, random.Random(f"{seed} nemesis"))
        report.say(f"ready after {time.monotonic() - began:.0f} s")
        crowd = Crowd(stage, seed)
        crowd.enter()
        nemesis.rages(seconds)
        stage.over.set()
        crowd.leave()
        nemesis.relents()
        heal(nemesis, stage.past, report)
        report.wrong += invariants.violations(site.alipay, stage.past)
        tell(nemesis, crowd, report)
        if not report.is_good:
            report.lines += cluster.errors_in(PLACE.var_dir / "log")
    report.say(f"took {time.monotonic() - began:.0f} s")
    return report


class Crowd:
    """So many players at a time; when one has finished his order, he plays another one."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.seed, self.played = stage, seed, 0
        self.lock = threading.Lock()
        self.merchants = [self._a_merchant() for _ in range(MERCHANTS)]
        self.creators = [self._a_creator(number) for number in range(CREATORS)]
        self.threads = [threading.Thread(target=self._play, daemon=True) for _ in range(CROWD)]

    def _a_merchant(self) -> Person:
        merchant = a_merchant()
        return a_person(merchant.user, merchant.pk)

    def _a_creator(self, number: int) -> Person:
        creator = a_creator(payout=f"creator{number}@example.com", price_fen=10_000 + number)
        return a_person(creator.user, creator.pk)

    def enter(self) -> None:
        for thread in self.threads:
            thread.start()

    def leave(self) -> None:
        for thread in self.threads:
            thread.join(timeout=60)

    def _play(self) -> None:
        while not self.stage.over.is_set():
            with self.lock:
                self.played += 1
                number = self.played
            merchant = self.merchants[number % MERCHANTS]
            seed = f"{self.seed} {number}"
            Player(self.stage, seed, merchant, self.creators, number).play()
            cluster.pause(1)  # while the servers are away, a story ends before it begins


def heal(nemesis: Nemesis, past: Past, report: Report) -> None:
    """What is open comes to its end by itself; then everything's time passes, and again."""
    try:
        payers_who_wait_say_no(nemesis)
        staff_ask_at_once(nemesis)
        settled(nemesis, lambda: not any(invariants.open_operations()), "no operation is open")
        ask_about_what_came_back(past)
        rule_what_is_disputed(nemesis)
        clock.move(AFTER_EVERYTHING_HOURS)
        settled(nemesis, every_merchant_is_reminded, "every merchant is reminded")
        clock.move(NOTICE_HOURS)
        settled(nemesis, lambda: is_finished(nemesis), "every order is at its end")
    except TooLate as problem:
        report.wrong.append(str(problem).splitlines()[0])
        report.wrong += invariants.unfinished()


def payers_who_wait_say_no(nemesis: Nemesis) -> None:
    """Else everybody waits until their time is up."""
    for freeze in Operation.objects.filter(state=Operation.State.WAIT_USER):
        nemesis.cluster.alipay.payer_cancels(freeze.out_no)


def staff_ask_at_once(nemesis: Nemesis) -> None:
    """After a long silence the next query is an hour away; in the admin there is a button."""
    soon = clock.now() + HEALING
    for operation in Operation.objects.filter(resolved_at=None, next_at__gt=soon):
        nemesis.done["asked at once by staff"] += manual.ask_now(operation.pk, at=clock.now())


def ask_about_what_came_back(past: Past) -> None:
    """Of what was closed the site asks on the next days, which are about to be leapt over: a payout
    may have bounced when its player was about to leave.
    """
    for transfer in Operation.objects.filter(out_no__in=past.bounced):
        recheck.one(transfer, at=clock.now())


def settled(nemesis: Nemesis, condition: Callable[[], bool], what: str) -> None:
    """Meanwhile processes are kept running, as they would be."""

    def kept_up() -> bool:
        nemesis.keep_up()
        return condition()

    eventually(kept_up, within=HEALING_SECONDS, what=what)


def every_merchant_is_reminded() -> bool:
    """N4: the last reminder was late for all, and the clock waits two more hours."""
    return not Order.objects.filter(state="DELIVERED", reminded_at=None).exists()


def is_finished(nemesis: Nemesis) -> bool:
    if not any(invariants.open_operations()):
        pay_out_what_is_blocked(nemesis)
    return not invariants.unfinished()


def rule_what_is_disputed(nemesis: Nemesis) -> None:
    for order in Order.objects.filter(state="DISPUTED"):
        by, given = Actor.ops(nemesis.stage.staff), Judgement(order.price_fen // 2, "按要求")
        engine.run_one(workflow.RULE, order.pk, at=clock.now(), by=by, given=given)


def pay_out_what_is_blocked(nemesis: Nemesis) -> None:
    """A payout that came back waits for somebody: staff try it again."""
    for escrow in Escrow.objects.filter(payable__gt=0, open_operation=None):
        by = Actor.ops(nemesis.stage.staff)
        engine.run(workflow.PAY_OUT, [escrow.pk], at=clock.now(), by=by)


def tell(nemesis: Nemesis, crowd: Crowd, report: Report) -> None:
    """The counts, and every violation as a sentence."""
    report.say(f"restarts: {nemesis.cluster.restarts}")
    report.lines += counted("faults", nemesis.done)
    report.lines += counted("struck at Alipay", nemesis.struck)
    report.lines += counted("orders", states())
    report.lines += counted("operations", operations())
    report.say(f"requests to the gateway: {Attempt.objects.count()}")
    report.say(f"notices taken in: {Notice.objects.count()}")
    report.say(f"stories begun: {crowd.played}")
    report.lines += [f"WRONG: {text}" for text in report.wrong]
    report.say("all invariants hold" if report.is_good else f"{len(report.wrong)} violations")
    connection.close()


def counted(what: str, counts: Counter[str]) -> Iterator[str]:
    yield f"{what}: {sum(counts.values())}"
    yield from (f"  {name:34} {number:5}" for name, number in sorted(counts.items()) if number)


def states() -> Counter[str]:
    return Counter(Order.objects.values_list("state", flat=True))


def operations() -> Counter[str]:
    rows = Operation.objects.values_list("kind", "state")
    return Counter(f"{kind} {state}" for kind, state in rows)
