"""What it takes to grow to ten million orders a day: the arithmetic and the simulated queues.

python -m bench.scale                            every step of the growth path
python -m bench.scale --orders-per-day 2000000   the last step for other orders; --shards and
                                                 --workers replace what the arithmetic says
python -m bench.scale --day                      a whole day instead of its busiest hours
python -m bench.scale --markdown                 the tables of docs/scaling.md
python -m bench.scale --write                    writes them there, from the costs as they are now
"""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bench.scaling import costs as measured
from bench.scaling import tables
from bench.scaling.costs import Costs
from bench.scaling.flows import DAY_S
from bench.scaling.path import TARGET, Step, path
from bench.scaling.simulation import run

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
COSTS = re.compile(r"<!-- costs: (.*?) -->")
TABLE = re.compile(r"(<!-- table: (\w+) -->).*?(<!-- end -->)", re.DOTALL)


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    costs = measured.latest(asked.results)
    if asked.write:
        DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8"), costs), "utf-8")
        return 0
    if asked.markdown:
        print("\n\n".join(tables.of_document(costs).values()))
        return 0
    steps = chosen(path(costs, orders_per_day=asked.orders_per_day), asked)
    print(tables.path_table(steps), end="\n\n")
    print(tables.needs_table(steps, costs), end="\n\n")
    if asked.day:
        print(whole_days(steps, costs, asked.seed))
    else:
        print(tables.waits_table(steps, costs, asked.seed))
    print(f"\n{tables.troubles_table(steps[-1].plan, costs, asked.seed)}")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="bench.scale",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--orders-per-day", type=float, default=float(TARGET))
    made.add_argument("--shards", type=int, help="of the last step")
    made.add_argument("--workers", type=int, help="Celery processes of the last step")
    made.add_argument("--seed", type=int, default=tables.SEED)
    made.add_argument("--results", type=Path, default=measured.LATEST, help="of `make bench`")
    made.add_argument("--day", action="store_true")
    made.add_argument("--markdown", action="store_true")
    made.add_argument("--write", action="store_true")
    return made


def chosen(steps: list[Step], asked: argparse.Namespace) -> list[Step]:
    """The steps, the last one with what was asked for."""
    *others, last = steps
    plan = replace(
        last.plan,
        shards=asked.shards or last.plan.shards,
        slots=asked.workers or last.plan.slots,
    )
    return [*others, replace(last, plan=plan)]


def whole_days(steps: list[Step], costs: Costs, seed: int) -> str:
    rows = []
    for step in steps:
        day = run(step.plan, costs, seed=seed, seconds=DAY_S)
        seen = [(queue.name, queue) for queue in day.queues]
        rows += [
            [
                f"{step.plan.name}: {name}",
                tables.number(queue.done),
                tables.number(queue.waiting),
                tables.number(queue.most),
                tables.span(queue.oldest_s),
                tables.waits(queue),
            ]
            for name, queue in seen
        ]
    title = ("queue", "done", "waiting", "most", "oldest", "p50 / p95 / p99")
    return tables.markdown(title, rows)


# The document


def written(text: str, costs: Costs) -> str:
    """The document with these costs, and its tables from them."""
    text = COSTS.sub(lambda _: f"<!-- costs: {costs.as_json()} -->", text)
    return filled(text, tables.of_document(costs))


def filled(text: str, found: Mapping[str, str]) -> str:
    return TABLE.sub(lambda place: f"{place[1]}\n{found[place[2]]}\n{place[3]}", text)


def costs_of(text: str) -> Costs:
    """The costs that a document was written with. Raises ValueError when it has none."""
    place = COSTS.search(text)
    if place is None:
        raise ValueError("the document names no costs")
    return measured.of_json(place[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
