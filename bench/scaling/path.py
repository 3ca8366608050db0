"""The steps of the growth path: what each needs for its orders, by arithmetic alone.

A machine is full when its cores are busy for `FULL` of the busiest hour: what is left is for a
burst, a vacuum, and the machine that just died.
"""

import math
from dataclasses import dataclass, replace

from bench.scaling import gateway as asking
from bench.scaling.costs import Costs
from bench.scaling.demand import NOTICES, ask_s, letter_s, per_order, web_s
from bench.scaling.flows import BUSIEST, DAY_S, LIFE, Life
from bench.scaling.queueing import servers_for
from bench.scaling.simulation import LETTERS_PER_RUN, MAIL_EVERY_S, Plan

FULL = 0.6
TARGET = 10_000_000  # orders a day
CREATORS = 100_000_000
# Of the reads of pages: lists, discovery and reports, which may be a second old.
ON_REPLICAS = 0.7
SKEW = 1.3  # the fullest shard beside the mean


def carried(cores: float, ms_per_order: float, skew: float = 1.0) -> float:
    """Orders a day that so many cores carry, when one order keeps a core busy for so long."""
    return cores * 1000 * DAY_S * FULL / (BUSIEST * skew * ms_per_order)


def cores_for(orders_per_day: float, ms_per_order: float, skew: float = 1.0) -> float:
    """The other way round."""
    return orders_per_day * BUSIEST * skew * ms_per_order / (1000 * DAY_S * FULL)


def busiest_per_s(orders_per_day: float, per_order: float) -> float:
    """In the busiest hour."""
    return orders_per_day * per_order * BUSIEST / DAY_S


def two_digits(value: float) -> float:
    """Rounded down to two digits that count."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / unit) * unit


def slots_for(orders_per_day: float, costs: Costs, life: Life = LIFE) -> int:
    """Celery processes: for looks, letters and sweeps, busy for `FULL` of the busiest hour."""
    busy = (
        busiest_per_s(orders_per_day, asking.looks_per_order(life)) * ask_s(costs, life)
        + busiest_per_s(orders_per_day, life.letters) * letter_s(costs, life)
        + busiest_per_s(orders_per_day, life.due) / costs.sweep_per_s
    )
    return max(4, math.ceil(busy / FULL))


def web_for(orders_per_day: float, costs: Costs, life: Life = LIFE) -> int:
    """Processes of the web: hardly one visitor in ten waits (Erlang C), none is busier than
    `FULL` in the busiest hour.
    """
    page_s = (costs.page_python_ms + costs.page_postgres_ms) / 1000
    busy = busiest_per_s(orders_per_day, web_s(costs, life))
    return max(servers_for(busy / page_s, page_s, most_waiting=0.1), math.ceil(busy / FULL))


def mail_runs_for(orders_per_day: float, life: Life = LIFE) -> int:
    """Runs that each beat would have to start; the code has one."""
    each = LETTERS_PER_RUN / MAIL_EVERY_S
    return max(1, math.ceil(busiest_per_s(orders_per_day, life.letters) / each / FULL))


# What a machine of the database has


@dataclass(frozen=True, slots=True)
class Machine:
    """Of one shard: cores, terabytes of disk, and WAL that it can write, archive and replicate."""

    cores: int
    disk_tb: float
    wal_mb_per_s: float = 200.0


SMALL, MIDDLE = Machine(2, 1), Machine(16, 4)
LARGE, LARGEST, SHARD = Machine(32, 16), Machine(64, 16), Machine(32, 16)
# How long rows stay online: everything for a year, or with partitions the logs for a quarter.
YEAR, QUARTER = 365, 91
BURST = 10  # times the mean, which must be carried with nothing to spare


def disk_bytes(costs: Costs, *, has_partitions: bool) -> float:
    """Online, for one order a day."""
    logs = costs.life_log_bytes + NOTICES * costs.notice_disk_bytes
    kept = costs.life_disk_bytes - costs.life_log_bytes
    visits = LIFE.visits * costs.visit_disk_bytes * 2  # two days
    return kept * YEAR + logs * (QUARTER if has_partitions else YEAR) + visits


def most_wal_bytes(costs: Costs) -> float:
    """Of one order, when every verb is the first on its pages since a checkpoint."""
    return costs.life_events * costs.verb_wal_bytes_apart + LIFE.visits * costs.visit_wal_bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """Orders a day that each resource of the database carries; the least of them counts."""

    cpu: float
    disk: float
    wal: float
    burst: float = math.inf

    @property
    def orders_per_day(self) -> float:
        return min(self.cpu, self.disk, self.wal, self.burst)

    @property
    def by(self) -> str:
        found = {"CPU": self.cpu, "disk": self.disk, "WAL": self.wal, "a burst": self.burst}
        return min(found, key=lambda name: found[name])


def limits(
    costs: Costs,
    machine: Machine,
    ms_per_order: float,
    *,
    has_partitions: bool = False,
    skew: float = 1.0,
    in_burst: bool = False,
) -> Limits:
    busiest = BUSIEST / DAY_S
    return Limits(
        cpu=carried(machine.cores, ms_per_order, skew),
        disk=machine.disk_tb * 1e12 / (disk_bytes(costs, has_partitions=has_partitions) * skew),
        wal=machine.wal_mb_per_s * 1e6 / (most_wal_bytes(costs) * busiest * skew),
        burst=machine.cores * 1000 * DAY_S / (BURST * skew * ms_per_order)
        if in_burst
        else math.inf,
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path."""

    plan: Plan
    limits: Limits
    machine: Machine
    has_partitions: bool = False


def path(costs: Costs, life: Life = LIFE, orders_per_day: float = TARGET) -> list[Step]:
    """The steps, each with the orders that it carries and the processes that it needs; the last
    with as many shards as the orders asked for need.
    """
    cost = per_order(costs, life)
    all_ms, primary_ms = cost.python_ms + cost.postgres_ms, cost.primary_ms(ON_REPLICAS)
    found = [
        ("1. one machine, 2 cores", SMALL, limits(costs, SMALL, all_ms)),
        ("2. one machine, 16 cores", MIDDLE, limits(costs, MIDDLE, all_ms)),
        ("3. web and workers apart", LARGE, limits(costs, LARGE, cost.postgres_ms)),
    ]
    steps = [
        Step(_manned(Plan(name, of.orders_per_day, cores=m.cores), costs, life), of, m)
        for name, m, of in found
    ]
    of = limits(costs, LARGEST, primary_ms, has_partitions=True)
    plan = Plan(
        "4. replicas, partitions", of.orders_per_day, cores=LARGEST.cores,
        own_pumps=True, read_on_replicas=ON_REPLICAS,
    )  # fmt: skip
    steps.append(Step(_manned(plan, costs, life), of, LARGEST, has_partitions=True))
    of = limits(costs, SHARD, primary_ms, has_partitions=True, skew=SKEW, in_burst=True)
    shards = shards_for(orders_per_day / of.orders_per_day)
    plan = Plan(
        "5. shards by merchant", orders_per_day, shards=shards, cores=SHARD.cores,
        own_pumps=True, skew=SKEW, read_on_replicas=ON_REPLICAS,
    )  # fmt: skip
    steps.append(Step(_manned(plan, costs, life), of, SHARD, has_partitions=True))
    return steps


def shards_for(needed: float) -> int:
    """The next power of two, so that shards are halved when they are full."""
    return int(2 ** math.ceil(math.log2(max(1.0, needed))))


def _manned(plan: Plan, costs: Costs, life: Life) -> Plan:
    orders = two_digits(plan.orders_per_day)
    return replace(
        plan,
        orders_per_day=orders,
        web=web_for(orders, costs, life),
        slots=slots_for(orders, costs, life),
        mail_runs=mail_runs_for(orders, life),
    )
