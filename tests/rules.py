"""Which rules are proven: the rule ids that collected tests name, against tests/rules.txt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

FILE = Path(__file__).with_name("rules.txt")


@dataclass(frozen=True)
class Rules:
    """`later` are the rules that may go without a test for now."""

    all: tuple[str, ...]
    later: frozenset[str]


def read(text: str) -> Rules:
    words = [
        word for line in text.splitlines() if not line.startswith("#") for word in line.split()
    ]
    return Rules(
        all=tuple(word.strip("[]") for word in words),
        later=frozenset(word.strip("[]") for word in words if word.startswith("[")),
    )


def named_by(items: Iterable[pytest.Item]) -> set[str]:
    """The rule ids on the tests' marks."""
    marks = (mark for item in items for mark in item.iter_markers("rule"))
    return {str(rule) for mark in marks for rule in mark.args}


def unknown(rules: Rules, named: set[str]) -> list[str]:
    """Ids of this section that no rule has: a slip of the pen. N, F, M… belong elsewhere."""
    ours = {rule for rule in named if re.fullmatch(r"V\d+", rule)}
    return sorted(ours - set(rules.all))


def report(rules: Rules, named: set[str]) -> tuple[list[str], bool]:
    """What to print, and whether it is good."""
    missing = [rule for rule in rules.all if rule not in named]
    overdue = [rule for rule in missing if rule not in rules.later]
    strange = unknown(rules, named)
    lines = [f"rules without a test: {' '.join(missing) or 'none'}"]
    if overdue:
        lines.append(f"of these, not allowed to be missing: {' '.join(overdue)}")
    if strange:
        lines.append(f"named by tests, but no rule of section 1: {' '.join(strange)}")
    return lines, not overdue and not strange
