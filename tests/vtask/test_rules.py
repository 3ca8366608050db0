"""The count of the rules that tests name."""

from tests import rules
from tests.rules import Rules

KNOWN = Rules(all=("V1", "V2", "V7"), later=frozenset({"V7"}))


def test_the_file_holds_every_rule_of_the_section() -> None:
    read = rules.read(rules.FILE.read_text())

    assert len(read.all) == len(set(read.all)) == 48
    assert read.later == {"V7", "V14", "V20", "V21", "V60"}


def test_all_named_is_good() -> None:
    assert rules.report(KNOWN, {"V1", "V2", "V7"}) == (["rules without a test: none"], True)


def test_a_rule_of_later_work_may_be_missing() -> None:
    assert rules.report(KNOWN, {"V1", "V2"}) == (["rules without a test: V7"], True)


def test_another_rule_may_not() -> None:
    lines, good = rules.report(KNOWN, {"V1"})

    assert lines == ["rules without a test: V2 V7", "of these, not allowed to be missing: V2"]
    assert not good


def test_a_slip_of_the_pen_is_found_and_rules_of_other_sections_are_not_counted() -> None:
    lines, good = rules.report(KNOWN, {"V1", "V2", "V7", "V99", "N1"})

    assert lines[1:] == ["named by tests, but no rule of section 1: V99"]
    assert not good
