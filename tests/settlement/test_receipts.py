"""Anybody can check the money receipt of an order with a small script and nothing else (N3)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from settlement import check_receipt, receipts
from tests.orders import PRICE_FEN, an_order

pytestmark = [pytest.mark.django_db, pytest.mark.rule("N3")]

SCRIPT = Path(check_receipt.__file__)


def checked(directory: Path, text: str) -> tuple[int, str]:
    """The script's exit code and what it prints, run by a bare Python far from this project."""
    file = directory / "receipt.json"
    file.write_text(text, encoding="utf-8")
    script = directory / SCRIPT.name
    script.write_bytes(SCRIPT.read_bytes())
    run = subprocess.run(
        [sys.executable, "-I", "-S", script.name, file.name],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def a_receipt(state: str = "REVIEWED") -> dict[str, Any]:
    return receipts.receipt(an_order(state).pk)


def test_a_receipt_lists_every_line_and_every_pocket() -> None:
    receipt = a_receipt()
    assert [line["code"] for line in receipt["lines"]] == [
        "freeze",
        "capture",
        "confirm",
        "payout",
        "paid",
    ]
    assert receipt["pockets"]["paid"] == PRICE_FEN
    assert receipt["currency"] == "CNY"
    assert receipt["lines"][-1]["hash"] == receipt["head"]


def test_the_script_says_ok_and_what_was_paid(tmp_path: Path) -> None:
    code, said = checked(tmp_path, json.dumps(a_receipt()))
    assert code == 0
    assert "receipt ok" in said
    assert "800.00" in said


@pytest.mark.parametrize("state", ["UNPAID", "PAID", "LAPSED", "OVERDUE", "REFUNDED", "DELIVERED"])
def test_the_receipt_of_every_order_holds(state: str) -> None:
    assert check_receipt.problems(a_receipt(state)) == []


def test_the_script_says_what_is_wrong(tmp_path: Path) -> None:
    receipt = a_receipt()
    receipt["lines"][1]["amount_fen"] += 1
    code, said = checked(tmp_path, json.dumps(receipt))
    assert code == 1
    assert "line 2 was changed" in said
    assert "receipt ok" not in said


def test_changing_any_field_of_any_line_breaks_it() -> None:
    receipt = a_receipt()
    for number, line in enumerate(receipt["lines"]):
        for name, value in line.items():
            changed = json.loads(json.dumps(receipt))
            changed["lines"][number][name] = (
                value + 1 if isinstance(value, int) else value + "0" if value else "x"
            )
            assert check_receipt.problems(changed), (number, name)


def test_changing_one_character_of_a_line_breaks_it() -> None:
    text = json.dumps(a_receipt()["lines"][0])
    receipt = a_receipt()
    for place, character in enumerate(text):
        if character.isalnum() and text[place - 1] not in '"\\':
            other = "1" if character != "1" else "2"
            try:
                line = json.loads(text[:place] + other + text[place + 1 :])
            except ValueError:
                continue
            if set(line) == set(receipt["lines"][0]):
                changed = {**receipt, "lines": [line, *receipt["lines"][1:]]}
                assert check_receipt.problems(changed), text[place - 10 : place + 10]


def test_leaving_out_adding_or_swapping_lines_breaks_it() -> None:
    receipt = a_receipt()
    lines = receipt["lines"]
    for changed in (lines[:-1], lines[1:], [*lines, lines[-1]], [lines[1], lines[0], *lines[2:]]):
        assert check_receipt.problems({**receipt, "lines": changed})


@pytest.mark.parametrize("pocket", ["paid", "returned", "fee", "held"])
def test_saying_another_sum_breaks_it(pocket: str) -> None:
    receipt = a_receipt()
    receipt["pockets"][pocket] += 1
    assert check_receipt.problems(receipt) == ["the pockets do not follow from the lines"]


def test_without_a_file_the_script_says_how_it_is_used(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-I", str(SCRIPT)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "check_receipt.py receipt.json" in run.stdout + run.stderr
