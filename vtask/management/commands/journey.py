"""`manage.py journey`: the whole job against the running demo, over HTTP, down to the last fen."""

import time
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.money import yuan
from settlement import check
from settlement.models import Escrow
from settlement.pockets import FEE, FROZEN, HELD, PAID, RETURNED
from tasks.models import Order
from vtask.demo_world import logins
from vtask.demo_world.browser import Stuck
from vtask.demo_world.cashier import UnableToPay
from vtask.demo_world.journey import Journey, Trip, at_the_gateway

PAUSE_SECONDS = 0.5
COLUMNS = {
    "paid in": "funded", "frozen": FROZEN, "escrow": HELD,
    "paid": PAID, "back": RETURNED, "fee": FEE,
}  # fmt: skip


class Command(BaseCommand):
    help = "Walks orders through the running demo as merchant, creators, ops and clock."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=20)
        parser.add_argument("--base-url", default=settings.SITE_URL)

    def handle(self, *_args: Any, orders: int, base_url: str, **_options: Any) -> None:
        if settings.VTASK_ENV == "production" or not settings.CLOCK_MOVABLE:
            raise CommandError("The journey moves the clock: in a demo only.")
        if not logins.is_complete():
            raise CommandError("There is no demo world: start it with `make demo`.")
        journey = Journey(base_url, self.say, self.wait)
        try:
            journey.run(orders)
        except (Stuck, UnableToPay, httpx.HTTPError) as problem:
            raise CommandError(f"{type(problem).__name__}: {problem}") from problem
        finally:
            journey.close()
        self.report(journey.trips)
        self.compare(journey.trips)
        self.prove()

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    @staticmethod
    def wait() -> None:
        time.sleep(PAUSE_SECONDS)

    def report(self, trips: list[Trip]) -> None:
        """Each order's end and where its money is; then each party's sum."""
        escrows = Escrow.objects.in_bulk([trip.order_id for trip in trips])
        states = dict(Order.objects.filter(pk__in=escrows).values_list("pk", "state"))
        head = "".join(f"{name:>12}" for name in COLUMNS)
        self.say(f"\n{'order':>6}  {'ending':<24}{'state':<11}{head}")
        for trip in trips:
            money = amounts([escrows[trip.order_id]])
            state = states[trip.order_id]
            self.say(f"{trip.order_id:>6}  {trip.ending:<24}{state:<11}{money}")
        self.say(f"{'':>6}  {'together':<35}{amounts(escrows.values())}\n")
        self.parties(list(escrows.values()))

    def parties(self, escrows: list[Escrow]) -> None:
        total = {name: sum(getattr(e, pocket) for e in escrows) for name, pocket in COLUMNS.items()}
        spent = total["paid"] + total["fee"]
        self.say(
            f"merchant: paid in ¥{yuan(total['paid in'])}, has back ¥{yuan(total['back'])},"
            f" frozen ¥{yuan(total['frozen'])}, in escrow ¥{yuan(total['escrow'])}"
        )
        self.say(f"creators: received ¥{yuan(total['paid'])}")
        self.say(f"platform: fee ¥{yuan(total['fee'])}; spent in all ¥{yuan(spent)}")
        at_rest = total["frozen"] + total["escrow"]
        if at_rest or spent + total["back"] != total["paid in"]:
            raise CommandError("Some money is not where it belongs.")

    def compare(self, trips: list[Trip]) -> None:
        """The gateway is asked about every operation of these orders."""
        count, differences = at_the_gateway(trip.order_id for trip in trips)
        if differences:
            raise CommandError("The gateway says otherwise: " + "; ".join(differences[:5]))
        self.say(f"gateway:  agrees on all {count} operations")

    def prove(self) -> None:
        result = check.run(at=clock.now())
        if not result.is_ok:
            raise CommandError("\n".join(result.differences))
        self.say(f"ledger ok: {result.orders} orders, {result.transfers} transfers")


def amounts(escrows: Any) -> str:
    sums = [sum(getattr(escrow, pocket) for escrow in escrows) for pocket in COLUMNS.values()]
    return "".join(f"{yuan(amount):>12}" for amount in sums)
