"""Level 1: what was closed is asked about again; what differs is found, or taken in."""

from datetime import datetime, timedelta

import pytest

from settlement import worker
from settlement.kinds import Kind
from settlement.models import Attempt, Escrow, Operation
from settlement.recon import recheck
from tasks import workflow
from tasks.models import Order
from tests.builders import a_creator
from tests.orders import DAY, HOUR, PRICE_FEN, a_sent_task, creator_of, pockets, start_payment
from tests.settlement.recon.world import CREATOR, World, below_the_triggers, found, operation
from tests.verbs import transfers


def test_what_agrees_is_asked_about_once_a_day_for_three_days(world: World) -> None:
    world.confirmed()
    assert world.recheck() == 0
    asked = []
    for _ in range(5):
        world.at += DAY
        asked += [world.recheck(), world.recheck()]
    assert asked == [3, 0, 3, 0, 3, 0, 0, 0, 0, 0]
    assert found() == []
    assert Attempt.objects.filter(
        at__gt=world.at - 5 * DAY, what="QUERY", outcome="SUCCESS"
    ).exists()


def test_a_capture_that_was_refunded_in_full_is_no_difference(world: World) -> None:
    order = world.overdue()
    world.at += DAY
    assert world.recheck() == 1
    capture = operation(order, Kind.CAPTURE)
    recheck.one(capture, at=world.at)
    assert capture.attempts.latest("id").outcome == "MANUAL"  # TRADE_CLOSED, by itself no answer
    assert found() == []


@pytest.mark.rule("V52")
def test_a_payout_that_came_back_is_payable_again_and_paid_under_a_new_number(world: World) -> None:
    order = world.confirmed()
    first = operation(order, Kind.TRANSFER)
    world.alipay.give_back(first.out_no)
    world.at += DAY
    world.recheck()
    assert (pockets(order), found()) == ({"payable": PRICE_FEN}, [])
    assert world.alipay.balance_fen(CREATOR) == 0
    world.does(workflow.PAY_OUT, order, creator_of(order))
    assert operation(order, Kind.TRANSFER).out_no != first.out_no
    assert (pockets(order), world.alipay.balance_fen(CREATOR)) == ({"paid": PRICE_FEN}, PRICE_FEN)
    world.at += DAY
    world.recheck()  # the first one still says REFUND
    assert pockets(order) == {"paid": PRICE_FEN}
    assert [code for code, _ in transfers(order)][-4:] == [
        "paid", "payout_returned", "payout", "paid",
    ]  # fmt: skip
    assert (world.ledger_differs(), found()) == ([], [])


def test_what_we_hold_for_done_and_the_gateway_does_not_know_is_found(world: World) -> None:
    transfer = operation(world.confirmed(), Kind.TRANSFER)
    with world.alipay.house.transaction() as conn:
        conn.execute("UPDATE transfers SET out_biz_no = 'lost'")
    world.at += DAY
    world.recheck()
    assert found() == [("OPERATION", "STATE", transfer.out_no, PRICE_FEN, None)]
    with world.alipay.house.transaction() as conn:
        conn.execute("UPDATE transfers SET out_biz_no = %s", [transfer.out_no])
    world.at += DAY
    world.recheck()
    assert found() == []


def test_another_amount_there_is_found(world: World) -> None:
    transfer = operation(world.confirmed(), Kind.TRANSFER)
    with world.alipay.house.transaction() as conn:
        conn.execute("UPDATE transfers SET amount_fen = amount_fen + 1")
    world.at += DAY
    world.recheck()
    assert found() == [("OPERATION", "AMOUNT", transfer.out_no, PRICE_FEN, None)]


def test_what_we_hold_for_failed_and_the_gateway_did_is_found(world: World) -> None:
    transfer = operation(world.confirmed(), Kind.TRANSFER)
    with below_the_triggers():
        Operation.objects.filter(pk=transfer.pk).update(state="FAILED")
    world.at += DAY
    world.recheck()
    assert found() == [("OPERATION", "STATE", transfer.out_no, PRICE_FEN, None)]


def test_a_slow_gateway_ends_a_run_before_the_next_one_begins(world: World) -> None:
    world.confirmed()
    world.at += DAY
    began = world.at

    def slow() -> datetime:
        """Every look at the clock is a minute later."""
        now = world.at
        world.at += timedelta(minutes=1)
        return now

    assert recheck.run(slow) == 1
    assert world.at - began < timedelta(minutes=10)
    assert world.recheck() == 2  # the others are asked about by the next one


def test_a_gateway_that_is_silent_is_left_alone_for_an_hour_and_proves_nothing(
    world: World,
) -> None:
    world.confirmed()
    world.confirmed()
    world.at += DAY
    world.alipay.faults.on("drop_before", times=None)
    assert (world.recheck(), found()) == (3, [])
    world.alipay.faults.off()
    assert world.recheck() == 3  # the other three
    world.at += HOUR + timedelta(seconds=1)
    assert world.recheck() == 3
    assert found() == []


@pytest.mark.rule("V53")
def test_a_freeze_that_ended_at_the_gateway_ends_the_paid_orders(world: World) -> None:
    first, second = world.paid(80_000, 50_000)
    world.alipay.expire(operation(first, Kind.FREEZE).out_no)
    world.at += DAY
    world.recheck()
    for order, fen in ((first, 80_000), (second, 50_000)):
        assert Order.objects.get(pk=order.pk).state == "VOID"
        assert pockets(order) == {"returned": fen}
    assert (found(), world.ledger_differs()) == ([], [])


def test_payments_that_came_to_nothing_are_no_difference(world: World) -> None:
    given_up = a_sent_task(a_creator(), at=world.at)
    start_payment(given_up, at=world.at)
    worker.pump(world.now)
    world.at += 16 * HOUR  # nobody confirmed
    world.pump()
    world.alipay.faults.on("credit_auth")
    (unpaid,) = world.paid()
    assert operation(unpaid, Kind.FREEZE).trouble == "FREEZE_HOLDS_NO_MONEY"
    world.at += DAY
    assert world.recheck() == 3  # two freezes, one cancellation
    assert found() == []


def test_a_payout_that_the_order_cannot_take_back_now_needs_a_person(world: World) -> None:
    transfer = operation(world.confirmed(), Kind.TRANSFER)
    with below_the_triggers():
        Escrow.objects.update(paid=0, payable=PRICE_FEN)
    world.alipay.give_back(transfer.out_no)
    world.at += DAY
    world.recheck()
    assert found() == [("OPERATION", "STATE", transfer.out_no, PRICE_FEN, None)]
