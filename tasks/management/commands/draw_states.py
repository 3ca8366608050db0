"""`manage.py draw_states`: draws docs/states.md from the code, so that it cannot be wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from tasks.states import ORDER_TABS, RULE_IDS, TRANSITIONS, State
from tasks.workflow import VERBS
from tasks.workflow.decision import Role, Verb

FILE = Path("docs") / "states.md"
HEAD = """\
# The states of an order

Drawn from the code by `manage.py draw_states`; a test compares this file with it. The states are in
[tasks/states.py](../tasks/states.py), the table of verbs is in
[tasks/workflow/\\_\\_init\\_\\_.py](../tasks/workflow/__init__.py), and each verb's rule is in the
file named beside it. The database holds the same list of legal changes in a trigger.
"""


class Command(BaseCommand):
    help = "Draws docs/states.md from the code; --check only says whether the file is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        file = Path(settings.BASE_DIR) / FILE
        if not check:
            file.write_text(drawing(), encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != drawing():
            raise CommandError(f"{FILE} is not what the code says: run manage.py draw_states")


def drawing() -> str:
    """The whole file."""
    with override("en"):
        parts = [
            HEAD,
            "## States\n",
            *states(),
            "\n## Verbs\n",
            *verbs(),
            "\n## Diagram\n",
            *diagram(),
        ]
        return "\n".join(parts) + "\n"


def states() -> Iterator[str]:
    """Every state with its label, tab and rule."""
    tabs = {state: tab for tab, members in ORDER_TABS.items() for state in members}
    yield from table(
        ("state", "label", "tab", "rule"),
        [(f"`{s.value}`", str(s.label), str(tabs[s].label), RULE_IDS[s]) for s in State],
    )


def verbs() -> Iterator[str]:
    """Every verb: who may, from where to where, what happens to the money, where its rule is."""
    yield from table(
        ("verb", "who", "from", "to", "money", "file"), [row(v) for v in VERBS.values()]
    )


def row(verb: Verb) -> tuple[str, ...]:
    module = verb.decide.__module__
    known = "".join(f" and `{column}` is known" for column in verb.due_with)
    due = {Role.CLOCK: f" when `{verb.due}` has come{known}"} if verb.due else {}
    who = ", ".join(sorted(role.value.lower() + due.get(role, "") for role in verb.roles))
    return (
        f"`{verb.name}`",
        who,
        listed(verb.sources),
        listed(verb.targets) if verb.targets else "as it is",
        verb.money,
        f"[{module.rpartition('.')[2]}.py](../{module.replace('.', '/')}.py)",
    )


def listed(members: Sequence[State]) -> str:
    return ", ".join(f"`{state.value}`" for state in members)


def diagram() -> Iterator[str]:
    """Every legal change of state with the verbs that make it."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    [*] --> UNPAID: publish"
    for source, target in TRANSITIONS:
        yield f"    {source.value} --> {target.value}: {', '.join(makers(source, target))}"
    for state in ends():
        yield f"    {state.value} --> [*]"
    yield "```"


def makers(source: State, target: State) -> list[str]:
    """The verbs that bring an order from one state to the other."""
    return [v.name for v in VERBS.values() if source in v.sources and target in v.targets]


def ends() -> list[State]:
    """The states that nothing leads out of."""
    return [state for state in State if not any(source == state for source, _ in TRANSITIONS)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"
