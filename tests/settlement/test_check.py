"""The ledger check finds whatever was planted below the triggers, and then stops payouts."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from settlement import check, operations, queries, statements
from settlement.models import Halt, LedgerCheck, Total, Transfer
from tasks import workflow
from tasks.models import Order
from tests.orders import DAY, NOW, PRICE_FEN, an_order, creator_of, delivered_at, merchant_of
from tests.verbs import do

pytestmark = pytest.mark.django_db


@contextmanager
def below_the_triggers() -> Iterator[None]:
    """What only somebody with full rights over the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("set session_replication_role = origin")


def planted(order: Order, statement: str) -> list[str]:
    """What the check says after `statement` (with %(id)s for the order) was done by force."""
    with below_the_triggers(), connection.cursor() as cursor:
        cursor.execute("alter table settlement_escrow drop constraint escrow_sums_to_funded")
        cursor.execute(statement, {"id": order.pk})
        assert cursor.rowcount > 0
    differences: list[str] = check.run(at=NOW).differences
    return [text.removeprefix(f"order {order.pk}: ") for text in differences]


@pytest.mark.rule("N3")
def test_when_all_is_well_it_counts_and_finds_nothing() -> None:
    an_order("REVIEWED")
    an_order("REFUNDED")
    result = check.run(at=NOW)
    assert (result.orders, result.transfers, result.differences) == (2, 9, [])
    assert result.is_ok
    assert not Halt.objects.exists()


def test_a_pocket_that_says_more_than_the_transfers() -> None:
    order = an_order("DELIVERED")
    found = planted(order, "update settlement_escrow set held = held + 5 where order_id = %(id)s")
    assert found == ["held is 80005 fen, the transfers make it 80000"]


def test_money_that_moved_from_one_pocket_to_another_without_a_transfer() -> None:
    order = an_order("DELIVERED")
    found = planted(
        order,
        "update settlement_escrow set held = held - 5, paid = paid + 5 where order_id = %(id)s",
    )
    assert found == [
        "held is 79995 fen, the transfers make it 80000",
        "paid is 5 fen, the transfers make it 0",
    ]


def test_a_sum_that_was_funded_by_nobody() -> None:
    order = an_order("DELIVERED")
    found = planted(order, "update settlement_escrow set funded = 1 where order_id = %(id)s")
    assert found == ["funded is 1 fen, the transfers make it 80000"]


@pytest.mark.rule("N3")
@pytest.mark.parametrize(
    "change",
    [
        "amount_fen = amount_fen + 1",
        "credit_party = 'creator:999'",
        "at = at + interval '1 microsecond'",
        "operation = 'X'",
        "code = 'x'",
        "hash = 'x'",
    ],
)
def test_a_line_that_was_changed(change: str) -> None:
    order = an_order("DELIVERED")
    where = "where order_id = %(id)s and seq = 2"
    found = planted(order, f"update settlement_transfer set {change} {where}")
    assert "the chain breaks at transfer 2" in found


@pytest.mark.rule("N3")
def test_a_line_in_the_middle_that_was_deleted() -> None:
    order = an_order("DELIVERED")
    found = planted(order, "delete from settlement_transfer where order_id = %(id)s and seq = 1")
    assert "transfer 1 is missing" in found


@pytest.mark.rule("N3")
def test_the_last_line_that_was_deleted() -> None:
    order = an_order("DELIVERED")
    found = planted(order, "delete from settlement_transfer where order_id = %(id)s and seq = 2")
    assert "the chain does not end where the escrow says" in found


def test_a_line_that_was_added_without_an_operation() -> None:
    order = an_order("DELIVERED")
    found = planted(
        order,
        "insert into settlement_transfer (order_id, seq, code, debit, credit, amount_fen,"
        " debit_party, credit_party, operation, at, key, hash)"
        " select order_id, 3, 'x', 'held', 'paid', 5, '', '', '', at, 'x', 'x'"
        " from settlement_transfer where order_id = %(id)s and seq = 1",
    )
    assert "the chain breaks at transfer 3" in found


def test_an_operation_that_succeeded_and_moved_nothing() -> None:
    order = an_order("ACCEPTED")
    do(workflow.OVERDUE, order, at=order.due_at, by=workflow.decision.Actor(CLOCK))
    found = planted(
        order,
        "update settlement_operation set state = 'SUCCEEDED', resolved_at = created_at"
        " where kind = 'REFUND'",
    )
    assert found[0].startswith("return of R")
    assert found[0].endswith("moved None fen, the gateway 80000")


CLOCK = workflow.decision.Role.CLOCK


def test_an_operation_that_failed_and_yet_moved_money() -> None:
    order = an_order("CONFIRMED")
    found = planted(
        order, "update settlement_operation set state = 'FAILED' where kind = 'TRANSFER'"
    )
    assert found[0].startswith("paid of T")
    assert found[0].endswith("moved 80000 fen, the gateway None")


def test_a_share_of_another_amount_than_was_moved() -> None:
    order = an_order("PAID")
    found = planted(
        order, "update settlement_operationorder set amount_fen = 5 where order_id = %(id)s"
    )
    assert found[0].endswith("moved 80000 fen, the gateway 5")


def test_transfers_of_an_order_without_an_escrow() -> None:
    order = an_order("PAID")
    found = planted(order, "delete from settlement_escrow where order_id = %(id)s")
    assert found == ["transfers without an escrow"]


def test_a_difference_halts_payouts_and_nothing_else() -> None:
    order = an_order("DELIVERED")
    planted(order, "update settlement_escrow set held = held + 5 where order_id = %(id)s")
    assert [halt.scope for halt in queries.open_halts()] == ["PAYOUTS"]
    other = an_order("DELIVERED")
    do(workflow.CONFIRM, other, at=delivered_at(other), by=merchant_of(other))
    assert operations.claim(at=NOW + 30 * DAY) is None
    accepted = an_order("PAID")
    do(workflow.ACCEPT, accepted, at=NOW, by=creator_of(accepted))
    claim = operations.claim(at=NOW + 30 * DAY)
    assert claim is not None
    assert claim.operation.kind == "CAPTURE"


def test_the_command_says_ok_or_ends_with_the_differences() -> None:
    order = an_order("PAID")
    out = StringIO()
    call_command("ledger_check", stdout=out)
    assert out.getvalue().startswith("ledger ok: 1 orders, 1 transfers")
    planted(order, "update settlement_escrow set frozen = 1 where order_id = %(id)s")
    with pytest.raises(CommandError, match="frozen is 1 fen"):
        call_command("ledger_check")


def test_every_run_is_kept() -> None:
    check.run(at=NOW)
    check.run(at=NOW + DAY)
    last = queries.last_check()
    assert last is not None
    assert (last.at, LedgerCheck.objects.count()) == (NOW + DAY, 2)


def test_many_orders_are_read_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "PAGE", 2)
    for _ in range(5):
        an_order("PAID")
    result = check.run(at=NOW)
    assert (result.orders, result.transfers, result.differences) == (5, 5, [])


# Totals


def sums(party: str) -> dict[str, int]:
    """From the transfers alone."""
    found: dict[str, int] = {}
    for line in Transfer.objects.all():
        if line.credit_party == party:
            found[line.credit] = found.get(line.credit, 0) + line.amount_fen
        if line.debit_party == party:
            found[line.debit] = found.get(line.debit, 0) - line.amount_fen
    return found


def test_a_total_is_the_snapshot_plus_what_is_newer() -> None:
    first = an_order("CONFIRMED")
    parties = [f"merchant:{first.merchant_id}", f"creator:{first.creator_id}", "platform"]
    assert check.take_totals(at=NOW) > 0
    an_order("DELIVERED", merchant=first.merchant, creator=first.creator)
    for party in parties:
        expected = sums(party)
        assert {p: fen for p, fen in queries.totals(party).items() if fen} == {
            pocket: fen for pocket, fen in expected.items() if fen and pocket != "outside"
        }
    assert check.take_totals(at=NOW + DAY) > 0
    for party in parties:
        expected = sums(party)
        assert {p: fen for p, fen in queries.totals(party).items() if fen} == {
            pocket: fen for pocket, fen in expected.items() if fen and pocket != "outside"
        }


def test_a_snapshot_without_news_writes_nothing() -> None:
    an_order("PAID")
    check.take_totals(at=NOW)
    assert check.take_totals(at=NOW + DAY) == 0
    assert Total.objects.values("through_id").distinct().count() == 1


def test_the_creator_has_earned_what_was_paid() -> None:
    order = an_order("REVIEWED")
    assert queries.total_fen(f"creator:{order.creator_id}", "paid") == PRICE_FEN
    assert queries.totals(f"merchant:{order.merchant_id}")["held"] == 0


def test_a_statement_is_a_merchants_lines_newest_first() -> None:
    order = an_order("CONFIRMED")
    lines = statements.lines(statements.merchant(order.merchant_id), statements.Span(), size=9)
    assert [line.code for line in lines] == ["confirm", "capture", "freeze"]


def test_reading_a_partys_totals_takes_four_queries(django_assert_num_queries: Any) -> None:
    order = an_order("CONFIRMED")
    check.take_totals(at=NOW)
    with django_assert_num_queries(4):
        queries.totals(f"merchant:{order.merchant_id}")
