"""How the house is built, held by tests: who changes an order, who reads the clock, how long a
function may be, and that the drawing of the states is the code's.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tasks.management.commands import draw_states
from tasks.states import TRANSITIONS, State
from tasks.workflow import VERBS

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "accounts",
    "core",
    "creators",
    "merchants",
    "policy",
    "reads",
    "sandbox",
    "settlement",
    "tasks",
    "vtask",
)
MOST_LINES = 70
MEDIAN_LINES = 10
WORKFLOW = "tasks/workflow/"
# What of the workflow is no verb: the engine, its words, and the steps around a set of orders.
NOT_VERBS = {
    "__init__", "answer", "answers", "batch", "choices", "decision", "drafts", "engine", "load",
    "pay", "publish", "refund", "seen", "writing",
}  # fmt: skip
# The edges: pages, jobs, commands, the admin.
EDGES = ("/web/", "/admin", "admin.py", "jobs.py", "/management/", "vtask/", "core/")


@cache
def sources() -> dict[str, ast.Module]:
    """Every source file of the product, parsed; tests and migrations are not."""
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return {
        file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
        for file in files
        if "migrations" not in file.parts
    }


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def who_imports(*names: str) -> set[str]:
    return {
        file
        for file, tree in sources().items()
        if any(
            found == name or found.startswith(f"{name}.")
            for found in imports(tree)
            for name in names
        )
    }


def functions() -> Iterator[tuple[str, int]]:
    """Every function with its number of lines."""
    for file, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


# One home for every change of an order


def test_nobody_assigns_the_state_of_an_order_outside_its_transitions() -> None:
    assigned = [
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute)
        and target.attr == "state"
        and isinstance(target.value, ast.Name)
        and "order" in target.value.id
    ]
    assert assigned == []


def test_only_verbs_call_the_transitions_of_an_order() -> None:
    names = {f"to_{state.value.lower()}" for state in State}
    callers = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    }
    assert callers
    assert {file for file in callers if not file.startswith(WORKFLOW)} == set()


def test_only_the_workflow_posts_to_the_ledger() -> None:
    posting = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) == "ledger.post")
        or (
            (isinstance(node, ast.ImportFrom) and node.module == "settlement.ledger")
            and "post" in {name.name for name in node.names}
        )
    }
    assert posting == {"tasks/workflow/batch.py"}


def test_escrows_and_transfers_are_written_by_the_workflow_alone() -> None:
    writers = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"create", "bulk_create", "update", "bulk_update", "delete"}
        and any(
            isinstance(part, ast.Name) and part.id in {"Escrow", "Transfer"}
            for part in ast.walk(node.func)
        )
    }
    assert writers <= {"tasks/workflow/publish.py"}


# Verbs


def test_every_verb_has_a_file_and_every_file_a_verb() -> None:
    listed = {verb.decide.__module__.rpartition(".")[2] for verb in VERBS.values()}
    there = {file.stem for file in (ROOT / WORKFLOW).glob("*.py")} - NOT_VERBS
    assert there == listed


def test_every_verb_takes_the_instant_and_the_person_by_name() -> None:
    for verb in VERBS.values():
        arguments = verb.decide.__code__
        names = arguments.co_varnames[: arguments.co_argcount + arguments.co_kwonlyargcount]
        assert names == ("case", "at", "by", "given"), verb.name
        assert arguments.co_argcount == 1, verb.name


def test_a_name_in_the_table_is_the_verbs_own() -> None:
    assert all(name == verb.name for name, verb in VERBS.items())


def test_verbs_know_neither_network_nor_jobs_nor_pages() -> None:
    forbidden = who_imports(
        "httpx", "celery", "requests", "alipay", "django.http", "django.shortcuts",
        "settlement.gateway.adapter", "settlement.gateway.client", "settlement.worker",
    )  # fmt: skip
    assert {file for file in forbidden if file.startswith(WORKFLOW)} == set()


def test_a_decision_touches_no_database() -> None:
    for name in {verb.decide.__module__ for verb in VERBS.values()}:
        tree = sources()[name.replace(".", "/") + ".py"]
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & {"objects", "save", "filter", "refresh_from_db", "cursor"}, name


# The clock, signals, the network


def test_only_the_edges_read_the_clock() -> None:
    inside = {f for f in who_imports("core.clock") if not any(edge in f for edge in EDGES)}
    # Where the login library, and not a page of ours, makes a person.
    assert inside <= {"accounts/adapter.py", "accounts/models.py"}


def test_nobody_reads_the_time_around_the_clock() -> None:
    called = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date", "timezone"}
    }
    assert called <= {"core/clock.py"}


def test_there_are_no_signals() -> None:
    users = who_imports("django.dispatch", "django.db.models.signals")
    connected = {
        file
        for file, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"post_save", "pre_save", "post_delete"}
    }
    assert (users, connected) == (set(), set())


def test_celery_is_spoken_in_jobs_and_in_the_composition_alone() -> None:
    users = {file for file in who_imports("celery") if not file.startswith("vtask/")}
    assert {file for file in users if not file.endswith("jobs.py")} == set()


def test_http_is_spoken_by_the_gateway_alone() -> None:
    users = {
        f for f in who_imports("httpx", "requests") if not f.startswith(("sandbox/", "vtask/"))
    }
    assert {file for file in users if not file.startswith("settlement/gateway/")} == set()


# Shape


def test_no_function_is_longer_than_70_lines() -> None:
    assert [(name, lines) for name, lines in functions() if lines > MOST_LINES] == []


def test_half_of_all_functions_fit_into_ten_lines() -> None:
    lines = sorted(lines for _, lines in functions())
    assert lines[len(lines) // 2] <= MEDIAN_LINES


@pytest.mark.parametrize("app", APPS)
def test_money_is_never_a_float(app: str) -> None:
    named = [
        f"{file}:{node.target.id}"
        for file, tree in sources().items()
        if file.startswith(f"{app}/")
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id.endswith("_fen")
        and "float" in ast.unparse(node.annotation)
    ]
    assert named == []


def test_the_layers_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:]


# The drawing


def test_the_drawing_of_the_states_is_the_codes() -> None:
    call_command("draw_states", check=True)


def test_a_drawing_that_is_out_of_date_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draw_states, "TRANSITIONS", TRANSITIONS[1:])
    with pytest.raises(CommandError, match="is not what the code says"):
        call_command("draw_states", check=True)


def test_every_legal_change_in_the_drawing_has_a_verb_that_makes_it() -> None:
    for source, target in TRANSITIONS:
        assert draw_states.makers(source, target), f"{source} to {target}"
