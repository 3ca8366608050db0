"""`manage.py load_demo_world`: people and months of orders to look at, made by the real verbs."""

import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import clock
from vtask.demo_world import bank, cashier, logins, texts, world
from vtask.demo_world.logins import demo_logins

__all__ = ["Command", "demo_logins"]


class Command(BaseCommand):
    help = "Fills an empty site with a believable market. Does nothing when it is there."

    def add_arguments(self, parser: CommandParser) -> None:
        size = world.Size()
        parser.add_argument("--seed", default="vtask")
        parser.add_argument("--creators", type=int, default=size.creators)
        parser.add_argument("--merchants", type=int, default=size.merchants)
        parser.add_argument("--orders", type=int, default=size.orders)
        parser.add_argument("--workers", type=int, default=size.workers)

    def handle(self, *_args: Any, seed: str, **options: Any) -> None:
        if settings.VTASK_ENV == "production":
            raise CommandError("Invented people have no place in production.")
        if logins.is_complete():
            return
        size = world.Size(**{name: options[name] for name in world.Size.__annotations__})
        if size.merchants > len(texts.COMPANIES):
            raise CommandError(f"At most {len(texts.COMPANIES)} merchants.")
        began = time.monotonic()
        try:
            states = world.load(
                at=midnight(clock.now()),
                seed=seed,
                size=size,
                payer=cashier.pay,
                open_accounts=bank.open_accounts,
            )
        except (world.UnableToLoad, cashier.UnableToPay) as problem:
            raise CommandError(str(problem)) from problem
        total = sum(states.values())
        told = ", ".join(f"{state} {count}" for state, count in states.items())
        self.stdout.write(f"{total} orders in {time.monotonic() - began:.0f} s: {told}")


def midnight(now: datetime) -> datetime:
    """The last midnight of the site's time zone: the world is the same all day."""
    here = now.astimezone(timezone.get_default_timezone())
    return here.replace(hour=0, minute=0, second=0, microsecond=0)
