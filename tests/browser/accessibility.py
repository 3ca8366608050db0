"""docs/accessibility.md: what axe found on each page. Written by the tests that look."""

import fcntl
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.tour import VIEWERS
from tests.environment import PLACE, ROOT

DOCUMENT = ROOT / "docs/accessibility.md"
MOST_SHIFT = 0.1  # as browsers count it; the usual limit for "good"
IMPACTS = ("critical", "serious", "moderate", "minor")
TITLES = {
    "visitor": "What visitors see",
    "merchant": "What merchants see",
    "creator": "What creators see",
    "ops": "What ops staff see",
}
HEAD = """# Accessibility

Every page is opened by a browser in the light and in the dark theme, at 1280 pixels, and
[axe](https://github.com/dequelabs/axe-core) {version} looks at it by the rules of WCAG 2.2, levels
A and AA, and by its best practices. The Tab key walks through the page, and whatever has the
keyboard must show it. Nothing may jump while the page is drawn (a cumulative layout shift of at
most 0.1). Then the page is narrowed to 360 pixels: nothing may be wider than the screen. A critical
or serious finding of axe, or a failure of one of the others, fails the tests, which write this
file. Every flow also works by keyboard and without JavaScript; that is tested in `tests/browser/`.

Known limits: the forms of the admin (fields, dates, actions) come from a library; what axe finds
there is listed too. Nobody who uses a screen reader every day has tried the site yet.
"""


@dataclass(frozen=True)
class Finding:
    """One rule that a page breaks, and at which elements."""

    rule: str
    impact: str
    nodes: Sequence[str]

    def __str__(self) -> str:
        return f"{self.impact} {self.rule}: " + "; ".join(self.nodes[:3])


@dataclass
class Result:
    """What was found on one page."""

    title: str
    found: dict[str, list[Finding]] = field(default_factory=dict)  # by theme
    too_wide: str = ""
    shift: float = 0
    unseen: list[str] = field(default_factory=list)  # has the keyboard and does not show it

    def grave(self) -> list[str]:
        """What may not be."""
        told = [
            f"{self.title}, {theme}: {finding}"
            for theme, findings in self.found.items()
            for finding in findings
            if finding.impact in {"serious", "critical"}
        ]
        if self.too_wide:
            told.append(f"{self.title}: too wide: {self.too_wide}")
        if self.shift > MOST_SHIFT:
            told.append(f"{self.title}: jumps by {self.shift}")
        return told + [f"{self.title}: no visible focus: {element}" for element in self.unseen]

    def row(self) -> str:
        cells = [_counts(self.found[theme]) for theme in ("light", "dark")]
        return f"| {self.title} | {cells[0]} | {cells[1]} | {'no' if self.too_wide else 'yes'} |"


def _counts(findings: Sequence[Finding]) -> str:
    counted = Counter(finding.impact for finding in findings)
    told = [f"{counted[impact]} {impact}" for impact in IMPACTS if counted[impact]]
    rules = sorted({finding.rule for finding in findings})
    return f"{', '.join(told)} ({', '.join(rules)})" if told else "none"


def section(viewer: str, results: Sequence[Result]) -> str:
    rows = "\n".join(result.row() for result in results)
    return (
        f"## {TITLES[viewer]}\n\n| page | light | dark | fits 360 px |\n|---|---|---|---|\n{rows}\n"
    )


def publish(viewer: str, results: Sequence[Result]) -> None:
    """Put one viewer's part into the document; several tests may write at the same time."""
    with (PLACE.var_dir / "accessibility.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        parts = _parts(DOCUMENT)
        parts[viewer] = section(viewer, results)
        text = "\n".join(
            [HEAD.format(version=axe_version()), *(parts[v] for v in VIEWERS if v in parts)]
        )
        DOCUMENT.write_text(text, encoding="utf-8")


def _parts(path: Path) -> dict[str, str]:
    """What the document says so far, by viewer."""
    if not path.exists():
        return {}
    text = path.read_text(encoding="utf-8")
    parts = {}
    for viewer, title in TITLES.items():
        begin = text.find(f"## {title}\n")
        if begin >= 0:
            end = text.find("\n## ", begin)
            parts[viewer] = text[begin : end if end >= 0 else None].rstrip("\n") + "\n"
    return parts


def axe_version() -> str:
    package = json.loads((ROOT / "node_modules/axe-core/package.json").read_text(encoding="utf-8"))
    return str(package["version"])
