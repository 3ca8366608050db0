"""The arithmetic of the benchmark: medians, spread, targets, exit code. No server, no clock."""

import json
from pathlib import Path

import pytest

from bench import harness
from bench.cases import CASES
from bench.cases.verb import Orders, how_many
from bench.harness import AT_LEAST, AT_MOST, Measure, Result, Target
from bench.sizes import FULL, SHORT


def a_result(*pairs: tuple[float, float], target: Target | None = None) -> Result:
    measures = [(Measure(ours), Measure(peer)) for ours, peer in pairs]
    return harness.summed_up("verb", measures, unit="/s", target=target)


def test_the_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    result = a_result((100, 100), (90, 30), (400, 200))

    assert (result.ours, result.peer, result.ratio) == (100, 100, 2)


def test_the_spread_is_half_of_the_range_beside_the_median() -> None:
    assert a_result((1, 1), (2, 1), (3, 1)).spread == 0.5


def test_one_round_has_no_spread() -> None:
    assert a_result((3, 2)).spread == 0


def test_the_sides_are_measured_in_changing_order() -> None:
    said: list[str] = []

    def side(name: str) -> harness.Side:
        def measure() -> Measure:
            said.append(name)
            return Measure(1)

        return measure

    harness.compare("order", side("ours"), side("peer"), rounds=3, unit="/s")

    assert said == ["ours", "peer", "peer", "ours", "ours", "peer"]


@pytest.mark.parametrize(
    ("sense", "ratio", "is_met"),
    [
        (AT_LEAST, 0.8, True),
        (AT_LEAST, 0.79, False),
        (AT_MOST, 0.8, True),
        (AT_MOST, 0.81, False),
    ],
)
def test_a_target_is_met_at_its_figure_itself(sense: str, ratio: float, is_met: bool) -> None:
    assert Target(sense, 0.8).is_met(ratio) == is_met


def test_a_case_without_a_target_misses_none() -> None:
    assert a_result((1, 1000)).is_met


def test_all_met_ends_with_zero() -> None:
    assert harness.verdict([a_result((4, 1), target=Target(AT_LEAST, 3))]) == (
        0,
        "Every target is met.",
    )


def test_a_missed_target_ends_with_one_and_is_named() -> None:
    results = [a_result((2, 1), target=Target(AT_LEAST, 3)), a_result((2, 1))]

    assert harness.verdict(results) == (1, "Missed:\n  verb: 2.00, wanted ≥ 3")


def test_the_table_says_what_was_missed() -> None:
    result = a_result((50, 100), (70, 100), target=Target(AT_LEAST, 0.8))

    title, line = harness.table([result]).splitlines()

    assert title.split() == list(harness.TITLE)
    assert line.split() == [
        "verb",
        "60",
        "/s",
        "100",
        "/s",
        "0.60",
        "±",
        "17%",
        "≥",
        "0.8",
        "MISSED",
    ]


def test_the_file_holds_one_entry_per_case(tmp_path: Path) -> None:
    file = tmp_path / "results" / "latest.json"

    harness.write([a_result((3, 2), target=Target(AT_MOST, 1.2))], file)

    assert json.loads(file.read_text(encoding="utf-8")) == [
        {
            "case": "verb", "unit": "/s", "ours": 3, "peer": 2, "ratio": 1.5, "spread": 0,
            "target": 1.2, "sense": "at most", "met": False,
            "queries": [None, None], "memory_mb": [None, None],
        }
    ]  # fmt: skip


def test_more_rounds_leave_the_sizes_alone() -> None:
    assert (FULL.with_rounds(3).rounds, FULL.with_rounds(None)) == (3, FULL)
    assert SHORT.with_rounds(3).clicks == SHORT.clicks


def test_an_order_is_confirmed_by_one_side_only() -> None:
    orders = Orders()

    assert (orders.take(20), orders.take(5), orders.take(1)) == (1, 21, 26)


def test_the_world_of_the_verb_has_enough_orders_for_every_round() -> None:
    processes_and_sides = [(1, "by_hand"), (1, "by_orm"), (2, "by_hand"), (2, "by_orm")]
    taken = sum(2 * n * (SHORT.rounds + 1) * SHORT.clicks for n, _ in processes_and_sides)

    assert how_many(SHORT) == taken


def test_every_case_has_a_name_of_one_word() -> None:
    assert all(name.isidentifier() for name in CASES)
