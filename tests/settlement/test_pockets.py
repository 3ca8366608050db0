"""Pockets and the chain, without a database: no move makes, loses or overdraws money."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.ledger import Overdrawn, party_of, post
from settlement.models import Escrow
from settlement.pockets import OUTSIDE, POCKETS, Line, Move, chain, stamp

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

moves = st.builds(
    Move,
    code=st.sampled_from(["freeze", "capture", "confirm", "return"]),
    debit=st.sampled_from([OUTSIDE, *POCKETS]),
    credit=st.sampled_from(POCKETS),
    amount_fen=st.integers(-5, 500),
    nth=st.integers(1, 3),
)


def an_escrow(**pockets: int) -> Escrow:
    return Escrow(order_id=1, merchant_id=7, funded=sum(pockets.values()), **pockets)


def posted(escrow: Escrow, *wanted: Move) -> list[tuple[Line, str]]:
    return post(escrow, wanted, payee="creator:2", at=AT)


@settings(max_examples=300, deadline=None)
@given(st.lists(moves, max_size=30))
@pytest.mark.rule("V50", "V51", "V52", "V53")
def test_whatever_is_moved_the_pockets_sum_to_what_was_funded(wanted: list[Move]) -> None:
    escrow, lines = an_escrow(), 0
    for move in wanted:
        try:
            lines += len(posted(escrow, move))
        except Overdrawn:
            continue
        assert sum(escrow.pockets().values()) == escrow.funded
        assert min(escrow.pockets().values()) >= 0
    assert escrow.seq == lines


@settings(max_examples=200, deadline=None)
@given(st.lists(moves, max_size=20))
def test_the_pockets_follow_from_the_lines_alone(wanted: list[Move]) -> None:
    escrow = an_escrow()
    rebuilt = dict.fromkeys([OUTSIDE, *POCKETS], 0)
    for move in wanted:
        try:
            [(line, _)] = posted(escrow, move)
        except Overdrawn:
            continue
        rebuilt[line.debit] -= line.amount_fen
        rebuilt[line.credit] += line.amount_fen
    assert escrow.pockets() == {pocket: rebuilt[pocket] for pocket in POCKETS}
    assert escrow.funded == -rebuilt[OUTSIDE]


def test_a_pocket_cannot_be_overdrawn_by_one_fen() -> None:
    escrow = an_escrow(held=100)
    with pytest.raises(Overdrawn, match="held of order 1 falls to -1 fen"):
        posted(escrow, Move("confirm", "held", "payable", 101))
    assert escrow.pockets() == an_escrow(held=100).pockets()


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_a_move_of_nothing_is_no_move(amount_fen: int) -> None:
    with pytest.raises(Overdrawn, match="is no amount"):
        posted(an_escrow(held=100), Move("confirm", "held", "payable", amount_fen))


def test_the_key_names_the_move_once_and_numbers_its_repeats() -> None:
    assert Move("capture", "frozen", "held", 1).key(123) == "order:123:capture"
    assert Move("payout", "payable", "in_transit", 1, nth=2).key(123) == "order:123:payout:2"


@pytest.mark.parametrize(
    ("pocket", "party"),
    [
        ("outside", "merchant:7"),
        ("frozen", "merchant:7"),
        ("held", "merchant:7"),
        ("refund_in_transit", "merchant:7"),
        ("returned", "merchant:7"),
        ("payable", "creator:2"),
        ("in_transit", "creator:2"),
        ("paid", "creator:2"),
        ("fee", "platform"),
        ("tax", "tax"),
    ],
)
@pytest.mark.rule("V50", "V51", "V52")
def test_until_it_is_confirmed_the_money_is_the_merchants(pocket: str, party: str) -> None:
    assert party_of(pocket, merchant="merchant:7", payee="creator:2") == party


A_LINE = Line(
    1, 1, "freeze", "outside", "frozen", 100, "merchant:7", "merchant:7", "F1", AT, "order:1:freeze"
)


@pytest.mark.rule("N3")
@pytest.mark.parametrize("name", [field.name for field in fields(Line)])
def test_the_hash_covers_every_field_of_a_line(name: str) -> None:
    value = getattr(A_LINE, name)
    other = {int: 2, str: "x", datetime: AT + timedelta(microseconds=1)}[type(value)]
    assert chain("", A_LINE) != chain("", replace(A_LINE, **{name: other}))  # type: ignore[arg-type]


@pytest.mark.rule("N3")
def test_each_hash_covers_the_one_before_it() -> None:
    escrow = an_escrow()
    [(_, first)] = posted(escrow, Move("freeze", OUTSIDE, "frozen", 100))
    [(line, second)] = posted(escrow, Move("capture", "frozen", "held", 100))
    assert (escrow.seq, escrow.head) == (2, second)
    assert second == chain(first, line)
    assert second != chain("", line)


@pytest.mark.rule("N3")
def test_an_instant_is_written_in_utc_to_the_microsecond() -> None:
    shanghai = datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert stamp(shanghai) == "2026-03-02T04:00:00.000005Z"
    assert stamp(AT) == "2026-03-02T04:00:00.000000Z"
