# ruff: noqa: E501 - a table reads best with one row per line
"""The tables of docs/scaling.md, each from the costs alone, so that they can be written anew."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.scaling import gateway as asking
from bench.scaling import path as growth
from bench.scaling.carriers import carriers
from bench.scaling.costs import Costs
from bench.scaling.flows import BUSIEST, DAY_S, HOUR_S, LIFE
from bench.scaling.path import CREATORS, NOTICES, TARGET, Step, busiest_per_s, per_order
from bench.scaling.queueing import drain_s, mean_wait_s
from bench.scaling.simulation import (
    BROKER,
    BURST,
    DATABASE,
    GATEWAY,
    LETTERS_PER_RUN,
    MAIL_EVERY_S,
    Day,
    Plan,
    Queue,
    Trouble,
    run,
)
from settlement.recon import recheck, watch
from tasks import jobs
from vtask.beat import BEAT
from vtask.settings import CELERY_TASK_SOFT_TIME_LIMIT

Rows = Sequence[Sequence[str]]
SEED = 1
# The three hours with the busiest one, and the full hour at which most starts are.
FROM_S, FOR_S = 9 * HOUR_S + 1800, 3 * HOUR_S
TEN_THIRTY, ELEVEN = 10 * HOUR_S + 1800, 11 * HOUR_S
THREADS = 4  # of a web process, each with a connection of its own
# Parties that have money in pockets, for the hourly totals.
POCKETS_PER_PARTY = 3
RECHECKS = 3  # of each operation, a day apart


def markdown(title: Sequence[str], rows: Rows) -> str:
    lines = [title, ["---"] + ["---:"] * (len(title) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """As people say it: three digits that count."""
    if math.isinf(value):
        return "never"
    if value and abs(value) < 100:
        return f"{value:.3g}"
    unit = 10 ** max(0, math.floor(math.log10(abs(value) or 1)) - 2)
    return f"{round(value / unit) * unit:,.0f}"


def span(seconds: float | None) -> str:
    if seconds is None or math.isinf(seconds):
        return "not yet"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * HOUR_S else f"{seconds / HOUR_S:.1f} h"


# What an order costs


def costs_table(costs: Costs) -> str:
    rows = [
        ("a life: 13 steps and 4 requests to the gateway", costs.life_python_ms, costs.life_postgres_ms, costs.life_wal_bytes),
        ("of a sweep, one order", costs.sweep_python_ms, costs.sweep_postgres_ms, costs.sweep_wal_bytes),
        ("a look at an open operation", costs.poll_python_ms, costs.poll_postgres_ms, None),
        ("a request signed and its answer verified, without TLS", costs.call_python_ms, None, None),
        ("a notice of the gateway", costs.notice_python_ms, costs.notice_postgres_ms, None),
        ("a letter, without the mail server", costs.letter_python_ms, costs.letter_postgres_ms, None),
        ("a page, the mean of ten", costs.page_python_ms, costs.page_postgres_ms, None),
        ("a visit to a short link", costs.visit_python_ms, costs.visit_postgres_ms, costs.visit_wal_bytes),
        ("the ledger check, one order", costs.check_ms, None, None),
    ]  # fmt: skip
    title = ("step", "Python, ms", "PostgreSQL, ms", "WAL, bytes")
    return markdown(title, [[str(row[0]), *map(_or_none, row[1:])] for row in rows])


def _or_none(value: object) -> str:
    return number(float(value)) if isinstance(value, int | float) else "–"


def speeds_table(costs: Costs) -> str:
    rows = [
        ("whole lives", number(costs.lives_per_s)),
        ("clicks that confirm an order", number(costs.clicks_per_s)),
        ("orders confirmed by a sweep", number(costs.sweep_per_s)),
    ]
    return markdown(("one process by the clock on the wall", "a second"), rows)


def order_table(costs: Costs) -> str:
    cost, life = per_order(costs), LIFE
    rows = [
        ("clicks of people that change something", number(life.clicks)),
        ("pages opened, links followed (assumed)", f"{life.pages:g}, {life.visits:g}"),
        ("verbs of the clock, three reminders among them", number(life.due)),
        ("operations at the gateway", number(life.operations)),
        ("requests to the gateway, queries among them", number(asking.looks_per_order(life))),
        ("… for one payment, of which there is one for five orders", number(asking.looks_per_freeze(life))),
        ("letters", number(life.letters)),
        ("Python in the web, ms", number(cost.web_python_ms)),
        ("Python in the workers, ms", number(cost.worker_python_ms)),
        ("PostgreSQL for reads of pages, ms", number(cost.pages_postgres_ms)),
        ("PostgreSQL for everything else, ms", number(cost.other_postgres_ms)),
        ("on disk for ever, bytes", number(_disk(costs))),
        ("… of which logs that a month's partition could take away", number(_logs(costs))),
        ("WAL, verbs one after the other, bytes", number(costs.life_wal_bytes)),
        ("WAL at most, every verb on pages of its own, bytes", number(growth.most_wal_bytes(costs))),
    ]  # fmt: skip
    return markdown(("of one order", ""), rows)


def _disk(costs: Costs) -> float:
    return costs.life_disk_bytes + NOTICES * costs.notice_disk_bytes


def _logs(costs: Costs) -> float:
    return costs.life_log_bytes + NOTICES * costs.notice_disk_bytes


# The steps


def path_table(steps: Sequence[Step], costs: Costs) -> str:
    title = (
        "step", "database", "orders a day", "by", "database CPU", "web", "workers",
        "mail runs", "connections", "requests/s", "WAL MB/s", "online TB", "TB a year",
    )  # fmt: skip
    return markdown(title, [_path_row(step, costs) for step in steps])


def _path_row(step: Step, costs: Costs) -> list[str]:
    plan = step.plan
    orders = plan.orders_per_day
    shards = f"{plan.shards} × " if plan.shards > 1 else ""
    primary_ms = per_order(costs).primary_ms(plan.read_on_replicas)
    online = growth.disk_bytes(costs, has_partitions=step.has_partitions) * orders
    return [
        plan.name,
        f"{shards}{step.machine.cores} cores",
        number(orders),
        step.limits.by,
        number(growth.cores_for(orders, primary_ms)),
        number(plan.web),
        number(plan.slots),
        str(plan.mail_runs),
        number(THREADS * plan.web + plan.slots),
        number(busiest_per_s(orders, asking.looks_per_order(LIFE))),
        number(busiest_per_s(orders, growth.most_wal_bytes(costs)) / 1e6),
        number(online / 1e12),
        number(_disk(costs) * orders * 365 / 1e12),
    ]


def waits_table(steps: Sequence[Step], costs: Costs, seed: int = SEED) -> str:
    title = (
        "step", "orders a day", "database busy", "a page waits", "gateway p50 / p95 / p99",
        "sweeps p50 / p95 / p99", "letters p50 / p95 / p99", "oldest letter",
    )  # fmt: skip
    return markdown(title, [_waits_row(step.plan, costs, seed) for step in steps])


def _waits_row(plan: Plan, costs: Costs, seed: int) -> list[str]:
    day = run(plan, costs, seed=seed, start_s=FROM_S, seconds=FOR_S)
    return [
        plan.name,
        number(plan.orders_per_day),
        f"{day.busiest:.0%}",
        page_wait(plan, costs),
        waits(day.asks),
        waits(day.sweeps),
        waits(day.letters),
        span(day.letters.oldest_s),
    ]


def page_wait(plan: Plan, costs: Costs) -> str:
    """The mean wait for a web process in the busiest hour (Erlang C)."""
    page_s = (costs.page_python_ms + costs.page_postgres_ms) / 1000
    cost = per_order(costs)
    rate = busiest_per_s(plan.orders_per_day, cost.web_python_ms + cost.pages_postgres_ms)
    wait_ms = 1000 * mean_wait_s(plan.web, rate / 1000 / page_s, page_s)
    return f"{wait_ms:.2g} ms" if wait_ms >= 0.1 else "< 0.1 ms"


def waits(queue: Queue) -> str:
    return " / ".join(span(queue.wait_s(share)) for share in (0.5, 0.95, 0.99))


# When something is away


TROUBLES = {
    "a burst, ten times the mean for ten minutes": Trouble(BURST, ELEVEN, 600),
    "the gateway hangs for an hour": Trouble(GATEWAY, ELEVEN, HOUR_S),
    "the database fails over in 60 s": Trouble(DATABASE, ELEVEN, 60),
    "the broker is away for ten minutes": Trouble(BROKER, ELEVEN, 600),
}


def troubles_table(plan: Plan, costs: Costs, seed: int = SEED) -> str:
    title = (
        "what happens", "requests due at its end", "oldest", "drained after", "by the formula",
        "all decided after", "sweeps drained", "letters drained", "clicks refused",
    )  # fmt: skip
    rows = [_trouble_row(name, t, plan, costs, seed) for name, t in TROUBLES.items()]
    shared = replace(plan, own_pumps=False)
    hangs = "the same hour, all workers on one queue"
    rows.append(_trouble_row(hangs, TROUBLES["the gateway hangs for an hour"], shared, costs, seed))
    return markdown(title, rows)


def _trouble_row(name: str, trouble: Trouble, plan: Plan, costs: Costs, seed: int) -> list[str]:
    seconds = trouble.end_s + 2 * HOUR_S - TEN_THIRTY
    day = run(plan, costs, seed=seed, trouble=trouble, start_s=TEN_THIRTY, seconds=seconds)

    def after(at: int | None) -> str:
        return span(None if at is None else at - trouble.end_s)

    return [
        name,
        number(day.asks.after),
        span(day.asks.oldest_s),
        after(day.asks.drained_at),
        span(by_formula(day, costs)),
        after(day.settled_at),
        after(day.sweeps.drained_at),
        after(day.letters.drained_at),
        number(day.refused),
    ]


def by_formula(day: Day, costs: Costs) -> float:
    """What backlog / (capacity − arrivals) says, of requests to the gateway after the trouble."""
    plan = day.plan
    ask_s = (
        asking.latency_s(LIFE)
        + (costs.poll_python_ms + costs.poll_postgres_ms + costs.call_python_ms) / 1000
    )
    return drain_s(
        day.asks.after,
        min(plan.slots / ask_s, plan.gateway_per_s),
        busiest_per_s(plan.orders_per_day, asking.looks_per_order(LIFE)),
    )


# Numbers in the code


def limits_table(costs: Costs) -> str:
    title = ("what", "the code", "enough for")
    return markdown(title, _limits(costs))


def _limits(costs: Costs) -> Rows:
    checked = CELERY_TASK_SOFT_TIME_LIMIT * 1000 / costs.check_ms
    asked = _per_day("operations closed lately", _limit_of(recheck.run))
    watched = _per_day("freezes near their end", _limit_of(watch.run))
    letters = DAY_S / MAIL_EVERY_S * LETTERS_PER_RUN / BUSIEST / LIFE.letters
    swept = jobs.ROUNDS * jobs.SIZE
    in_time = min(swept, CELERY_TASK_SOFT_TIME_LIMIT * costs.sweep_per_s)
    return [
        ("ledger check", f"all orders within {CELERY_TASK_SOFT_TIME_LIMIT} s", f"{number(checked)} orders in all"),
        ("closed operations asked about again", f"{_limit_of(recheck.run)} in ten minutes, {RECHECKS} times each", f"{number(asked / RECHECKS / LIFE.operations)} orders a day"),
        ("freezes near their end", f"{_limit_of(watch.run)} an hour", f"{number(watched)} of them a day"),
        ("letters", f"{LETTERS_PER_RUN} in {MAIL_EVERY_S} s", f"{number(letters)} orders a day"),
        ("one run of a sweep", f"{number(swept)} orders of a verb", f"{number(in_time)} due at once"),
        ("hourly totals", f"a row for each party and pocket, {POCKETS_PER_PARTY} of them used", f"{number(24 * POCKETS_PER_PARTY * 100_000)} rows a day for 100,000 parties"),
    ]  # fmt: skip


def _limit_of(job: Callable[..., int]) -> int:
    return int(inspect.signature(job).parameters["limit"].default)


def _per_day(entry: str, limit: int) -> float:
    return DAY_S / BEAT[entry]["schedule"] * limit


# Rows


def partitions_table(costs: Costs) -> str:
    """A month of each large table at the target, in all and of one of the shards."""
    shards = next(step.plan.shards for step in growth.path(costs) if step.plan.shards > 1)
    a_month = TARGET * 30
    rows = []
    for name, rows_each, bytes_each in (
        ("settlement_transfer", costs.life_transfers, costs.transfer_bytes),
        ("tasks_orderevent", costs.life_events, costs.event_bytes),
        ("tasks_outbox", LIFE.letters, costs.message_bytes),
        ("settlement_attempt", asking.looks_per_order(LIFE), costs.attempt_bytes),
        ("settlement_notice", NOTICES, costs.notice_disk_bytes),
    ):
        total = a_month * rows_each
        tb = total * bytes_each / 1e12
        rows.append(
            (name, number(bytes_each), number(total / 1e9), number(tb), number(1000 * tb / shards))
        )
    title = ("table", "bytes a row, with indexes", "billion rows", "TB", f"GB of one of {shards}")
    return markdown(title, rows)


def creators_table(costs: Costs) -> str:
    def tb(each: float) -> str:
        return number(each * CREATORS / 1e12)

    rows = [
        ("a complete profile, with indexes", number(costs.creator_disk_bytes), tb(costs.creator_disk_bytes)),
        ("… of which indexes", number(costs.creator_index_bytes), tb(costs.creator_index_bytes)),
        ("… of which the three lists that can be sorted", number(costs.listing_index_bytes), tb(costs.listing_index_bytes)),
    ]  # fmt: skip
    return markdown(("of one creator", "bytes", f"TB of {CREATORS:,}"), rows)


def carriers_table() -> str:
    rows = [
        (
            carrier.table,
            "yes" if carrier.has_merchant else f"no, by {carrier.via}",
            "; ".join(carrier.unique_without) or "–",
        )
        for carrier in carriers()
        if carrier.is_split
    ]
    return markdown(("table", "merchant_id", "unique beside id, without merchant_id"), rows)


NAMES = (
    "costs", "speeds", "order", "path", "waits", "troubles", "limits", "partitions", "creators",
    "carriers",
)  # fmt: skip


def of_document(costs: Costs) -> dict[str, str]:
    """All of them, by the name that marks their place."""
    steps = growth.path(costs)
    found = (
        costs_table(costs),
        speeds_table(costs),
        order_table(costs),
        path_table(steps, costs),
        waits_table(steps, costs),
        troubles_table(steps[-1].plan, costs),
        limits_table(costs),
        partitions_table(costs),
        creators_table(costs),
        carriers_table(),
    )
    return dict(zip(NAMES, found, strict=True))
