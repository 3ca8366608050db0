from dataclasses import dataclass, fields, replace

import pytest

from creators.rules import (
    ITEMS,
    SECTIONS,
    ProfileFacts,
    completeness,
    quoted_price,
    refusal_to_accept,
    refusal_to_select,
)

EVERYTHING = ProfileFacts(**{field.name: True for field in fields(ProfileFacts)})
WEITAO, TOUTIAO = 1, 2


@dataclass
class Price:
    content_format: str
    channel_id: int | None
    price_fen: int


@dataclass
class Someone:
    status: str = "ACTIVE"
    is_accepting: bool = True
    default_price_fen: int | None = 80_000


@pytest.mark.rule("V5")
def test_a_whole_profile_is_complete() -> None:
    meter = completeness(EVERYTHING)
    assert (meter.percent, meter.missing) == (100, [])


@pytest.mark.rule("V5")
def test_an_empty_profile_misses_something_in_each_of_the_four_sections() -> None:
    meter = completeness(ProfileFacts())
    assert meter.percent == 0
    assert all(meter.of(section) for section in SECTIONS)
    assert len(SECTIONS) == 4


@pytest.mark.rule("V5")
@pytest.mark.parametrize("item", ITEMS, ids=[item.code for item in ITEMS])
def test_each_gap_is_named_in_its_section(item: object) -> None:
    code, section = item.code, item.section  # type: ignore[attr-defined]
    meter = completeness(replace(EVERYTHING, **{code: False}))
    assert [gap.code for gap in meter.of(section)] == [code]
    assert str(meter.missing[0].text)
    assert meter.percent == (len(ITEMS) - 1) * 100 // len(ITEMS)


@pytest.mark.rule("V19")
@pytest.mark.parametrize(
    ("content_format", "channel", "price"),
    [
        ("VIDEO", WEITAO, 4),
        ("VIDEO", TOUTIAO, 3),
        ("POST", WEITAO, 2),
        ("POST", TOUTIAO, 1),
        ("POST", None, 1),
        ("VIDEO", None, 3),
    ],
)
def test_the_most_specific_quote_counts(
    content_format: str, channel: int | None, price: int
) -> None:
    quotes = [
        Price("", None, 1),
        Price("", WEITAO, 2),
        Price("VIDEO", None, 3),
        Price("VIDEO", WEITAO, 4),
    ]
    assert quoted_price(quotes, content_format, channel) == price


@pytest.mark.rule("V18", "V19")
def test_without_a_fitting_quote_there_is_no_price() -> None:
    assert quoted_price([], "POST", WEITAO) is None
    assert quoted_price([Price("VIDEO", None, 3)], "POST", WEITAO) is None
    assert quoted_price([Price("", TOUTIAO, 3)], "POST", WEITAO) is None


@pytest.mark.rule("V6")
@pytest.mark.parametrize(
    ("facts", "may_be_selected"),
    [
        ({}, True),
        ({"status": "PENDING"}, False),
        ({"status": "SUSPENDED"}, False),
        ({"is_accepting": False}, False),
        ({"default_price_fen": None}, False),
    ],
)
def test_who_can_be_selected(facts: dict[str, object], may_be_selected: bool) -> None:
    refusal = refusal_to_select(replace(Someone(), **facts))  # type: ignore[arg-type]
    assert (refusal is None) == may_be_selected
    assert may_be_selected or str(refusal)


@pytest.mark.rule("V6")
@pytest.mark.parametrize(
    ("price_fen", "account", "status", "may_turn_on"),
    [
        (80_000, 1, "ACTIVE", True),
        (80_000, 1, "PENDING", True),
        (None, 1, "ACTIVE", False),
        (80_000, None, "ACTIVE", False),
        (80_000, 1, "SUSPENDED", False),
    ],
)
def test_when_the_switch_can_be_turned_on(
    price_fen: int | None, account: int | None, status: str, may_turn_on: bool
) -> None:
    refusal = refusal_to_accept(price_fen, account, status)
    assert (refusal is None) == may_turn_on
    assert may_turn_on or str(refusal)
