"""The queues at the size of the growth path: the formulas against known values, the fluid against
its laws and against single events, and docs/scaling.md against both.
"""

import json
import math
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from bench import scale
from bench.scaling import events, flows, queueing, tables, taken
from bench.scaling import gateway as asking
from bench.scaling import path as growth
from bench.scaling.carriers import carriers
from bench.scaling.costs import MEASURED, latest, of_json
from bench.scaling.demand import ask_s
from bench.scaling.flows import DAY_S, HOUR_S, LIFE, Life, busy
from bench.scaling.simulation import (
    BROKER,
    DATABASE,
    GATEWAY,
    PATIENCE_S,
    Day,
    Plan,
    Queue,
    Trouble,
    by_hand,
    run,
)
from settlement import operations

ELEVEN = 11 * HOUR_S
# Nothing that the clock does, and a database that is never the limit: only people and the gateway.
NO_CLOCK = Life(unpaid=0, lapsed=0, overdue=0, disputed=0, confirmed_by_clock=0)
# Costs that stay when others are measured.
KNOWN = replace(
    MEASURED, life_python_ms=50, life_postgres_ms=30, life_statements=60,
    life_gateway_statements=30, life_asks=4, page_python_ms=25, page_postgres_ms=8,
    visit_python_ms=4, visit_postgres_ms=1, poll_python_ms=3, poll_postgres_ms=2, call_python_ms=2,
    letter_python_ms=4, letter_postgres_ms=1, notice_python_ms=4, notice_postgres_ms=1,
    sweep_python_ms=0.2, sweep_postgres_ms=0.2, sweep_per_s=900,
)  # fmt: skip
QUICK = replace(KNOWN, poll_python_ms=0, poll_postgres_ms=0, call_python_ms=0)


def a_plan(**facts: float | bool | str) -> Plan:
    return replace(
        Plan("a machine", 200_000, cores=1_000, web=1_000, slots=40, own_pumps=True),
        **facts,  # type: ignore[arg-type]
    )


def an_hour(plan: Plan, *, trouble: Trouble | None = None, seed: int = 1) -> Day:
    """The busiest hour of people, without the clock's verbs."""
    return run(
        plan, QUICK, life=NO_CLOCK, trouble=trouble, seed=seed, start_s=ELEVEN, seconds=HOUR_S
    )


def rates(plan: Plan, life: Life = NO_CLOCK) -> dict[int, float]:
    """The operations a second that the same hour begins with."""
    people = plan.orders_per_day / DAY_S * busy(ELEVEN)
    sends = life.accepted + life.paid * life.declined + by_hand(life)
    return {asking.FREEZE: people * life.freezes, asking.SEND: people * sends}


# The formulas


@pytest.mark.parametrize(
    ("servers", "load", "waits"),
    [
        (1, 0.5, 0.5),  # M/M/1: as probable as the server is busy
        (2, 1.0, 1 / 3),
        (3, 2.0, 4 / 9),
        (10, 8.0, 0.40918),
        (2, 2.0, 1.0),
    ],
)
def test_erlang_c_gives_the_known_values(servers: int, load: float, waits: float) -> None:
    assert queueing.erlang_c(servers, load) == pytest.approx(waits, abs=1e-5)


def test_one_server_waits_as_the_formula_of_m_m_1_says() -> None:
    # Half busy with services of a second: one second of waiting.
    assert queueing.mean_wait_s(1, 0.5, 1.0) == pytest.approx(1.0)


def test_the_share_that_does_not_wait_waits_nothing() -> None:
    assert queueing.wait_within_s(2, 1.0, 1.0, share=0.5) == 0
    assert queueing.wait_within_s(2, 1.0, 1.0, share=0.95) == pytest.approx(math.log(20 / 3))


def test_an_overloaded_queue_never_ends() -> None:
    assert queueing.mean_wait_s(2, 3, 1) == math.inf
    assert queueing.drain_s(100, capacity_per_s=5, arrivals_per_s=5) == math.inf


def test_the_fewest_servers_are_enough_and_one_less_is_not() -> None:
    servers = queueing.servers_for(100, 0.2, most_waiting=0.1)

    assert queueing.erlang_c(servers, 20) <= 0.1 < queueing.erlang_c(servers - 1, 20)


# What an operation goes through


def test_the_waits_are_those_of_the_code() -> None:
    waits = [asking.wait_s(look) for look in range(asking.DOUBT, asking.LOOKS)]

    assert waits == [step.total_seconds() for step in operations.STEPS]
    assert asking.wait_s(asking.SOON) == operations.POLL_PAYER.total_seconds()
    assert asking.wait_s(asking.REFUND_QUERY) == operations.REFUND_QUERY_AFTER.total_seconds()


def test_a_doubt_leads_to_the_next_step_and_the_last_one_repeats() -> None:
    assert asking.doubt(asking.SEND) == asking.DOUBT
    assert asking.doubt(asking.DOUBT) == asking.DOUBT + 1
    assert asking.doubt(asking.LOOKS - 1) == asking.LOOKS - 1


@pytest.mark.parametrize("look", range(asking.LOOKS))
def test_no_operation_is_lost_or_doubled_by_a_look(look: int) -> None:
    chances, dice = asking.Chances.of(LIFE), Random(1)

    for n in (0, 1, 2, 7, 1_000):
        assert sum(m for _, m in asking.told(look, n, chances, dice)) == n


def test_the_hours_of_the_day_make_one_day() -> None:
    assert sum(busy(hour * HOUR_S) for hour in range(24)) == pytest.approx(24)


def test_all_that_the_clock_finds_due_in_a_day_is_what_the_life_says() -> None:
    due = sum(sum(flows.due_at(second, LIFE)) for second in range(0, DAY_S, HOUR_S))
    spread = sum(flows.due_at(second, LIFE)[0] for second in range(0, DAY_S, HOUR_S))

    # Once an hour: what is spread counts for all of its seconds.
    assert due + spread * (HOUR_S - 1) == pytest.approx(LIFE.due)


# Laws of the fluid


@pytest.mark.parametrize("kind", [None, GATEWAY, DATABASE, BROKER])
def test_what_has_arrived_is_done_or_waits(kind: str | None) -> None:
    trouble = kind and Trouble(kind, ELEVEN + 600, 300)
    plan = a_plan(slots=30, cores=0.5, own_pumps=False)

    day = run(plan, KNOWN, trouble=trouble or None, start_s=ELEVEN - HOUR_S, seconds=2 * HOUR_S)

    assert [q.arrived for q in day.queues] == [q.done + q.waiting for q in day.queues]
    assert [q.waiting for q in day.queues] == [sum(c[2] for c in q.cohorts) for q in day.queues]
    assert day.began == day.ended + day.asks.waiting + day.resting


def test_who_comes_first_is_served_first() -> None:
    queue = Queue("letters")
    queue.add(0, 1, 3)
    queue.add(5, 2, 3)

    assert queue.take(10, 4) == [(1, 3), (2, 1)]
    assert queue.waits == {10: 3, 5: 1}
    assert queue.waiting == 2


def test_parts_of_a_whole_are_kept_for_the_next_second() -> None:
    queue = Queue("letters")
    queue.add(0, 0, 3)

    assert [len(queue.take(second, 0.5)) for second in range(4)] == [0, 1, 0, 1]


def test_little_s_law_holds() -> None:
    plan = a_plan(slots=12)

    day = run(
        plan,
        QUICK,
        life=NO_CLOCK,
        start_s=ELEVEN,
        seconds=HOUR_S,
        trouble=Trouble(BROKER, ELEVEN + 60, 60),
    )
    mean = day.asks.area / day.seconds

    assert day.asks.waiting == 0
    assert mean == pytest.approx(queueing.little(day.asks.done / day.seconds, day.asks.mean_wait_s))


def test_a_backlog_drains_in_its_size_through_what_the_capacity_is_above_the_arrivals() -> None:
    plan, trouble = a_plan(slots=5), Trouble(BROKER, ELEVEN + 300, 600)
    sure = replace(NO_CLOCK, orders_per_task=10**9, lost_answers=0)  # one request each
    arrivals_per_s = growth.busiest_per_s(plan.orders_per_day, sure.sends)

    day = run(
        plan, QUICK, life=sure, trouble=trouble, start_s=ELEVEN, seconds=HOUR_S
    )  # fmt: skip
    drained_at = day.asks.drained_at
    # It counts as drained when nobody waits for longer than this.
    backlog = day.asks.after - PATIENCE_S * arrivals_per_s
    capacity_per_s = plan.slots / ask_s(QUICK, sure)

    assert drained_at is not None
    assert drained_at - trouble.end_s == pytest.approx(
        queueing.drain_s(backlog, capacity_per_s, arrivals_per_s), rel=0.1
    )


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    days = [an_hour(a_plan(), seed=seed) for seed in (1, 1, 2)]

    assert days[0] == days[1]
    assert days[0].asks.arrived != days[2].asks.arrived


def test_more_workers_never_wait_longer() -> None:
    trouble = Trouble(BROKER, ELEVEN + 300, 120)
    waits = [
        an_hour(a_plan(slots=slots), trouble=trouble).asks.mean_wait_s for slots in (12, 24, 48, 96)
    ]

    assert waits == sorted(waits, reverse=True)


def test_a_gateway_s_limit_is_never_passed() -> None:
    day = an_hour(a_plan(gateway_per_s=20.0))

    assert day.busiest_asks <= 20
    assert day.asks.waiting > 0


def test_a_hanging_gateway_stops_the_sweeps_of_workers_that_carry_everything() -> None:
    trouble = Trouble(GATEWAY, ELEVEN, 1_200)
    apart, together = (
        run(a_plan(own_pumps=own), KNOWN, trouble=trouble, start_s=ELEVEN - 60, seconds=1_260)
        for own in (True, False)
    )

    assert apart.sweeps.after == 0
    assert together.sweeps.after > 500


def test_clicks_wait_for_the_web_when_too_many_come() -> None:
    few, many = (an_hour(a_plan(web=web)).clicks for web in (3, 20))

    assert many.oldest_s == 0
    assert few.waiting > 0


def test_a_dead_database_refuses_clicks_and_loses_no_operation() -> None:
    trouble = Trouble(DATABASE, ELEVEN + 300, 60)

    day = an_hour(a_plan(), trouble=trouble)

    assert day.refused > 0
    assert day.clicks.arrived == day.clicks.done
    assert day.began == day.ended + day.asks.waiting + day.resting


# The fluid and single events agree


@pytest.mark.parametrize("orders", [50_000, 200_000])
def test_the_fluid_asks_as_often_as_single_operations_do(orders: int) -> None:
    plan = a_plan(orders_per_day=orders)

    fluid = an_hour(plan)
    exact = events.run(rates(plan), slots=plan.slots, seconds=HOUR_S, life=NO_CLOCK)

    assert fluid.began == pytest.approx(exact.began, rel=0.03)
    assert fluid.asks.done == pytest.approx(exact.looks, rel=0.06)
    assert fluid.ended == pytest.approx(exact.ended, rel=0.03)


def test_the_fluid_drains_after_an_outage_as_single_operations_do() -> None:
    plan, trouble = a_plan(), Trouble(GATEWAY, ELEVEN + 600, 300)

    fluid = an_hour(plan, trouble=trouble)
    exact = events.run(
        rates(plan), slots=plan.slots, seconds=HOUR_S, life=NO_CLOCK, hangs=(600, 900)
    )

    assert fluid.asks.drained_at is not None
    assert exact.drained_s is not None
    assert fluid.asks.after == pytest.approx(exact.late_after, rel=0.1)
    assert fluid.asks.drained_at - trouble.end_s == pytest.approx(exact.drained_s - 900, abs=15)
    assert fluid.asks.mean_wait_s == pytest.approx(exact.mean_wait_s, rel=0.1)


def test_single_events_wait_as_erlang_says() -> None:
    one_look = replace(NO_CLOCK, lost_answers=0)

    exact = events.run(
        {asking.SEND: 2.0},
        slots=3,
        seconds=12 * HOUR_S,
        life=one_look,
        service=lambda dice: dice.expovariate(1),
    )

    assert exact.mean_wait_s == pytest.approx(queueing.mean_wait_s(3, 2, 1), rel=0.1)


# The costs and the steps


def test_without_a_file_the_costs_are_the_documented_ones(tmp_path: Path) -> None:
    assert latest(tmp_path / "none.json") == MEASURED


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", '[{"case": "life: 1 process, "}]'])
def test_a_file_that_nobody_can_read_changes_nothing(text: str, tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    file.write_text(text, encoding="utf-8")

    assert latest(file) == MEASURED


def test_the_speeds_are_those_of_the_last_benchmark(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    found = [
        {
            "case": "sweep: 100,000 due of 1,000,000, beside set-based SQL",
            "unit": "/s",
            "ours": 900,
        },
        {"case": "sweep: memory after the last batches", "unit": "MB", "ours": 117},
    ]
    file.write_text(json.dumps(found), encoding="utf-8")

    assert latest(file) == replace(MEASURED, sweep_per_s=900)


def test_costs_survive_being_written_down() -> None:
    costs = replace(MEASURED, page_python_ms=12.5)

    assert of_json(costs.as_json()) == costs


def test_what_was_not_measured_stays_as_it_was() -> None:
    told = {
        f"{n} creators": {"tables": {}, "tree": dict.fromkeys(taken.LISTS, 50.2)} for n in (20_000,)
    }
    told |= {f"looking among {n}": {"by name": {"postgres_ms": n / 1_000}} for n in (5_000, 20_000)}

    assert taken.taken(told, MEASURED) == replace(
        MEASURED,
        creator_disk_bytes=0,
        creator_index_bytes=0,
        listing_index_bytes=151,
        name_search_ms_per_1000=1.0,
    )


def test_what_cores_carry_and_what_orders_need_are_one_sum() -> None:
    assert growth.cores_for(growth.carried(16, 250), 250) == pytest.approx(16)


def test_the_last_step_carries_ten_million_orders_a_day() -> None:
    *_, last = growth.path(MEASURED)

    assert last.plan.orders_per_day == 10_000_000
    assert last.plan.shards * last.limits.orders_per_day >= 10_000_000


def test_each_step_carries_more_than_the_one_before() -> None:
    orders = [step.plan.orders_per_day for step in growth.path(KNOWN)]

    assert orders == sorted(set(orders))


def test_dearer_orders_need_more_shards() -> None:
    dear = replace(KNOWN, life_postgres_ms=600)

    assert growth.path(dear)[-1].plan.shards > growth.path(KNOWN)[-1].plan.shards


def test_the_command_takes_other_machines_for_the_last_step() -> None:
    asked = scale.parser().parse_args(["--shards", "32", "--workers", "5000"])

    *others, last = scale.chosen(growth.path(MEASURED), asked)

    assert (last.plan.shards, last.plan.slots) == (32, 5000)
    assert others == growth.path(MEASURED)[:-1]


# The document


@pytest.fixture(scope="module")
def document() -> str:
    return scale.DOCUMENT.read_text(encoding="utf-8")


def test_the_document_shows_what_its_costs_give(document: str) -> None:
    assert scale.written(document, scale.costs_of(document)) == document


def test_the_document_has_a_place_for_every_table(document: str) -> None:
    places = [place[2] for place in scale.TABLE.finditer(document)]

    assert sorted(places) == sorted(tables.NAMES)


def test_the_document_speaks_of_every_table_that_would_be_split(document: str) -> None:
    assert [c.table for c in carriers() if c.is_split and c.table not in document] == []


def test_a_document_without_costs_is_refused() -> None:
    with pytest.raises(ValueError, match="names no costs"):
        scale.costs_of("# Scaling")


def test_numbers_have_three_digits_that_count() -> None:
    said = [tables.number(value) for value in (0, 0.0123456, 70, 1_234, 9_876_543, math.inf)]

    assert said == ["0", "0.0123", "70", "1,230", "9,880,000", "never"]


def test_costs_are_one_plain_row_of_numbers() -> None:
    assert all(isinstance(value, int | float) for value in json.loads(MEASURED.as_json()).values())
