"""Ops rule on a dispute (V40, V41): pay, refund or a split; a fee only on the creator's part."""

import pytest

from policy.numbers import Policy
from settlement.kinds import Kind
from tasks import workflow
from tasks.models import Ruling
from tasks.workflow.rule import Judgement
from tests.gateway import scripted
from tests.orders import (
    DAY,
    DUE,
    PRICE_FEN,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
    settle,
)
from tests.verbs import (
    OPS,
    a_case,
    a_member_of_staff,
    an_operation,
    asked,
    do,
    do_twice,
    last_event,
    operation_of,
    refusal,
    refused,
    told,
    transfers,
)

RULE = workflow.RULE
PAY, REFUND = Judgement(0, "交付符合要求"), Judgement(PRICE_FEN, "交付与要求不符")
SPLIT = Judgement(30_000, "少了一张图，其余符合")
FEE_20 = Policy(fee_bps=2000)


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_a_ruling_to_pay_releases_the_whole_reward() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    order = do(RULE, order, at=at, by=a_member_of_staff(), given=PAY)
    assert (order.state, order.confirmed_at) == ("CONFIRMED", at)
    assert pockets(order) == {"in_transit": PRICE_FEN}
    assert operation_of(order).kind == Kind.TRANSFER
    assert set(told(order)) == {("MERCHANT", "ruled"), ("CREATOR", "ruled")}


@pytest.mark.django_db
@pytest.mark.rule("V41", "V53")
def test_a_ruling_to_refund_sends_the_whole_reward_back() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    order = do(RULE, order, at=at, by=a_member_of_staff(), given=REFUND)
    assert (order.state, order.closed_at, order.reason) == ("REFUNDED", at, "交付与要求不符")
    assert pockets(order) == {"refund_in_transit": PRICE_FEN}
    assert operation_of(order).kind == Kind.REFUND


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_of_a_split_the_refund_goes_first_and_the_payout_follows() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    order = do(RULE, order, at=at, by=a_member_of_staff(), given=SPLIT)
    assert order.state == "CONFIRMED"
    assert pockets(order) == {"payable": 50_000, "refund_in_transit": 30_000}
    assert operation_of(order).kind == Kind.REFUND
    with scripted() as gateway:
        settle(at)
    assert pockets(order) == {"paid": 50_000, "returned": 30_000}
    assert [kind for _, kind, _ in gateway.asked] == [Kind.REFUND, Kind.TRANSFER]
    assert transfers(order)[2:] == [
        ("confirm", 50_000),
        ("refund", 30_000),
        ("return", 30_000),
        ("payout", 50_000),
        ("paid", 50_000),
    ]


@pytest.mark.django_db
@pytest.mark.rule("V40", "V59")
def test_of_a_split_the_fee_is_taken_from_the_creators_part_alone() -> None:
    order = an_order("DISPUTED", policy=FEE_20)
    at = delivered_at(order) + 2 * DAY
    do(RULE, order, at=at, by=a_member_of_staff(), given=SPLIT)
    assert pockets(order) == {"payable": 40_000, "fee": 10_000, "refund_in_transit": 30_000}
    assert transfers(order)[2:] == [("confirm", 40_000), ("fee", 10_000), ("refund", 30_000)]


@pytest.mark.django_db
@pytest.mark.rule("V41", "V59")
def test_of_a_full_refund_no_fee_is_taken() -> None:
    order = an_order("DISPUTED", policy=FEE_20)
    at = delivered_at(order) + 2 * DAY
    do(RULE, order, at=at, by=a_member_of_staff(), given=REFUND)
    assert pockets(order) == {"refund_in_transit": PRICE_FEN}


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_a_ruling_is_kept_with_both_parts_its_reason_and_who_ruled() -> None:
    order = an_order("DISPUTED")
    staff = a_member_of_staff()
    do(RULE, order, at=delivered_at(order) + 2 * DAY, by=staff, given=SPLIT)
    ruling = Ruling.objects.get(order=order)
    assert (ruling.pay_fen, ruling.refund_fen) == (50_000, 30_000)
    assert ruling.reason == "少了一张图，其余符合"
    assert (last_event(order).role, last_event(order).by_id) == ("OPS", staff.user_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("judgement", "code"),
    [
        (Judgement(0, "  "), "NO_REASON"),
        (Judgement(-1, "weil"), "AMOUNT"),
        (Judgement(PRICE_FEN + 1, "weil"), "AMOUNT"),
        (Judgement(PRICE_FEN - 9, "weil"), "TOO_SMALL"),
    ],
)
def test_a_ruling_without_reason_or_with_impossible_amounts_is_refused(
    judgement: Judgement, code: str
) -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    assert refusal(RULE, order, at=at, by=a_member_of_staff(), given=judgement) == code


@pytest.mark.rule("V18")
def test_the_smallest_part_that_can_be_paid_to_a_creator_is_ten_fen_net() -> None:
    case = a_case("DISPUTED", pockets={"held": PRICE_FEN}, policy=FEE_20)
    too_small = Judgement(PRICE_FEN - 11, "weil")  # 11 fen less 2 fen of fee
    assert refused(case, RULE, at=DUE, by=OPS, given=too_small) == "TOO_SMALL"
    enough = Judgement(PRICE_FEN - 12, "weil")
    assert asked(case, RULE, at=DUE, by=OPS, given=enough).moves


def test_while_the_gateway_is_working_on_the_order_nobody_can_rule() -> None:
    case = a_case("DISPUTED", operation=an_operation(Kind.REFUND))
    assert refused(case, RULE, at=DUE, by=OPS, given=PAY) == "MONEY_ON_ITS_WAY"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "state", ["UNPAID", "PAID", "ACCEPTED", "DELIVERED", "CONFIRMED", "LAPSED"]
)
def test_only_a_dispute_can_be_ruled_on(state: str) -> None:
    order = an_order(state)
    at = delivered_at(order) + 3 * DAY
    assert refusal(RULE, order, at=at, by=a_member_of_staff(), given=PAY) == "WRONG_STATE"


@pytest.mark.django_db
def test_neither_side_can_rule() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    assert refusal(RULE, order, at=at, by=merchant_of(order), given=REFUND) == "WRONG_STATE"
    assert refusal(RULE, order, at=at, by=creator_of(order), given=PAY) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_first_of_two_rulings_stands_and_the_second_is_told_so() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    do(RULE, order, at=at, by=a_member_of_staff(), given=PAY)
    assert refusal(RULE, order, at=at, by=a_member_of_staff(), given=REFUND) == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_rules_once() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    assert do_twice(RULE, order, at=at, by=a_member_of_staff(), given=SPLIT) == "ALREADY"
