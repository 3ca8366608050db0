"""`manage.py ledger_check`: rebuild every pocket from the transfers and compare."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from settlement import check


class Command(BaseCommand):
    help = "Rebuilds every pocket and chain and compares; ends with 1 when something differs."

    def handle(self, *args: Any, **options: Any) -> None:
        result = check.run(at=clock.now())
        if not result.is_ok:
            raise CommandError("\n".join(result.differences))
        self.stdout.write(
            f"ledger ok: {result.orders} orders, {result.transfers} transfers, "
            f"{result.elapsed_ms} ms"
        )
