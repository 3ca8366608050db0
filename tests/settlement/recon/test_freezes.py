"""Crash point 14: a freeze that the gateway ended by itself, met by the watch or by a release."""

from datetime import timedelta

import pytest

from settlement.kinds import Kind
from settlement.models import Operation
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tests.orders import DAY, HOUR, PRICE_FEN, creator_of, pockets
from tests.settlement.recon.world import PAYER, SECONDS, World, found, operation

SECOND = timedelta(seconds=1)


def state(order: Order) -> tuple[str, str]:
    order = Order.objects.get(pk=order.pk)
    return order.state, order.reason


def expired(world: World, *prices_fen: int) -> list[Order]:
    """Paid orders whose freeze has ended at the gateway, and nobody told us."""
    orders = world.paid(*prices_fen)
    world.alipay.expire(operation(orders[0], Kind.FREEZE).out_no)
    return orders


# the watch


def test_a_freeze_is_watched_from_a_day_before_its_end_on(world: World) -> None:
    (order,) = world.paid()
    ends_at = operation(order, Kind.FREEZE).resolved_at
    assert ends_at is not None
    ends_at += 28 * DAY
    world.at = ends_at - DAY - SECOND
    assert world.watch() == 0
    world.at = ends_at - DAY
    assert [world.watch(), world.watch()] == [1, 0]
    world.at = ends_at
    assert world.watch() == 1
    assert (state(order), pockets(order)) == (("PAID", ""), {"frozen": PRICE_FEN})
    world.alipay.expire(operation(order, Kind.FREEZE).out_no)
    world.at = ends_at + DAY
    assert world.watch() == 1
    assert (state(order), pockets(order)) == (("VOID", "FREEZE_CLOSED"), {"returned": PRICE_FEN})
    world.at += DAY
    assert world.watch() == 0
    assert (found(), world.ledger_differs()) == ([], [])


def test_a_freeze_of_which_nothing_is_left_here_is_not_watched(world: World) -> None:
    world.accepted()
    world.at += 40 * DAY
    assert world.watch() == 0


def test_an_order_that_was_captured_keeps_its_money_when_the_rest_ends(world: World) -> None:
    captured, waiting = world.paid(80_000, 50_000)
    world.does(workflow.ACCEPT, captured, creator_of(captured))
    world.alipay.expire(operation(captured, Kind.FREEZE).out_no)
    world.at += 28 * DAY
    world.watch()
    assert pockets(captured) == {"held": 80_000}
    assert (state(waiting), pockets(waiting)) == (("VOID", "FREEZE_CLOSED"), {"returned": 50_000})
    assert found() == []


def test_a_rest_that_is_not_what_we_hold_frozen_needs_a_person(world: World) -> None:
    (order,) = world.paid()
    freeze = operation(order, Kind.FREEZE)
    shrink(world, freeze.out_no, rest_fen=PRICE_FEN - 1, paid_fen=1)
    world.at += 28 * DAY
    world.watch()
    assert found() == [("OPERATION", "AMOUNT", freeze.out_no, PRICE_FEN, PRICE_FEN - 1)]
    assert (state(order), pockets(order)) == (("PAID", ""), {"frozen": PRICE_FEN})


def test_money_captured_there_and_not_here_ends_no_order(world: World) -> None:
    (order,) = world.paid()
    freeze = operation(order, Kind.FREEZE)
    shrink(world, freeze.out_no, rest_fen=0, paid_fen=PRICE_FEN)
    world.at += 28 * DAY
    world.watch()
    assert found() == [("OPERATION", "AMOUNT", freeze.out_no, PRICE_FEN, 0)]
    assert state(order) == ("PAID", "")


def shrink(world: World, out_no: str, *, rest_fen: int, paid_fen: int) -> None:
    """The gateway's freeze as it would be after a capture that we know nothing of."""
    with world.alipay.house.transaction() as conn:
        conn.execute(
            "UPDATE freezes SET rest_fen = %s, paid_fen = %s, status = %s WHERE out_order_no = %s",
            [rest_fen, paid_fen, "AUTHORIZED" if rest_fen else "FINISH", out_no],
        )


def test_a_silent_gateway_ends_no_order(world: World) -> None:
    (order,) = expired(world)
    world.at += 28 * DAY
    world.alipay.faults.on("drop_before", times=None)
    assert world.watch() == 1
    assert state(order) == ("PAID", "")
    assert found() == []


# our own release comes too late


@pytest.mark.rule("V53")
def test_a_release_of_a_freeze_that_has_ended_counts_as_done(world: World) -> None:
    first, second = expired(world, 80_000, 50_000)
    balance_fen = world.alipay.balance_fen(PAYER)
    world.does(workflow.DECLINE, first, creator_of(first), "不合适")
    unfreeze = operation(first, Kind.UNFREEZE)
    assert (unfreeze.state, unfreeze.trouble) == ("SUCCEEDED", "")
    assert unfreeze.attempts.latest("id").message == "the gateway had closed the freeze"
    assert (state(first)[0], pockets(first)) == ("DECLINED", {"returned": 80_000})
    assert (state(second), pockets(second)) == (("PAID", ""), {"frozen": 50_000})
    assert world.alipay.balance_fen(PAYER) == balance_fen
    assert world.ledger_differs() == []
    world.at += DAY
    world.recheck()  # the gateway knows no such release, and that is right
    assert (found(), pockets(second)) == ([], {"returned": 50_000})


def test_an_order_accepted_after_the_freeze_ended_is_void_and_repaid(world: World) -> None:
    (order,) = expired(world)
    world.does(workflow.ACCEPT, order, creator_of(order))
    assert state(order) == ("VOID", "UNSECURED")
    assert pockets(order) == {"returned": PRICE_FEN}
    assert Operation.objects.filter(resolved_at=None).count() == 0
    assert world.ledger_differs() == []


def test_a_release_waits_for_a_person_when_the_money_was_captured_there(world: World) -> None:
    (order,) = world.paid()
    shrink(world, operation(order, Kind.FREEZE).out_no, rest_fen=0, paid_fen=PRICE_FEN)
    world.does(workflow.DECLINE, order, creator_of(order), "不合适")
    unfreeze = operation(order, Kind.UNFREEZE)
    assert (unfreeze.state, unfreeze.trouble) == ("MANUAL", "ORDER_ALREADY_FINISH")
    assert pockets(order) == {"frozen": PRICE_FEN}


def test_a_parked_release_ends_by_itself_once_the_amounts_prove_it(world: World) -> None:
    (order,) = world.paid()
    number = operation(order, Kind.FREEZE).out_no
    shrink(world, number, rest_fen=0, paid_fen=PRICE_FEN)
    world.does(workflow.DECLINE, order, creator_of(order), "不合适")
    shrink(world, number, rest_fen=PRICE_FEN, paid_fen=0)
    world.alipay.expire(number)
    world.at += HOUR + SECONDS
    world.pump()
    assert operation(order, Kind.UNFREEZE).state == "SUCCEEDED"
    assert pockets(order) == {"returned": PRICE_FEN}
    assert world.ledger_differs() == []


def test_an_order_whose_capture_is_under_way_is_left_to_its_answer(world: World) -> None:
    (order,) = expired(world)
    engine.run_one(workflow.ACCEPT, order.pk, at=world.at, by=creator_of(order))
    world.at += 28 * DAY
    world.watch()
    assert (state(order), found()) == (("ACCEPTED", ""), [])
