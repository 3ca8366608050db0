import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import parse_yuan, plain, share, split, yuan

FEN = st.integers(min_value=0, max_value=10**13)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (5, "0.05"), (123_450, "1,234.50"), (-123_450, "-1,234.50"), (100, "1.00")],
)
def test_yuan_is_for_people(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_plain_is_for_the_wire() -> None:
    assert plain(123_450_00) == "123450.00"


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1234.5", 123_450), ("1,234.50", 123_450), (" 0.10 ", 10), ("7", 700), ("0", 0)],
)
def test_what_people_type_becomes_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "-1", "1.234", "1e3", "1,23", "NaN", "１２", "12 34", "0x10", "1.", ".5", "1\n2"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_yuan(text)


@given(FEN)
def test_what_is_shown_can_be_read_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == parse_yuan(plain(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "bps", "part"),
    [(10_000, 2_000, 2_000), (5, 1_000, 1), (4, 1_000, 0), (25, 200, 1), (1, 5_000, 1), (1, 0, 0)],
)
def test_a_share_is_rounded_half_up(fen: int, bps: int, part: int) -> None:
    assert share(fen, bps) == part


@pytest.mark.parametrize(("fen", "bps"), [(-1, 100), (100, -1), (100, 10_001)])
def test_a_share_outside_its_range_is_refused(fen: int, bps: int) -> None:
    with pytest.raises(ValueError, match="a share needs"):
        share(fen, bps)


@given(FEN, st.integers(min_value=0, max_value=10_000))
def test_a_share_is_never_more_than_the_whole(fen: int, bps: int) -> None:
    assert 0 <= share(fen, bps) <= fen


def test_a_split_gives_the_odd_fen_to_the_largest_remainder() -> None:
    assert split(100, [1, 2, 7]) == [10, 20, 70]
    assert split(101, [1, 2, 7]) == [10, 20, 71]
    assert split(10, [1, 1, 1]) == [4, 3, 3]


@given(FEN, st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=9))
def test_a_split_adds_up_and_no_part_is_a_fen_off(total: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        weights = [1, *weights]
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(
        0 <= part - total * weight // whole <= 1
        for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_a_split_that_makes_no_sense_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="a split needs"):
        split(total, weights)
