"""Two sides measured in turn, and what the figures say: medians of ratios, and their spread; and
one side with more and more data, and how its cost grows.

Absolute times mean little on a shared machine. Each round measures both sides, the one right after
the other and in changing order; the ratio of a round is what is kept.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

AT_LEAST, AT_MOST = "at least", "at most"
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """One side in one round: how much in `unit` of the case, and what it took."""

    value: float
    queries: int | None = None
    memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio ours : peer must be: `AT_LEAST` for speeds, `AT_MOST` for times."""

    sense: str
    ratio: float

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.ratio if self.sense == AT_LEAST else ratio <= self.ratio

    def __str__(self) -> str:
        return f"{'≥' if self.sense == AT_LEAST else '≤'} {self.ratio:g}"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `spread` is half the distance between the lowest and the highest
    ratio of a round, as a part of the median; a case without a target only informs. For growth,
    `peer` is ours with the least data, `costs` has all sizes, and `exponent` says how they grow.
    """

    case: str
    unit: str
    ours: float
    peer: float
    ratio: float
    spread: float
    target: Target | None = None
    queries: tuple[int | None, int | None] = (None, None)
    memory_mb: tuple[float | None, float | None] = (None, None)
    exponent: float | None = None
    costs: tuple[float, ...] = ()

    @property
    def is_met(self) -> bool:
        return self.target is None or self.target.is_met(self.ratio)

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "unit": self.unit,
            "ours": round(self.ours, 3),
            "peer": round(self.peer, 3),
            "ratio": round(self.ratio, 3),
            "spread": round(self.spread, 3),
            "target": self.target and self.target.ratio,
            "sense": self.target and self.target.sense,
            "met": self.is_met,
            "queries": list(self.queries),
            "memory_mb": [mb and round(mb, 1) for mb in self.memory_mb],
            "exponent": self.exponent and round(self.exponent, 3),
            "costs": [round(cost, 4) for cost in self.costs],
        }


Side = Callable[[], Measure]


def compare(
    case: str, ours: Side, peer: Side, *, rounds: int, unit: str, target: Target | None = None
) -> Result:
    """Measure both sides so many times, in changing order. The caller has warmed them up."""
    pairs = [_round(ours, peer, number) for number in range(rounds)]
    return summed_up(case, pairs, unit=unit, target=target)


def _round(ours: Side, peer: Side, number: int) -> tuple[Measure, Measure]:
    if number % 2:
        theirs = peer()
        return ours(), theirs
    mine = ours()
    return mine, peer()


def summed_up(
    case: str,
    pairs: Sequence[tuple[Measure, Measure]],
    *,
    unit: str,
    target: Target | None = None,
) -> Result:
    """The medians of some rounds."""
    ratios = [ours.value / peer.value for ours, peer in pairs]
    middle = median(ratios)
    last_ours, last_peer = pairs[-1]
    return Result(
        case=case,
        unit=unit,
        ours=median(ours.value for ours, _ in pairs),
        peer=median(peer.value for _, peer in pairs),
        ratio=middle,
        spread=(max(ratios) - min(ratios)) / 2 / middle,
        target=target,
        queries=(last_ours.queries, last_peer.queries),
        memory_mb=(last_ours.memory_mb, last_peer.memory_mb),
    )


# Growth

# A tree of an index is a level deeper with a hundred times the rows, and less of it lies in memory:
# a cost may become 1.58 times as high meanwhile. What reads rows in proportion would be at 1.
FLAT = 0.1


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The e of cost ~ size^e: the slope of the straight line through the logarithms that fits
    best by least squares.
    """
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    along = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return along / sum((a - x) ** 2 for a in xs)


def grown(
    case: str,
    sizes: Sequence[int],
    rounds: Sequence[Sequence[Measure]],
    *,
    unit: str,
    flat: float | None = FLAT,
) -> Result:
    """What the rounds say, each of which has the cost at every size, the least first."""
    ends = [(costs[-1], costs[0]) for costs in rounds]
    target = Target(AT_MOST, round((sizes[-1] / sizes[0]) ** flat, 2)) if flat else None
    result = summed_up(case, ends, unit=unit, target=target)
    return replace(
        result,
        exponent=median(exponent(sizes, [m.value for m in costs]) for costs in rounds),
        costs=tuple(median(costs[i].value for costs in rounds) for i in range(len(sizes))),
    )


# What is shown


TITLE = ("case", "ours", "peer", "ratio", "spread", "target", "exponent", "queries", "memory")


def table(results: Iterable[Result]) -> str:
    """The results in columns, for people."""
    rows = [TITLE, *(cells(result) for result in results)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(TITLE))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def cells(result: Result) -> tuple[str, ...]:
    """A line of the table."""
    told = f"{result.target}{'' if result.is_met else ' MISSED'}" if result.target else ""
    return (
        result.case,
        f"{short(result.ours)} {result.unit}".rstrip(),
        f"{short(result.peer)} {result.unit}".rstrip(),
        f"{result.ratio:.2f}",
        f"± {result.spread:.0%}",
        told,
        "" if result.exponent is None else f"{result.exponent:.2f}",
        _pair(result.queries, "{}"),
        _pair(result.memory_mb, "{:.0f} MB"),
    )


def _pair(values: tuple[float | None, float | None], form: str) -> str:
    if values == (None, None):
        return ""
    return " : ".join("–" if value is None else form.format(value) for value in values)


def short(value: float) -> str:
    """Three digits are all that a measurement on a shared machine tells."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def missed(results: Iterable[Result]) -> list[Result]:
    return [result for result in results if not result.is_met]


def merged(known: Sequence[Json], news: Sequence[Json]) -> list[Json]:
    """What is known, with the news in the places of what they measured anew; new cases come after
    the others of their kind, which is the word before the colon.
    """
    found = list(known)
    for entry in news:
        places = [i for i, old in enumerate(found) if old["case"] == entry["case"]]
        alike = [i for i, old in enumerate(found) if kind_of(old) == kind_of(entry)]
        if places:
            found[places[0]] = entry
        else:
            found.insert(alike[-1] + 1 if alike else len(found), entry)
    return found


def kind_of(entry: Json) -> str:
    return str(entry["case"]).partition(":")[0]


def read(file: Path) -> list[Json]:
    """The results of former runs; none when there are none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []


def write(entries: Sequence[Json], file: Path) -> None:
    """The results for programs."""
    file.parent.mkdir(parents=True, exist_ok=True)
    told = json.dumps(entries, indent=1, ensure_ascii=False)
    file.write_text(told + "\n", encoding="utf-8")


def verdict(results: Sequence[Result], broken: Sequence[str] = ()) -> tuple[int, str]:
    """The exit code, and what is said at the end: each missed target by name, and the cases that
    came to no end.
    """
    names = [f"{r.case}: {r.ratio:.2f}, wanted {r.target}" for r in missed(results)]
    names += [f"{name}: not measured to its end" for name in broken]
    if not names:
        return 0, "Every target is met."
    return 1, "Missed:\n" + "\n".join(f"  {name}" for name in names)
