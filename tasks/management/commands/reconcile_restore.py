"""`manage.py reconcile_restore --since INSTANT`: after a restore from a backup, before anything is
sent again.

Run it before web, workers and beat are started, with the instant at which the backup was taken
(ISO 8601 with an offset). It

1. halts all sending, with the reason "restored from a backup";
2. moves the numbers of new orders on, so that the number of an order that was lost is never given
   to another one: the gateway knows operations under it;
3. asks the gateway about the numbers that the next steps of every order that was not finished
   would get, about orders after the newest one, and reads the bills of the days since then;
4. writes an item for each operation that the gateway has and we do not;
5. ends its halt when there is none, or when ops have worked off the last one.

What an item asks of ops: let the lost step be done again (pay, accept, confirm). It gets the same
number, which waits until sending goes on; then the gateway answers with what it did before, and
nothing moves twice. An order that was lost as a whole has its freeze released at the gateway's own
pages. Then run the command again, which closes what was done again, or work the item off with a
note. Today's movements come in tomorrow's bill, so run it once more then.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.models import Max, Q

from core import clock
from settlement.models import Escrow
from settlement.pockets import OPEN_POCKETS
from settlement.recon import calendar, restore
from tasks.models import Order
from tasks.states import OPEN, State


class Command(BaseCommand):
    help = (
        "Finds what the gateway did that a restored backup does not know; halts sending till then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, help="when the backup was taken, ISO 8601")
        parser.add_argument("--skip-orders", type=int, default=100_000)

    def handle(self, *_args: Any, since: str, skip_orders: int, **_options: Any) -> None:
        at, taken_at = clock.now(), _instant(since)
        restore.hold(at=at)
        # Orders that were sent since then have their numbers from after the restore.
        ours = Order.objects.filter(sent_at__lte=taken_at)
        newest: int = ours.aggregate(newest=Max("pk"))["newest"] or 0
        _move_numbers_on(newest, skip_orders)
        today = calendar.day_of(at - timedelta(hours=clock.offset_hours()))
        report = restore.search(
            unfinished(), newest_order=newest, since=taken_at, today=today, at=at
        )
        self.stdout.write(f"asked {report.asked}, without an answer {report.silent}")
        for run in report.bills:
            self.stdout.write(f"bill {run}")
        for found in report.found:
            self.stdout.write(f"order {found.order_id or '?'}: {found.out_no} {found.detail}")
        if report.silent:
            raise CommandError("Not every question was answered; sending stays halted. Run again.")
        self.stdout.write("sending goes on" if report.sending_goes_on else "sending is halted")


def unfinished() -> list[int]:
    """Orders that could have gone on: not closed, or with money that has not arrived."""
    is_moving = Q(open_operation__isnull=False)
    for pocket in OPEN_POCKETS:
        is_moving |= Q(**{f"{pocket}__gt": 0})
    moving = Escrow.objects.filter(is_moving).values("order_id")
    orders = Order.objects.filter(Q(state__in=[State.UNPAID, *OPEN]) | Q(pk__in=moving))
    return list(orders.order_by("pk").values_list("pk", flat=True))


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as problem:
        raise CommandError("--since is no instant of ISO 8601") from problem
    if instant.tzinfo is None:
        raise CommandError("--since needs an offset, such as 2026-03-02T12:00:00+08:00")
    return instant


def _move_numbers_on(newest: int, by: int) -> None:
    """New orders get numbers far above those that were lost; running again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence('tasks_order', 'id')")
        (sequence,) = cursor.fetchone()
        cursor.execute("select nextval(%s::regclass)", [sequence])
        (given,) = cursor.fetchone()
        cursor.execute("select setval(%s::regclass, %s)", [sequence, max(given, newest + by)])
