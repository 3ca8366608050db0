"""docs/performance.md: the prose with the figures put in, and nothing that tells of a machine."""

from typing import Any

import pytest

from bench import report
from bench.cases import CASES


def an_entry(case: str = "verb: 1 process, beside psycopg", **facts: Any) -> dict[str, Any]:
    return {
        "case": case, "unit": "/s", "ours": 300.0, "peer": 400.0, "ratio": 0.75, "spread": 0.04,
        "target": 0.8, "sense": "at least", "met": False, "queries": [2, 11],
        "memory_mb": [108.0, None], "exponent": None, "costs": [], **facts,
    }  # fmt: skip


def the_prose() -> str:
    return report.PROSE.read_text(encoding="utf-8")


def test_a_table_tells_what_does_not_depend_on_the_machine() -> None:
    told = report.rendered("# Verb\n\n[table verb]\n", [an_entry()], {})

    assert told == (
        "# Verb\n\n"
        "| case | ratio | spread | target | met | statements |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| 1 process, beside psycopg | 0.75 | ± 4% | ≥ 0.8 | **no** | 2 : 11 |\n"
    )


def test_growth_has_a_column_for_its_exponent() -> None:
    grown = an_entry("growth: verb", exponent=0.031, target=1.58, sense="at most", met=True)

    told = report.table([grown]).splitlines()

    assert told[0] == "| case | ratio | spread | exponent | target | met | statements |"
    assert told[2] == "| verb | 0.75 | ± 4% | 0.03 | ≤ 1.58 | yes | 2 : 11 |"


def test_a_case_without_a_target_says_neither_yes_nor_no() -> None:
    told = report.table([an_entry(target=None, sense=None, met=True, queries=[None, None])])

    assert told.splitlines()[2] == "| 1 process, beside psycopg | 0.75 | ± 4% |  |  |  |"


def test_a_kind_that_was_not_measured_says_so() -> None:
    assert report.rendered("[table sweep]\n", [an_entry()], {}) == "Not measured.\n"


def test_only_targets_are_counted() -> None:
    entries = [an_entry(), an_entry(met=True), an_entry(target=None, met=True)]

    assert report.targets(entries) == "1 of 2 targets are met."


def test_a_missed_target_is_told_with_the_reason_that_fits_best() -> None:
    prose = "[missed]\n\n[reasons]\n\n- verb: | it is slow\n- verb: 1 process | it is alone\n"

    told = report.rendered(prose, [an_entry(), an_entry("verb: 2 processes")], {})

    assert told.splitlines()[2:] == [
        "| verb: 1 process, beside psycopg | 0.75 | ≥ 0.8 | it is alone |",
        "| verb: 2 processes | 0.75 | ≥ 0.8 | it is slow |",
    ]


def test_a_missed_target_without_a_reason_says_so() -> None:
    assert report.UNEXPLAINED in report.missed([an_entry()], {"life:": "it is long"})


def test_when_all_is_met_nothing_is_missed() -> None:
    assert report.missed([an_entry(met=True)], {}) == "No target is missed."


def test_the_versions_are_told_and_nothing_else_of_the_machine() -> None:
    about = {
        "cores": 2, "Python": "3.11.7", "PostgreSQL": "18.1", "Django": "5.2.1",
        "peers": {"django-oscar": "4.2.1"}, "host": "secret",
    }  # fmt: skip

    assert report.measured_with(about) == (
        "Measured on 2 cores with PostgreSQL 18.1, Python 3.11.7 and Django 5.2.1;"
        " the peers with django-oscar 4.2.1."
    )


@pytest.mark.parametrize("name", CASES)
def test_the_prose_has_a_place_for_each_case(name: str) -> None:
    assert f"\n[table {name}]\n" in the_prose()


def test_every_mark_of_the_prose_is_understood() -> None:
    told = report.rendered(the_prose(), [an_entry()], {})

    assert not [line for line in told.splitlines() if line.startswith("[")]


def test_the_document_says_what_the_prose_says() -> None:
    document = report.DOCUMENT.read_text(encoding="utf-8")
    text = the_prose().partition(report.REASONS)[0]
    paragraphs = [part for part in text.split("\n\n") if not report.MARK.match(part.strip())]

    assert [part for part in paragraphs if part.strip() not in document] == []
