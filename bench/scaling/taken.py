"""From what the measuring process told to the costs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import mean
from typing import Any

from bench.scaling.costs import Costs

Told = Mapping[str, Any]
# The parts of a life that are logs.
LOGS = ("settlement_attempt", "tasks_outbox", "tasks_orderevent")
LISTS = ("creator_by_followers", "creator_by_reads", "creator_by_price")
FEW, MANY = 5_000, 20_000


def taken(told: Told, before: Costs) -> Costs:
    """The costs with what was measured; of parts that were left out they stay as before."""
    found: dict[str, float] = {}
    for part in (of_orders, of_a_world, of_creators):
        try:
            found |= part(told)
        except KeyError:
            continue
    return replace(before, **found)  # type: ignore[arg-type]


def of_orders(told: Told) -> dict[str, float]:
    life, tables = told["life"], told["life"]["tables"]
    visit, follow = told["visit"], told["follow"]
    steps = life["steps"].items()
    return {
        "life_python_ms": life["python_ms"],
        "life_postgres_ms": life["postgres_ms"],
        "life_statements": life["statements"],
        "life_gateway_statements": sum(n for step, n in steps if step.startswith("gateway")),
        "life_asks": round(tables["settlement_attempt"]["rows"]),
        "life_wal_bytes": life["wal_bytes"],
        "life_disk_bytes": round(sum(table["bytes"] for table in tables.values())),
        "life_log_bytes": round(sum(tables[name]["bytes"] for name in LOGS)),
        "life_transfers": round(tables["settlement_transfer"]["rows"]),
        "transfer_bytes": each(tables["settlement_transfer"]),
        "life_events": round(tables["tasks_orderevent"]["rows"]),
        "event_bytes": each(tables["tasks_orderevent"]),
        "message_bytes": each(tables["tasks_outbox"]),
        "attempt_bytes": each(tables["settlement_attempt"]),
        "poll_python_ms": told["poll"]["python_ms"],
        "poll_postgres_ms": told["poll"]["postgres_ms"],
        "claim_postgres_ms": told["claim behind 1,000 leased"]["postgres_ms"],
        "claim_behind_dead_ms": told["claim behind 100,000 dead"]["postgres_ms"],
        "call_python_ms": told["call"]["python_ms"],
        "notice_python_ms": told["notice"]["python_ms"],
        "notice_postgres_ms": told["notice"]["postgres_ms"],
        "notice_disk_bytes": each(told["notice"]["tables"]["settlement_notice"]),
        "letter_python_ms": told["letter"]["python_ms"],
        "letter_postgres_ms": told["letter"]["postgres_ms"],
        "visit_python_ms": follow["python_ms"],
        "visit_postgres_ms": round(follow["postgres_ms"] + visit["roll_up"]["postgres_ms"], 3),
        "visit_wal_bytes": visit["count"]["wal_bytes"] + visit["roll_up"]["wal_bytes"],
        "visit_disk_bytes": each(visit["tables"]["reads_visit"]),
        "check_ms": round(both(told["ledger check"]), 3),
    }


def of_a_world(told: Told) -> dict[str, float]:
    click, sweep = told["click, pages of its own"], told["sweep"]
    pages = [facts for name, facts in told.items() if name.startswith(("merchant:", "creator:"))]
    return {
        "verb_wal_bytes_apart": click["wal_bytes"],
        "click_python_ms": click["python_ms"],
        "click_postgres_ms": click["postgres_ms"],
        "sweep_python_ms": sweep["python_ms"],
        "sweep_postgres_ms": sweep["postgres_ms"],
        "sweep_wal_bytes": sweep["wal_bytes"],
        "page_python_ms": average(pages, "python_ms"),
        "page_postgres_ms": average(pages, "postgres_ms"),
    }


def of_creators(told: Told) -> dict[str, float]:
    many = told[f"{MANY} creators"]
    names = [told[f"looking among {n}"]["by name"]["postgres_ms"] for n in (FEW, MANY)]
    return {
        "creator_disk_bytes": sum(table["bytes"] for table in many["tables"].values()),
        "creator_index_bytes": sum(table["indexes"] for table in many["tables"].values()),
        "listing_index_bytes": round(sum(many["tree"][name] for name in LISTS)),
        "name_search_ms_per_1000": round((names[1] - names[0]) * 1_000 / (MANY - FEW), 2),
    }


def each(table: Told) -> float:
    """The bytes of one row."""
    return round(float(table["bytes"] / table["rows"]))


def both(facts: Told) -> float:
    return float(facts["python_ms"] + facts["postgres_ms"])


def average(pages: Iterable[Told], what: str) -> float:
    return round(float(mean(page[what] for page in pages)), 1)
