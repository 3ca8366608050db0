"""Crash point 16: a restored backup knows less than the gateway; nothing is sent until we know."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from settlement import worker
from settlement.kinds import Kind
from settlement.models import Halt, Operation, ReconItem
from settlement.recon import items
from tasks import workflow
from tasks.management.commands.reconcile_restore import unfinished
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tasks.workflow.deliver import Content
from tasks.workflow.review import Verdict
from tests.builders import a_creator, ops
from tests.orders import (
    DAY,
    PRICE_FEN,
    a_sent_task,
    creator_of,
    merchant_of,
    pockets,
    start_payment,
)
from tests.settlement.recon.world import CREATOR, PAYER, SECONDS, World, found, operation

Step = Callable[[], object]


def halts() -> list[tuple[str, str]]:
    return list(Halt.objects.filter(cleared_at=None).values_list("scope", "reason"))


HALTED = [("ALL", "RESTORED")]


def restore(since: datetime, **options: Any) -> str:
    said = StringIO()
    call_command("reconcile_restore", since=since.isoformat(), stdout=said, **options)
    return said.getvalue().splitlines()[-1]


class Lost(Exception):
    pass


def lose(step: Step) -> None:
    """A step whose rows are lost, while the gateway keeps what it did: a savepoint rolled back."""

    def done_and_lost() -> None:
        with transaction.atomic():
            step()
            raise Lost

    with pytest.raises(Lost):
        done_and_lost()


def test_nothing_lost_lets_sending_go_on(world: World) -> None:
    world.confirmed()
    world.paid()
    assert restore(world.at) == "sending goes on"
    assert (found(), halts()) == ([], [])


@pytest.mark.rule("V51")
def test_a_lost_capture_is_found_and_done_again_without_moving_money_twice(world: World) -> None:
    (order,) = world.paid()
    since = world.at
    lose(lambda: world.does(workflow.ACCEPT, order, creator_of(order)))
    assert world.alipay.platform_fen == PRICE_FEN
    assert restore(since) == "sending is halted"
    (item,) = items.open_items()
    assert (item.level, item.kind, item.order_id) == ("RESTORE", "MISSING_HERE", order.pk)
    assert item.theirs_fen == PRICE_FEN
    assert halts() == HALTED

    engine.run_one(workflow.ACCEPT, order.pk, at=world.at, by=creator_of(order))
    assert operation(order, Kind.CAPTURE).out_no == item.out_no  # the same intent, the same number
    assert restore(since) == "sending goes on"
    world.pump()
    assert (pockets(order), world.alipay.platform_fen) == ({"held": PRICE_FEN}, PRICE_FEN)
    assert (found(), world.ledger_differs()) == ([], [])


@pytest.mark.rule("V52")
def test_a_lost_payout_is_never_paid_twice(world: World) -> None:
    order = world.accepted()
    world.does(workflow.DELIVER, order, creator_of(order), Content("https://we.example/1"))
    since = world.at
    lose(lambda: world.does(workflow.CONFIRM, order, merchant_of(order)))
    assert world.alipay.balance_fen(CREATOR) == PRICE_FEN
    assert restore(since) == "sending is halted"
    engine.run_one(workflow.CONFIRM, order.pk, at=world.at, by=merchant_of(order))
    assert restore(since) == "sending goes on"
    world.pump()
    assert world.alipay.balance_fen(CREATOR) == PRICE_FEN
    assert (pockets(order), world.ledger_differs()) == ({"paid": PRICE_FEN}, [])


def test_a_lost_payment_of_an_order_is_found_by_its_freeze(world: World) -> None:
    task = a_sent_task(a_creator(payout=CREATOR), at=world.at)
    since = world.at

    def pay() -> None:
        start_payment(task, at=world.at)
        worker.pump(world.now)
        world.alipay.pay(Operation.objects.get().out_no, PAYER)
        world.at += SECONDS
        world.pump()

    lose(pay)
    assert restore(since) == "sending is halted"
    (item,) = items.open_items()
    order = task.orders.get()
    assert (item.order_id, item.theirs_fen) == (order.pk, PRICE_FEN)
    assert (
        item.detail == "FREEZE: MANUAL there"
    )  # the amount of the whole payment is not known here


def test_an_order_lost_as_a_whole_is_found_and_its_number_never_given_again(world: World) -> None:
    (newest,) = world.paid()
    since = world.at
    lose(world.paid)
    assert restore(since) == "sending is halted"
    (item,) = items.open_items()
    assert item.out_no.startswith("F")
    assert item.order_id is not None
    assert item.order_id > newest.pk
    order = a_sent_task(a_creator(), at=world.at).orders.get()
    assert order.pk > item.order_id + 50_000


def test_the_bill_tells_of_what_the_numbers_do_not(world: World) -> None:
    order = world.confirmed()
    since = world.at
    number = operation(order, Kind.TRANSFER).out_no
    with world.alipay.house.transaction() as conn:  # a payout that no present order would ask for
        conn.execute("UPDATE transfers SET out_biz_no = %s", [lost := f"T{'A' * 26}"])
        conn.execute("ALTER TABLE movements DISABLE TRIGGER USER")
        conn.execute("UPDATE movements SET ref = %s WHERE ref = %s", [lost, number])
        conn.execute("ALTER TABLE movements ENABLE TRIGGER USER")
    world.next_morning()
    assert restore(since) == "sending is halted"
    lost_item = ReconItem.objects.get(level="RESTORE")
    assert (lost_item.out_no, lost_item.theirs_fen) == (lost, -PRICE_FEN)
    assert str(lost_item.day) == "2026-03-02"


def test_the_last_item_that_ops_work_off_ends_the_halt(world: World) -> None:
    (order,) = world.paid()
    since = world.at
    lose(lambda: world.does(workflow.ACCEPT, order, creator_of(order)))
    restore(since)
    (item,) = items.open_items()
    with pytest.raises(items.UnableToWorkOff):
        items.work_off(item.pk, "  ", at=world.at, by=ops().pk)
    assert halts() == HALTED
    assert items.work_off(item.pk, "told the creator to accept again", at=world.at, by=ops().pk)
    assert halts() == []
    assert not items.work_off(item.pk, "once more", at=world.at, by=ops().pk)


def test_a_gateway_that_does_not_answer_keeps_sending_halted(world: World) -> None:
    world.paid()
    world.alipay.faults.on("drop_before", times=None)
    with pytest.raises(CommandError, match="stays halted"):
        restore(world.at)
    assert halts() == HALTED
    world.alipay.faults.off()
    assert restore(world.at) == "sending goes on"


@pytest.mark.parametrize("since", ["yesterday", "2026-03-02T12:00:00"])
def test_the_instant_must_be_one(db: None, since: str) -> None:
    with pytest.raises(CommandError):
        call_command("reconcile_restore", since=since, stdout=StringIO())
    assert halts() == []


def test_finished_orders_are_not_asked_about(world: World) -> None:
    order = world.confirmed()
    world.at += DAY
    assert unfinished() == [order.pk]  # not reviewed yet
    world.does(workflow.REVIEW, order, merchant_of(order), Verdict(5, 5, 5, "gut"))
    assert unfinished() == []


def test_a_lost_refund_and_a_lost_release_are_found_and_never_done_twice(world: World) -> None:
    held, frozen = world.accepted(), world.paid()[0]
    world.at = held.due_at
    since = world.at

    def go_on() -> None:
        world.does(workflow.OVERDUE, held, CLOCK)
        world.does(workflow.LAPSE, frozen, CLOCK)

    lose(go_on)
    balance_fen = world.alipay.balance_fen(PAYER)
    assert restore(since) == "sending is halted"
    told = {item.out_no[0]: (item.order_id, item.theirs_fen) for item in items.open_items()}
    assert told == {"R": (held.pk, PRICE_FEN), "U": (frozen.pk, PRICE_FEN)}
    engine.run_one(workflow.OVERDUE, held.pk, at=world.at, by=CLOCK)
    engine.run_one(workflow.LAPSE, frozen.pk, at=world.at, by=CLOCK)
    assert restore(since) == "sending goes on"
    world.pump()
    assert [pockets(held), pockets(frozen)] == [{"returned": PRICE_FEN}] * 2
    assert world.alipay.balance_fen(PAYER) == balance_fen
    assert world.ledger_differs() == []
