"""Levels 2 and 3: the bill of each day against our operations and our ledger."""

from datetime import timedelta

import pytest
from django.db import connection

from settlement import jobs
from settlement.kinds import Kind
from settlement.models import Bill, BillRow, Operation, ReconItem, ReconRun
from settlement.recon import bills, days, items, totals
from tasks import workflow
from tasks.workflow import engine
from tasks.workflow.deliver import Content
from tests.builders import ops
from tests.orders import DAY, HOUR, PRICE_FEN, creator_of, merchant_of, pockets
from tests.settlement.recon.world import World, below_the_triggers, found, operation, told

EXTRA = "UNKNOWN000000000000000000EXTRA"


def results(runs: list[ReconRun]) -> list[tuple[str, str, int, int]]:
    return [(str(run.day), run.result, run.rows, run.differences) for run in runs]


def test_the_days_agree_line_by_line_and_in_their_balances(world: World) -> None:
    world.overdue()  # captured on the 2nd of March, refunded on the 9th
    world.next_morning()
    assert [(day, rows) for day, _, rows, _ in results(world.bills()) if rows] == [
        ("2026-03-02", 1),
        ("2026-03-09", 1),
    ]
    assert (world.bills(), found()) == ([], [])


def test_a_day_with_capture_payout_and_refund_agrees(world: World) -> None:
    world.confirmed()
    order = world.accepted()
    world.next_morning()
    assert results(world.bills()) == [("2026-03-02", "DONE", 3, 0)]
    world.at = order.due_at
    world.overdue_now(order)
    for _ in range(8):
        world.next_morning()
        world.bills()
    assert [(str(run.day), run.rows) for run in ReconRun.objects.filter(rows__gt=0)] == [
        ("2026-03-09", 1),
        ("2026-03-02", 3),
    ]
    assert found() == []
    assert ReconItem.objects.count() == 0


def test_money_here_that_the_bill_does_not_have(world: World) -> None:
    order = world.confirmed()
    world.alipay.faults.on("bill_missing_row")
    world.next_morning()
    world.bills()
    number = operation(order, Kind.TRANSFER).out_no
    assert found() == [
        ("BILL", "MISSING_THERE", number, -PRICE_FEN, None),
        ("TOTALS", "BALANCE", "", 0, PRICE_FEN),
    ]


def test_a_difference_is_looked_at_again_and_closed_when_it_has_gone(world: World) -> None:
    world.confirmed()
    world.alipay.faults.on("bill_missing_row")
    world.next_morning()
    world.bills()
    assert world.bills() == []  # not at once
    world.at += 6 * HOUR
    assert results(world.bills()) == [("2026-03-02", "DONE", 2, 0)]
    assert found() == []
    closed = ReconItem.objects.filter(closed_at=world.at, closed_by=None, note="")
    assert closed.count() == 2
    assert Bill.objects.count() == 2  # both versions are kept


def test_a_line_that_we_know_nothing_of(world: World) -> None:
    world.confirmed()
    world.alipay.faults.on("bill_extra_row")
    world.next_morning()
    world.bills()
    assert found() == [
        ("BILL", "UNKNOWN", EXTRA, None, -PRICE_FEN),
        ("TOTALS", "BALANCE", "", 0, -PRICE_FEN),  # the lines do not add up to the balances
    ]


def test_money_there_that_we_hold_for_failed(world: World) -> None:
    order = world.confirmed()
    transfer = operation(order, Kind.TRANSFER)
    with below_the_triggers():
        Operation.objects.filter(pk=transfer.pk).update(state="FAILED")
        transfers = "update settlement_transfer set operation = '' where operation = %s"
        execute(transfers, transfer.out_no)
    world.next_morning()
    world.bills()
    assert found() == [
        ("BILL", "MISSING_HERE", transfer.out_no, None, -PRICE_FEN),
        ("TOTALS", "BALANCE", "", PRICE_FEN, 0),
    ]


def execute(statement: str, *params: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_another_amount_is_found_in_the_line_and_in_the_balance(world: World) -> None:
    order = world.confirmed()
    with world.alipay.house.transaction() as conn:
        conn.execute("ALTER TABLE movements DISABLE TRIGGER USER")
        conn.execute("UPDATE movements SET amount_fen = amount_fen - 1 WHERE code = 'TRANSFER'")
        conn.execute("ALTER TABLE movements ENABLE TRIGGER USER")
    world.next_morning()
    world.bills()
    number = operation(order, Kind.TRANSFER).out_no
    assert found() == [
        ("BILL", "AMOUNT", number, -PRICE_FEN, -PRICE_FEN + 1),
        ("TOTALS", "BALANCE", "", 0, 1),
    ]
    with world.alipay.house.transaction() as conn:
        conn.execute("ALTER TABLE movements DISABLE TRIGGER USER")
        conn.execute("UPDATE movements SET amount_fen = amount_fen + 1 WHERE code = 'TRANSFER'")
        conn.execute("ALTER TABLE movements ENABLE TRIGGER USER")


def test_a_late_bill_is_waited_for_then_told_and_compared_when_it_comes(world: World) -> None:
    world.confirmed()
    world.next_morning()
    world.alipay.faults.on("error_response", times=None, sub_code="isp.bill_not_exist")
    assert results(world.bills()) == [("2026-03-02", "WAITING", 0, 0)]
    assert found() == []
    world.at += 2 * DAY
    assert [result for _, result, *_ in results(world.bills())] == ["WAITING"] * 3
    assert ReconItem.objects.count() == 1
    (item,) = items.open_items()
    assert (item.kind, str(item.day), item.detail) == ("LATE", "2026-03-02", "NOT_YET")
    world.alipay.faults.off()
    assert results(world.bills())[0] == ("2026-03-02", "DONE", 2, 0)
    assert found() == []


@pytest.mark.rule("V52")
def test_a_payout_that_came_back_long_ago_is_found_by_the_bill(world: World) -> None:
    order = world.confirmed()
    world.next_morning()
    world.bills()
    world.at += 20 * DAY
    world.alipay.give_back(operation(order, Kind.TRANSFER).out_no)
    world.next_morning()
    assert world.recheck() == 0  # too old for being asked about by itself
    world.bills()
    assert pockets(order) == {"payable": PRICE_FEN}
    assert (found(), world.ledger_differs()) == ([], [])
    world.next_morning()
    world.bills()
    assert found() == []


def test_what_ops_worked_off_does_not_come_back(world: World) -> None:
    world.confirmed()
    world.alipay.faults.on("bill_extra_row", times=None)
    world.next_morning()
    world.bills()
    by = ops()
    for item in items.open_items():
        assert items.work_off(item.pk, "Gebühr der Bank", at=world.at, by=by.pk)
    world.at += 7 * HOUR
    bill = Bill.objects.get()
    days.compare(bill, at=world.at)
    assert found() == []
    assert told(ReconItem.objects.filter(closed_by=by, level="BILL")) == [
        ("BILL", "UNKNOWN", EXTRA, None, -PRICE_FEN)
    ]


def test_the_same_bill_again_is_kept_once(world: World) -> None:
    world.confirmed()
    world.next_morning()
    (run,) = world.bills()
    assert days.reconcile(run.day, at=world.at).differences == 0
    assert (Bill.objects.count(), BillRow.objects.count()) == (1, 2)


def test_a_bill_that_begins_with_the_newest_line_is_read_as_well() -> None:
    rows = [BillRow(amount_fen=fen, balance_fen=balance) for fen, balance in SEVERAL]
    assert totals.balances(rows) == totals.balances(rows[::-1]) == totals.Balances(100, 130, True)


SEVERAL = ((50, 150), (-30, 120), (10, 130))


def test_money_on_its_way_for_more_than_a_day_is_told_until_it_arrives(world: World) -> None:
    order = world.accepted()
    world.does(workflow.DELIVER, order, creator_of(order), Content("https://we.example/1"))
    engine.run_one(workflow.CONFIRM, order.pk, at=world.at, by=merchant_of(order))
    world.at += DAY - timedelta(seconds=1)
    assert jobs.watch_clearing() == 0
    world.at += timedelta(seconds=1)
    assert jobs.watch_clearing() == 1
    number = operation(order, Kind.TRANSFER).out_no
    assert found() == [("CLEARING", "TOO_LONG", number, PRICE_FEN, None)]
    world.pump()
    assert jobs.watch_clearing() == 0
    assert found() == []


def test_nothing_is_expected_of_days_before_the_first_run(world: World) -> None:
    world.confirmed()
    world.at += 3 * DAY
    with below_the_triggers():
        ReconRun.objects.all().delete()
    assert world.bills() == []
    world.next_morning()
    assert results(world.bills()) == [("2026-03-05", "DONE", 0, 0)]
    assert bills.first_day() == Bill.objects.get().day
