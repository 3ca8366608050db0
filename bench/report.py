"""`make bench-report`: docs/performance.md out of the results of the last runs and the prose of
bench/performance.md.

In the prose, a line `[table verb]` stands for the lines of the cases of that kind, `[targets]` for
how many are met, `[missed]` for those that are not and why, `[about]` for what was measured with.
The reasons are the last part of the prose, after the line `[reasons]`: each begins with the words
with which the names of its cases begin. Only what does not depend on the machine is told.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Json

ROOT = Path(__file__).resolve().parent.parent
PROSE = ROOT / "bench" / "performance.md"
DOCUMENT = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "bench" / "results"
MARK = re.compile(r"^\[(table|targets|missed|about)(?: (\w+))?\]$", re.MULTILINE)
REASONS = "\n[reasons]\n"
UNEXPLAINED = "not looked into yet"


def main() -> int:
    entries = harness.read(RESULTS / "latest.json")
    if not entries:
        print("There are no results yet: run `make bench` first.", file=sys.stderr)
        return 1
    about = harness.read(RESULTS / "about.json")
    prose = PROSE.read_text(encoding="utf-8")
    DOCUMENT.write_text(rendered(prose, entries, about[0] if about else {}), encoding="utf-8")
    print(f"{DOCUMENT.relative_to(ROOT)} is written.")
    return 0


def rendered(prose: str, entries: Sequence[Json], about: Json) -> str:
    """The prose with the figures in the places of its marks."""
    text, _, said = prose.partition(REASONS)
    whys = reasons(said)
    parts: dict[str, Callable[[str], str]] = {
        "table": lambda kind: table([e for e in entries if harness.kind_of(e) == kind]),
        "targets": lambda _: targets(entries),
        "missed": lambda _: missed(entries, whys),
        "about": lambda _: measured_with(about),
    }
    return MARK.sub(lambda mark: parts[mark[1]](mark[2] or ""), text).rstrip() + "\n"


def reasons(said: str) -> dict[str, str]:
    """Why targets are missed, by the beginning of the cases' names: lines `- BEGINNING | WHY`."""
    lines = re.findall(r"^- (.+?) \| (.+?)$", said, re.MULTILINE)
    return {beginning: why for beginning, why in lines}  # noqa: C416 - findall has no types


def targets(entries: Sequence[Json]) -> str:
    aimed = [e for e in entries if e["target"] is not None]
    met = sum(bool(e["met"]) for e in aimed)
    return f"{met} of {len(aimed)} targets are met."


def missed(entries: Sequence[Json], whys: dict[str, str]) -> str:
    """Each missed target with the reason that fits best: the one with the longest beginning."""
    late = [e for e in entries if e["target"] is not None and not e["met"]]
    if not late:
        return "No target is missed."
    rows = []
    for entry in late:
        fitting = [begin for begin in whys if str(entry["case"]).startswith(begin)]
        why = whys[max(fitting, key=len)] if fitting else UNEXPLAINED
        rows.append((str(entry["case"]), f"{entry['ratio']:.2f}", aim(entry), why))
    return in_columns(("case", "ratio", "target", "why"), rows)


def table(entries: Sequence[Json]) -> str:
    """What the cases of one kind say; the column of the exponent is there when one has it."""
    if not entries:
        return "Not measured."
    is_grown = any(entry.get("exponent") is not None for entry in entries)
    title = ["case", "ratio", "spread", "target", "met", "statements"]
    if is_grown:
        title.insert(3, "exponent")
    return in_columns(title, [line(entry, is_grown=is_grown) for entry in entries])


def line(entry: Json, *, is_grown: bool) -> list[str]:
    has_target = entry["target"] is not None
    cells = [
        str(entry["case"]).partition(": ")[2],
        f"{entry['ratio']:.2f}",
        f"± {entry['spread']:.0%}",
        aim(entry),
        ("yes" if entry["met"] else "**no**") if has_target else "",
        statements(entry["queries"]),
    ]
    if is_grown:
        exponent = entry.get("exponent")
        cells.insert(3, "" if exponent is None else f"{exponent:.2f}")
    return cells


def aim(entry: Json) -> str:
    if entry["target"] is None:
        return ""
    return str(harness.Target(entry["sense"], entry["target"]))


def statements(pair: Sequence[int | None]) -> str:
    ours, theirs = pair
    if ours is None and theirs is None:
        return ""
    return " : ".join("–" if count is None else str(count) for count in (ours, theirs))


def measured_with(about: Json) -> str:
    """Cores and versions, as a sentence."""
    if not about:
        return "What it was measured with was not written down."
    peers = ", ".join(f"{name} {version}" for name, version in dict(about["peers"]).items())
    return (
        f"Measured on {about['cores']} cores with PostgreSQL {about['PostgreSQL']},"
        f" Python {about['Python']} and Django {about['Django']}; the peers with {peers}."
    )


def in_columns(title: Sequence[Any], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [title, ["---"] * len(title), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


if __name__ == "__main__":
    sys.exit(main())
