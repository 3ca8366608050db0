"""The arithmetic of the benchmark: medians, spread, targets, exit code. No server, no clock."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as command
from bench import harness
from bench.cases import CASES, growth, ledger, sweep
from bench.cases.verb import Orders, how_many
from bench.harness import AT_LEAST, AT_MOST, Measure, Result, Target
from bench.sizes import FULL, SHORT, Sizes


def a_result(
    *pairs: tuple[float, float], target: Target | None = None, case: str = "verb"
) -> Result:
    measures = [(Measure(ours), Measure(peer)) for ours, peer in pairs]
    return harness.summed_up(case, measures, unit="/s", target=target)


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

    harness.write([a_result((3, 2), target=Target(AT_MOST, 1.2)).as_json()], file)

    assert json.loads(file.read_text(encoding="utf-8")) == [
        {
            "case": "verb", "unit": "/s", "ours": 3, "peer": 2, "ratio": 1.5, "spread": 0,
            "target": 1.2, "sense": "at most", "met": False,
            "queries": [None, None], "memory_mb": [None, None], "exponent": None, "costs": [],
        }
    ]  # fmt: skip


# What is kept of several runs


def an_entry(case: str, ratio: float = 1) -> dict[str, Any]:
    return {"case": case, "ratio": ratio}


def test_a_case_measured_anew_takes_the_place_of_its_former_line() -> None:
    known = [an_entry("verb: a"), an_entry("verb: b"), an_entry("life: c")]

    assert harness.merged(known, [an_entry("verb: b", 2)]) == [
        an_entry("verb: a"), an_entry("verb: b", 2), an_entry("life: c"),
    ]  # fmt: skip


def test_a_new_case_comes_after_the_others_of_its_kind() -> None:
    known = [an_entry("verb: a"), an_entry("life: c")]

    told = harness.merged(known, [an_entry("verb: b"), an_entry("pages: d")])

    assert [e["case"] for e in told] == ["verb: a", "verb: b", "life: c", "pages: d"]


def test_what_cannot_be_read_counts_as_nothing_known(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    assert harness.read(file) == []

    file.write_text("[{", encoding="utf-8")
    assert harness.read(file) == []


def kept(file: Path) -> list[str]:
    return [entry["case"] for entry in harness.read(file)]


def test_a_case_measured_to_its_end_leaves_none_of_its_former_lines(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    harness.write([an_entry("verb: old"), an_entry("life: c")], file)

    command.keep_results("verb", [a_result((1, 1), case="verb: new")], file, is_whole=True)

    assert kept(file) == ["life: c", "verb: new"]


def test_a_case_that_broke_keeps_the_lines_that_it_did_not_come_to(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    harness.write([an_entry("verb: a", 5), an_entry("verb: b", 5)], file)

    command.keep_results("verb", [a_result((1, 1), case="verb: a")], file, is_whole=False)

    assert [(e["case"], e["ratio"]) for e in harness.read(file)] == [("verb: a", 1), ("verb: b", 5)]


def test_only_a_run_of_all_cases_forgets_those_that_are_no_more(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    harness.write([an_entry("verb: a"), an_entry("former: b")], file)

    command.forget_others(file, ["verb"])
    assert kept(file) == ["verb: a", "former: b"]

    command.forget_others(file, list(CASES))
    assert kept(file) == ["verb: a"]


def test_a_case_that_breaks_off_still_tells_what_it_has_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def case(sizes: Sizes) -> Iterator[Result]:
        yield a_result((1, 1))
        raise RuntimeError("the peer is gone")

    results, is_whole = command.measured(case, SHORT)

    assert ([result.case for result in results], is_whole) == (["verb"], False)
    assert "the peer is gone" in capsys.readouterr().err


def test_a_case_that_broke_off_fails_the_run_by_name() -> None:
    assert harness.verdict([], ["life"]) == (1, "Missed:\n  life: not measured to its end")


# Growth

TEN = (10, 100, 1_000)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [((5, 5, 5), 0), ((2, 20, 200), 1), ((1, 100, 10_000), 2), ((100, 10, 1), -1)],
)
def test_the_exponent_is_the_slope_of_the_logarithms(
    costs: tuple[float, ...], expected: float
) -> None:
    assert harness.exponent(TEN, costs) == pytest.approx(expected)


def test_sizes_at_uneven_distances_count_by_their_logarithm() -> None:
    assert harness.exponent((10, 40, 5_000), (20, 80, 10_000)) == pytest.approx(1)


def test_a_bend_in_the_middle_is_fitted_by_least_squares() -> None:
    assert harness.exponent((1, 10, 100), (1, 100, 100)) == pytest.approx(1)
    assert harness.exponent((1, 10, 100), (1, 1, 100)) == pytest.approx(1)


def grown(*rounds: tuple[float, ...], flat: float | None = 0.1) -> Result:
    measures = [[Measure(cost, 2, 100) for cost in costs] for costs in rounds]
    return harness.grown("growth: verb", TEN, measures, unit="ms", flat=flat)


def test_growth_compares_the_most_data_with_the_least() -> None:
    result = grown((1, 1.1, 1.2), (2, 2, 2), (1, 1, 1.1))

    assert (result.ours, result.peer, result.costs) == (1.2, 1, (1, 1.1, 1.2))
    assert result.ratio == 1.1
    assert result.exponent == pytest.approx(0.0207, abs=0.0001)
    assert result.queries == (2, 2)


def test_the_target_of_growth_is_the_exponent_as_a_ratio() -> None:
    assert grown((1, 1, 1.58)).target == Target(AT_MOST, 1.58)
    assert grown((1, 1, 1.58)).is_met
    assert not grown((1, 1, 1.6)).is_met
    assert grown((1, 1, 9), flat=None).is_met


def test_the_sizes_of_growth_are_measured_in_changing_order() -> None:
    asked: list[int] = []

    def cost(world: Any) -> Measure:
        asked.append(world)
        return Measure(world)

    rounds = growth.in_turn([1, 10, 100], cost, 2)  # type: ignore[list-item]

    assert asked == [1, 10, 100, 100, 10, 1, 1, 10, 100]
    assert rounds == [[Measure(1), Measure(10), Measure(100)]] * 2


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


@pytest.mark.parametrize("sizes", [FULL, SHORT])
def test_every_world_has_enough_due_orders_for_the_rounds_of_growth(sizes: Sizes) -> None:
    for world in sizes.worlds:
        in_a_round = growth.CLICKS + 2 * (growth.at_once(world) + growth.BATCH)
        used = growth.FIRST + (sizes.grown_rounds + 1) * in_a_round

        assert used <= world.due


@pytest.mark.parametrize("sizes", [FULL, SHORT])
def test_the_largest_world_has_enough_due_orders_for_growth_and_the_sweep(sizes: Sizes) -> None:
    swept_by_growth = (sizes.grown_rounds + 1) * (growth.at_once(sizes.large) + growth.BATCH)
    each = sizes.due // (2 * sizes.rounds + 4)
    swept = (2 * sizes.rounds + 3) * (each + min(each, sizes.batch))
    left = growth.first_left(sizes) + sweep.CLICKS + 2

    assert sizes.large.due - swept_by_growth - swept >= left


def test_what_is_done_at_once_is_the_same_part_of_every_world() -> None:
    assert [growth.at_once(world) for world in FULL.worlds] == [50, 500, 5_000]


def test_the_world_of_the_ledger_has_enough_orders_for_every_round() -> None:
    alone_and_whole = 2 * SHORT.clients * SHORT.posts
    beside_hordak = ledger.HORDAK_PROCESSES * SHORT.posts * (1 + ledger.IN_SETS)

    assert ledger.how_many(SHORT) == (SHORT.rounds + 1) * (alone_and_whole + beside_hordak)
