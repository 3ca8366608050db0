"""`make bench`: each case beside its peers, as a table and in bench/results/latest.json.

python -m bench [NAMES] [--short | --large] [--rounds N] [--keep]
"""

import argparse
import os
import sys
import time
from pathlib import Path

from bench import harness, place
from bench.cases import CASES
from bench.sizes import FULL, LARGE, SHORT, Sizes

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--short", action="store_true", help="small sizes: does it work at all")
    parser.add_argument("--large", action="store_true", help="ten million transfers")
    parser.add_argument("--rounds", type=int, help="how often both sides are measured")
    parser.add_argument("--keep", action="store_true", help="leave PostgreSQL running")
    told = parser.parse_args(arguments)
    unknown = set(told.names) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    sizes = SHORT if told.short else LARGE if told.large else FULL
    sizes = sizes.with_rounds(told.rounds)
    results = run(told.names or list(CASES), sizes, keep=told.keep)
    harness.write(results, LATEST)
    code, words = harness.verdict(results)
    print(f"\n{harness.table(results)}\n\n{words}")
    return code


def run(names: list[str], sizes: Sizes, *, keep: bool) -> list[harness.Result]:
    """The cases one after the other; what each says is told at once."""
    started = place.start()
    results: list[harness.Result] = []
    try:
        for name in names:
            began = time.monotonic()
            for result in CASES[name](sizes):
                results.append(result)
                print(harness.table([result]).splitlines()[1], flush=True)
            print(f"  {name} took {time.monotonic() - began:.0f} s", flush=True)
    finally:
        if started and not keep:
            place.stop()
    return results


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
    sys.exit(main(sys.argv[1:]))
