"""The restore drill: `python -m tests.faults.drill`, a part of `make soak`.

A backup is taken with pg_dump while orders are under way. Work goes on, money moves at Alipay, and
then the database is lost and the backup restored with pg_restore. `manage.py reconcile_restore`
finds what Alipay did meanwhile and holds all sending; the lost steps are done again, ops work off
what is left, and in the end nothing was paid twice. Prints what it does, and ends with 1 when
anything is not as it should be. What ops do in such an hour is in docs/operations.md.
"""

# ruff: noqa: E402, I001, T201 - the environment of the tests comes before Django

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.environment import PLACE

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from core import clock
from settlement import worker
from settlement.models import Halt, Operation, ReconItem
from tasks import workflow
from tasks.models import Order
from tasks.workflow.decision import Actor
from tests.alipay import database_url
from tests.faults import invariants
from tests.faults.alipay import empty_database
from tests.faults.world import World, a_world, fresh, operation
from vtask import embedded

EACH = 4  # orders per kind of step that is lost
COMMANDS = embedded.postgres_programs()


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def a_place() -> Iterator[World]:
    """Servers, an empty database, a fresh Alipay; all gone afterwards."""
    started = embedded.start(PLACE, durable=False)
    setup_test_environment(debug=False)
    made = setup_databases(verbosity=0, interactive=False)
    url = database_url().replace("alipay_test_", "alipay_drill_")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="drill-") as folder,
            empty_database(url),
            a_world(Path(folder), url) as world,
        ):
            yield world
    finally:
        teardown_databases(made, verbosity=0)
        embedded.stop(PLACE, started)


def postgres(command: str, *arguments: str) -> None:
    told = connection.settings_dict
    server = ["-h", told["HOST"], "-U", told["USER"]]
    subprocess.run([COMMANDS / command, *server, *arguments], check=True, stdout=subprocess.DEVNULL)


def backup(file: Path) -> None:
    postgres("pg_dump", "--format=custom", f"--file={file}", connection.settings_dict["NAME"])


def restore(file: Path) -> None:
    """The database as it was, in the place of the one that is lost."""
    name = connection.settings_dict["NAME"]
    connection.close()
    postgres("dropdb", "--force", name)
    postgres("createdb", name)
    postgres("pg_restore", f"--dbname={name}", str(file))


# The steps that are lost. Each is done before the loss, and again after it, by the same people.


def pays(world: World, order: Order) -> None:
    world.asks_to_pay(order)


def accepts(world: World, order: Order) -> None:
    world.does(workflow.ACCEPT, order, world.by_creator(order))


def declines(world: World, order: Order) -> None:
    world.does(workflow.DECLINE, order, world.by_creator(order), given="不合适")


def confirms(world: World, order: Order) -> None:
    world.does(workflow.CONFIRM, order, Actor.merchant(world.merchant))


STEPS: dict[str, tuple[Callable[[World], Order], Callable[[World, Order], None], str]] = {
    "payment": (World.unpaid, pays, "PAID"),
    "acceptance": (World.paid, accepts, "ACCEPTED"),
    "refusal": (World.paid, declines, "DECLINED"),
    "confirmation": (World.delivered, confirms, "CONFIRMED"),
}


def carry_on(world: World, orders: dict[str, list[Order]]) -> None:
    """Everybody goes on, the payers confirm, and the workers carry it all to Alipay."""
    for name, (_, does, _state) in STEPS.items():
        for order in orders[name]:
            does(world, order)
    worker.pump(clock.now)
    for order in orders["payment"]:
        world.alipay.payer_confirms(operation(order).out_no)
    for order in all_of(orders):
        world.settles(order)


def all_of(orders: dict[str, list[Order]]) -> list[Order]:
    return [order for group in orders.values() for order in group]


def executed(world: World) -> Counter[tuple[str, str]]:
    return Counter((row["kind"], row["out_no"]) for row in world.alipay.executed())


def drill(world: World, folder: Path) -> list[str]:
    """Everything that went wrong; empty when the drill is passed."""
    wrong: list[str] = []
    orders = {name: [make(world) for _ in range(EACH)] for name, (make, _, _) in STEPS.items()}
    before, taken_at = executed(world), clock.now()
    backup(folder / "backup")
    say(f"backup: {len(all_of(orders))} orders under way, {before.total()} operations at Alipay")

    carry_on(world, orders)
    lost = executed(world) - before
    world.past.lost_notices.update(invariants.notices_kept())
    say(f"went on: {lost.total()} operations that the backup does not know")
    restore(folder / "backup")
    say("the database is lost; the backup is restored")

    call_command("reconcile_restore", since=taken_at.isoformat(), stdout=sys.stdout)
    found = set(ReconItem.objects.filter(closed_at=None).values_list("out_no", flat=True))
    missed = {number for _, number in lost} - found
    wrong += [f"reconcile_restore did not find {number}" for number in sorted(missed)]
    if not Halt.objects.filter(scope=Halt.Scope.ALL, cleared_at=None).exists():
        wrong.append("sending is not halted")
    for name, (_, does, _state) in STEPS.items():
        for order in orders[name]:
            does(world, order)
    if worker.pump(clock.now):
        wrong.append("something was sent while sending was halted")
    say(f"{len(found)} items found; the steps are done again, and nothing is sent yet")

    call_command("reconcile_restore", since=taken_at.isoformat(), stdout=sys.stdout)
    for order in all_of(orders):
        world.settles(order)
    wrong += [f"{key} happened twice" for key, n in executed(world).items() if n > 1]
    wrong += [f"{key} is new" for key in executed(world) - before - lost]
    for name, (_, _, state) in STEPS.items():
        wrong += [f"{o} is {fresh(o).state}" for o in orders[name] if fresh(o).state != state]
    wrong += invariants.violations(world.alipay, world.past)
    wrong += [str(op) for op in Operation.objects.filter(resolved_at=None)]
    return wrong


def main() -> int:
    with a_place() as world, tempfile.TemporaryDirectory(prefix="backup-") as folder:
        wrong = drill(world, Path(folder))
    for problem in wrong:
        say(f"WRONG: {problem}")
    say("restore drill FAILED" if wrong else "restore drill ok: nothing was lost or paid twice")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
