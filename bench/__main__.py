"""`make bench`: each case beside its peers, as a table and in bench/results/latest.json.

python -m bench [NAMES] [--short] [--rounds N] [--keep]

Cases that are named replace their lines in the file; a run of all replaces the whole file, but for
the lines of a case that came to no end.
"""

import argparse
import os
import platform
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from bench import harness, place
from bench.cases import CASES
from bench.harness import Result
from bench.sizes import FULL, SHORT, Sizes

RESULTS = Path(__file__).resolve().parent / "results"
LATEST, ABOUT = RESULTS / "latest.json", RESULTS / "about.json"
# What the short form says means nothing, so it is kept apart.
TRIED = RESULTS / "short.json"
PEERS = ("django-oscar", "django-hordak")
# What a full run needs (GB), its write-ahead log included.
ROOM_GB = 20


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--short", action="store_true", help="small sizes: does it work at all")
    parser.add_argument("--rounds", type=int, help="how often both sides are measured")
    parser.add_argument("--keep", action="store_true", help="leave PostgreSQL and the worlds")
    told = parser.parse_args(arguments)
    unknown = set(told.names) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    sizes = (SHORT if told.short else FULL).with_rounds(told.rounds)
    file = TRIED if told.short else LATEST
    names = [name for name in CASES if name in (told.names or CASES)]
    began = time.monotonic()
    results, broken = run(names, sizes, file, keep=told.keep)
    if not told.short:
        harness.write([about()], ABOUT)
    code, words = harness.verdict(results, broken)
    print(f"\n{harness.table(results)}\n\n{words}\nAll in all {time.monotonic() - began:.0f} s.")
    return code


def run(
    names: list[str], sizes: Sizes, file: Path, *, keep: bool
) -> tuple[list[Result], list[str]]:
    """The cases one after the other; what each says is told and kept at once."""
    place.VAR_DIR.mkdir(parents=True, exist_ok=True)
    room_gb = shutil.disk_usage(place.VAR_DIR).free / 2**30
    if sizes is not SHORT and room_gb < ROOM_GB:
        place.say(f"there are {room_gb:.0f} GB free, and {ROOM_GB} are needed")
    started = place.start()
    done: list[Result] = []
    broken: list[str] = []
    try:
        for name in names:
            began, cpu = time.monotonic(), place.cpu_seconds()
            results, is_whole = measured(CASES[name], sizes)
            done += results
            if not is_whole:
                broken.append(name)
            keep_results(name, results, file, is_whole=is_whole)
            cpu = place.cpu_seconds() - cpu
            place.say(f"{name} took {time.monotonic() - began:.0f} s ({cpu:.0f} s of CPU)")
    finally:
        if not keep:
            place.clean()
        if started and not keep:
            place.stop()
    forget_others(file, names)
    return done, broken


def measured(case: Callable[[Sizes], Iterator[Result]], sizes: Sizes) -> tuple[list[Result], bool]:
    """What a case says, each line as it comes, and whether it came to its end."""
    results: list[Result] = []
    try:
        for result in case(sizes):
            results.append(result)
            print(harness.table([result]).splitlines()[1], flush=True)
    except Exception:
        traceback.print_exc()
        return results, False
    finally:
        place.close_all()
    return results, True


def keep_results(name: str, results: list[Result], file: Path, *, is_whole: bool) -> None:
    """Put the results of a case in the places of its former ones. A case that broke keeps those
    that it did not come to.
    """
    known, news = harness.read(file), [result.as_json() for result in results]
    if is_whole:
        cases = {entry["case"] for entry in news}
        known = [e for e in known if harness.kind_of(e) != name or e["case"] in cases]
    harness.write(harness.merged(known, news), file)


def forget_others(file: Path, names: list[str]) -> None:
    """After a run of all cases nothing is left of those that are no more."""
    if set(names) == set(CASES):
        harness.write([e for e in harness.read(file) if harness.kind_of(e) in CASES], file)


def about() -> dict[str, object]:
    """What the figures were measured with; nothing that tells which machine it was."""
    return {
        "cores": os.cpu_count(),
        "Python": platform.python_version(),
        "PostgreSQL": place.server_version(),
        "Django": metadata.version("django"),
        "peers": place.peer_versions(PEERS),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
    sys.exit(main(sys.argv[1:]))
