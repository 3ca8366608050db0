"""The whole world: people, their accounts at the local Alipay, and the months behind them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from policy.models import FeePolicy
from policy.queries import in_force
from settlement import check
from settlement.models import Operation
from tasks.models import Order, Outbox, Task
from vtask.demo_world import logins, people, reads, showcase, texts
from vtask.demo_world.calendar import Calendar
from vtask.demo_world.cashier import Payer
from vtask.demo_world.history import History
from vtask.demo_world.people import People
from vtask.demo_world.plan import Market, Planner
from vtask.demo_world.workers import Workers, hurry

CAMPAIGN_FEE_BPS = 2000
FULL_SIZE_ORDERS = 200
OPS_JOINED = timedelta(days=500)
UNSEEN_EACH = 5


@dataclass(frozen=True)
class Size:
    """How much of everything. `workers` threads carry operations; 0 leaves all to the caller."""

    creators: int = 300
    merchants: int = 30
    orders: int = 500
    workers: int = 3


class UnableToLoad(RuntimeError):
    """The world does not hold together."""


def load(
    *,
    at: datetime,
    seed: str,
    size: Size,
    payer: Payer,
    open_accounts: Callable[[People], None],
) -> dict[str, int]:
    """Make the world that ends at the midnight `at`; returns how many orders are in each state.

    What an interrupted run has made is kept, and the rest is added. Raises UnableToLoad.
    """
    hurry()
    begun = User.objects.filter(email=people.OPS).first()
    if begun is not None:
        at = (begun.joined_at + OPS_JOINED).astimezone(at.tzinfo)
        crowd = people.load()
    else:
        rng = _rng(seed, "people")
        crowd = people.make(rng, at=at, merchants=size.merchants, creators=size.creators)
    _set_campaign_fee(crowd.ops, at)
    open_accounts(crowd)
    planner = plan(crowd, at=at, seed=seed, orders=size.orders)
    with Workers(size.workers) as workers:
        history = History(
            crowd,
            planner.tasks,
            workers,
            payer,
            seed=seed,
            policy=in_force(at),
            is_repeat=bool(begun),
        )
        history.play(planner.steps())
        history.remind_until(at)
    reads.make(at=at, seed=seed)
    _number_messages()
    _forget_messages()
    _see_messages()
    _prove(at)
    logins.give_second_factor(crowd.ops)
    return states()


def plan(crowd: People, *, at: datetime, seed: str, orders: int) -> Planner:
    """What happens to the orders of these people. Asks the database for nothing."""
    market = Market(
        buyers={place: texts.COMPANIES[place].domain for place in crowd.buyers},
        sellers={place: crowd.domain_of[crowd.creators[place].pk] for place in crowd.sellers},
    )
    planner = Planner(_rng(seed, "plan"), Calendar(at, seed), market)
    showcase.add(planner, is_small=orders < FULL_SIZE_ORDERS)
    planner.fill(orders)
    # As they would be: who sends first has the lower number.
    return planner


def states() -> dict[str, int]:
    counted = Order.objects.values_list("state").annotate(Count("pk")).order_by("state")
    return dict(counted)


def _rng(seed: str, part: str) -> random.Random:
    return random.Random(f"{seed}:{part}")  # noqa: S311 - the same every time is the point


def _set_campaign_fee(ops: User, at: datetime) -> None:
    """V59: 20 % inside a campaign, none elsewhere."""
    FeePolicy.objects.get_or_create(
        name=texts.CAMPAIGN,
        defaults={
            "rate_bps": CAMPAIGN_FEE_BPS,
            "scope": FeePolicy.Scope.CAMPAIGN,
            "campaign": texts.CAMPAIGN,
            "starts_at": at - timedelta(days=150),
            "ends_at": at + timedelta(days=60),
            "made_by": ops,
            "reason": "平台大促活动，按活动方案收取技术服务费。",
        },
    )


def _number_messages() -> None:
    """Messages are read by their number, the newest first. What was added to the history when it
    had been played gets its number by its time, as in life.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_outbox SET id = -placed.place FROM "
            "(SELECT id, row_number() OVER (ORDER BY at, id) AS place FROM tasks_outbox) AS placed "
            "WHERE tasks_outbox.id = placed.id"
        )
        cursor.execute("UPDATE tasks_outbox SET id = -id")


def _forget_messages() -> None:
    """Nobody wants thousands of e-mails about the past: they count as sent when they were due."""
    Outbox.objects.filter(done_at=None).update(done_at=F("at"), delivery=Outbox.Delivery.SENT)


def _see_messages() -> None:
    """Everybody has looked at the bell, but not yet at the last few messages."""
    newest = Window(RowNumber(), partition_by=[F("to"), F("party")], order_by="-id")
    unseen = Outbox.objects.annotate(place=newest).filter(place__lte=UNSEEN_EACH)
    Outbox.objects.exclude(pk__in=unseen.values("pk")).update(seen_at=F("at"))


def _prove(at: datetime) -> None:
    """Every fen is where the transfers say, and the gateway owes no answer."""
    result = check.run(at=at)
    if not result.is_ok:
        raise UnableToLoad("\n".join(result.differences))
    if still_open := Operation.objects.filter(resolved_at=None).count():
        raise UnableToLoad(f"{still_open} operations have no answer")
    if Task.objects.filter(sent_at__gt=at).exists():
        raise UnableToLoad("something happens after the end of history")
