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
from bench.scaling.demand import NOTICES, ask_s, per_order, web_s
from bench.scaling.flows import BUSIEST, DAY_S, HOUR_S, LIFE
from bench.scaling.path import CREATORS, TARGET, Step, busiest_per_s
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
from vtask.beat import BEAT
from vtask.settings import CELERY_TASK_SOFT_TIME_LIMIT

Rows = Sequence[Sequence[str]]
SEED = 1
# From before the full hour at which most starts are into the busiest one.
FROM_S, FOR_S = 9 * HOUR_S + 1800, 2 * HOUR_S
TEN_THIRTY, ELEVEN = 10 * HOUR_S + 1800, 11 * HOUR_S
THREADS = 4  # of a web process, each with a connection of its own
# Parties that have money in pockets, for the hourly totals.
POCKETS_PER_PARTY, PARTIES = 3, 10_000
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
        (f"a life, with {costs.life_asks} requests to the gateway", costs.life_python_ms, costs.life_postgres_ms, costs.life_wal_bytes),
        ("a confirmation by a click, on pages of its own", costs.click_python_ms, costs.click_postgres_ms, costs.verb_wal_bytes_apart),
        ("a confirmation by a sweep, of 500", costs.sweep_python_ms, costs.sweep_postgres_ms, costs.sweep_wal_bytes),
        ("a look at a payment that nobody has confirmed", costs.poll_python_ms, costs.poll_postgres_ms, None),
        ("… the claim in it", None, costs.claim_postgres_ms, None),
        ("… behind 100,000 dead versions of operations", None, costs.claim_behind_dead_ms, None),
        ("a request signed and its answer verified, without TLS", costs.call_python_ms, None, None),
        ("a notice of the gateway", costs.notice_python_ms, costs.notice_postgres_ms, None),
        ("a letter, without the mail server", costs.letter_python_ms, costs.letter_postgres_ms, None),
        ("a page, the mean of ten", costs.page_python_ms, costs.page_postgres_ms, None),
        ("a reader who follows a short link", costs.visit_python_ms, costs.visit_postgres_ms, costs.visit_wal_bytes),
        ("the ledger check, one order, both together", costs.check_ms, None, None),
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
        ("statements of a life; of them for its operations", f"{costs.life_statements}; {costs.life_gateway_statements}"),
        ("Python in the web, ms", number(cost.web_python_ms)),
        ("Python in the workers, ms", number(cost.worker_python_ms)),
        ("PostgreSQL for reads of pages, ms", number(cost.pages_postgres_ms)),
        ("PostgreSQL for everything else, ms", number(cost.other_postgres_ms)),
        ("on disk for ever, bytes", number(_disk(costs))),
        ("… of which logs: attempts, notices, messages, events", number(_logs(costs))),
        ("WAL, verbs one after the other, bytes", number(costs.life_wal_bytes)),
        ("WAL at most, every verb on pages of its own, bytes", number(growth.most_wal_bytes(costs))),
    ]  # fmt: skip
    return markdown(("of one order", ""), rows)


def _disk(costs: Costs) -> float:
    return costs.life_disk_bytes + NOTICES * costs.notice_disk_bytes


def _logs(costs: Costs) -> float:
    return costs.life_log_bytes + NOTICES * costs.notice_disk_bytes


# The steps


def path_table(steps: Sequence[Step]) -> str:
    """What each step carries, by each of its resources."""
    title = ("step", "database", "CPU", "disk", "WAL", "a burst", "carries, orders a day", "limit")
    return markdown(title, [_path_row(step) for step in steps])


def _path_row(step: Step) -> list[str]:
    plan, of = step.plan, step.limits
    shards = f"{plan.shards} × " if plan.shards > 1 else ""
    each = [number(limit * plan.shards) for limit in (of.cpu, of.disk, of.wal)]
    burst = "–" if math.isinf(of.burst) else number(of.burst * plan.shards)
    machine = f"{shards}{step.machine.cores} cores, {step.machine.disk_tb:g} TB"
    return [plan.name, machine, *each, burst, number(plan.orders_per_day), of.by]


def needs_table(steps: Sequence[Step], costs: Costs) -> str:
    """What each step needs for its orders in the busiest hour."""
    title = (
        "step", "orders a day", "cores: Python", "primary", "replicas", "web", "workers",
        "mail runs", "connections", "requests/s", "WAL MB/s", "online TB", "TB a year",
    )  # fmt: skip
    return markdown(title, [_needs_row(step, costs) for step in steps])


def _needs_row(step: Step, costs: Costs) -> list[str]:
    plan, cost = step.plan, per_order(costs)
    orders = plan.orders_per_day
    primary_ms = cost.primary_ms(plan.read_on_replicas)
    online = growth.disk_bytes(costs, has_partitions=step.has_partitions) * orders
    return [
        plan.name,
        number(orders),
        number(growth.cores_for(orders, cost.python_ms)),
        number(growth.cores_for(orders, primary_ms)),
        number(growth.cores_for(orders, cost.postgres_ms - primary_ms)),
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
        f"{100 * day.busiest:.0f} %",
        page_wait(plan, costs),
        waits(day.asks),
        waits(day.sweeps),
        waits(day.letters),
        span(day.letters.oldest_s),
    ]


def page_wait(plan: Plan, costs: Costs) -> str:
    """The mean wait for a web process in the busiest hour (Erlang C)."""
    page_s = (costs.page_python_ms + costs.page_postgres_ms) / 1000
    rate = busiest_per_s(plan.orders_per_day, web_s(costs)) / page_s
    wait_ms = 1000 * mean_wait_s(plan.web, rate, page_s)
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
        "all decided after", "sweeps drained", "letters drained", "a click waits", "clicks refused",
    )  # fmt: skip
    shared, ready = replace(plan, own_pumps=False), replace(plan, web=web_in_burst(plan, costs))
    asked = [(name, trouble, plan) for name, trouble in TROUBLES.items()]
    asked[1:1] = [(f"… with {number(ready.web)} processes of the web", asked[0][1], ready)]
    asked[3:3] = [("… with all workers on one queue", asked[2][1], shared)]
    rows = [_trouble_row(name, trouble, of, costs, seed) for name, trouble, of in asked]
    return markdown(title, rows)


def web_in_burst(plan: Plan, costs: Costs) -> int:
    """As many processes as are busy when ten times the mean come."""
    return math.ceil(growth.BURST * plan.orders_per_day / DAY_S * web_s(costs))


def _trouble_row(name: str, trouble: Trouble, plan: Plan, costs: Costs, seed: int) -> list[str]:
    afterwards_s = 2 * HOUR_S if trouble.kind == GATEWAY else HOUR_S
    seconds = trouble.end_s + afterwards_s - TEN_THIRTY
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
        span(day.clicks.oldest_s),
        number(day.refused),
    ]


def by_formula(day: Day, costs: Costs) -> float:
    """What backlog / (capacity − arrivals) says, of requests to the gateway after the trouble."""
    plan = day.plan
    return drain_s(
        day.asks.after,
        min(plan.slots / ask_s(costs), plan.gateway_per_s),
        busiest_per_s(plan.orders_per_day, asking.looks_per_order(LIFE)),
    )


# Numbers in the code


def limits_table(costs: Costs) -> str:
    title = ("what", "the code", "enough for")
    return markdown(title, _limits(costs))


def _limits(costs: Costs) -> Rows:
    seconds = CELERY_TASK_SOFT_TIME_LIMIT
    checked = seconds * 1000 / costs.check_ms
    asked = _per_day("operations closed lately", _limit_of(recheck.run))
    watched = _per_day("freezes near their end", _limit_of(watch.run))
    letters = DAY_S / MAIL_EVERY_S * LETTERS_PER_RUN / BUSIEST / LIFE.letters
    totals = 24 * POCKETS_PER_PARTY * PARTIES
    return [
        ("closed operations asked about again", f"{number(_limit_of(recheck.run))} in ten minutes, each {RECHECKS} times", f"{number(asked / RECHECKS / LIFE.operations)} orders a day"),
        ("freezes near their end", f"{_limit_of(watch.run)} an hour", f"{number(watched)} of them a day"),
        ("ledger check", f"all orders within {seconds} s", f"{number(checked)} orders in all"),
        ("hourly totals", f"a row for each party and pocket; {POCKETS_PER_PARTY} are used", f"{PARTIES:,} parties write {number(totals)} rows a day"),
        ("letters", f"{LETTERS_PER_RUN} in {MAIL_EVERY_S} s", f"{number(letters)} orders a day"),
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
    "costs", "speeds", "order", "path", "needs", "waits", "troubles", "limits", "partitions", "creators",
    "carriers",
)  # fmt: skip


def of_document(costs: Costs) -> dict[str, str]:
    """All of them, by the name that marks their place."""
    steps = growth.path(costs)
    found = (
        costs_table(costs),
        speeds_table(costs),
        order_table(costs),
        path_table(steps),
        needs_table(steps, costs),
        waits_table(steps, costs),
        troubles_table(steps[-1].plan, costs),
        limits_table(costs),
        partitions_table(costs),
        creators_table(costs),
        carriers_table(),
    )
    return dict(zip(NAMES, found, strict=True))
