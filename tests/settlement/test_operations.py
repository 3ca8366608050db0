"""The queue of gateway operations: claimed once, leased, asked again at the right time."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from settlement import operations
from settlement.kinds import Kind
from settlement.models import Attempt, Halt, Operation, PayoutAccount
from settlement.queries import stuck
from tests.orders import HOUR, NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def an_operation(kind: str = Kind.UNFREEZE, **facts: Any) -> Operation:
    number = Operation.objects.count() + 1
    complete: dict[str, Any] = {
        "kind": kind,
        "out_no": f"U{number}",
        "amount_fen": 100,
        "request": {},
        "merchant_id": 1,
        "created_at": NOW,
        "next_at": NOW,
    }
    if kind == Kind.TRANSFER:
        complete["payout_account"] = PayoutAccount.objects.create(
            party="creator:1", logon_id="a@example.com", real_name="李鹿", created_at=NOW
        )
    return Operation.objects.create(**{**complete, **facts})


def an_attempt(operation: Operation) -> Attempt:
    return Attempt(operation=operation, what="QUERY", at=NOW, outcome="UNKNOWN", method="m")


@pytest.mark.django_db
class TestClaiming:
    def test_a_claim_sends_first_and_holds_a_lease_of_a_minute(self) -> None:
        operation = an_operation()
        claim = operations.claim(at=NOW)
        assert claim is not None
        operation.refresh_from_db()
        assert (claim.operation, claim.query_first) == (operation, False)
        assert (operation.state, operation.asks, operation.sends) == ("SENT", 1, 1)
        assert (operation.lease_until, operation.lease_token) == (NOW + MINUTE, claim.token)
        assert operation.first_sent_at == NOW

    def test_what_is_leased_is_nobody_elses_until_the_lease_ends(self) -> None:
        an_operation()
        assert operations.claim(at=NOW)
        assert operations.claim(at=NOW + MINUTE - SECOND) is None
        assert operations.claim(at=NOW + MINUTE) is not None

    def test_whoever_takes_it_after_that_queries_first(self) -> None:
        an_operation()
        first = operations.claim(at=NOW)
        second = operations.claim(at=NOW + MINUTE)
        assert first is not None
        assert second is not None
        assert second.query_first
        assert second.token != first.token
        assert second.operation.first_sent_at == NOW

    def test_what_is_not_yet_due_is_not_claimed(self) -> None:
        an_operation(next_at=NOW + SECOND)
        assert operations.claim(at=NOW) is None

    def test_what_has_an_end_is_not_claimed(self) -> None:
        an_operation(state="SUCCEEDED", resolved_at=NOW)
        assert operations.claim(at=NOW) is None

    def test_what_has_been_due_for_longest_comes_first(self) -> None:
        an_operation(next_at=NOW)
        older = an_operation(next_at=NOW - HOUR)
        claim = operations.claim(at=NOW)
        assert claim is not None
        assert claim.operation == older


@pytest.mark.django_db(transaction=True)
@pytest.mark.rule("N20")
def test_a_row_that_another_worker_holds_is_passed_over() -> None:
    held, free = an_operation(next_at=NOW - HOUR), an_operation()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select 1 from settlement_operation where id = %s for update", [held.pk])
            claim = operations.claim(at=NOW)
            cursor.execute("rollback")
    finally:
        other.close()
    assert claim is not None
    assert claim.operation == free


@pytest.mark.django_db
class TestHalts:
    def test_a_halt_of_payouts_stops_transfers_and_nothing_else(self) -> None:
        an_operation(Kind.TRANSFER)
        operations.halt(Halt.Scope.PAYOUTS, "the ledger differs", at=NOW)
        assert operations.claim(at=NOW) is None
        other = an_operation(Kind.UNFREEZE)
        claim = operations.claim(at=NOW)
        assert claim is not None
        assert claim.operation == other

    def test_a_halt_of_payouts_lets_what_was_sent_be_queried(self) -> None:
        an_operation(Kind.TRANSFER, sends=1, asks=1, state="UNKNOWN")
        operations.halt(Halt.Scope.PAYOUTS, "the ledger differs", at=NOW)
        claim = operations.claim(at=NOW)
        assert claim is not None
        assert claim.query_first

    def test_a_halt_of_all_stops_everything_until_it_is_cleared(self) -> None:
        an_operation()
        operations.halt(Halt.Scope.ALL, "bad key", at=NOW)
        assert operations.claim(at=NOW) is None
        Halt.objects.update(cleared_at=NOW)
        assert operations.claim(at=NOW) is not None

    def test_the_same_halt_is_kept_once(self) -> None:
        operations.halt(Halt.Scope.ALL, "bad key", at=NOW)
        operations.halt(Halt.Scope.ALL, "bad key", at=NOW + HOUR)
        assert Halt.objects.get().since == NOW


class TestWaiting:
    @pytest.mark.parametrize(
        ("asks", "seconds"), [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 3600), (99, 3600)]
    )
    def test_an_unknown_answer_is_asked_for_again_ever_later(self, asks: int, seconds: int) -> None:
        operation = Operation(kind=Kind.CAPTURE)
        for _ in range(50):
            wait = operations.next_step(operation, doubts=asks - 1, at=NOW) - NOW
            assert 0.8 * seconds <= wait.total_seconds() <= 1.2 * seconds

    def test_a_refund_is_not_queried_before_ten_seconds(self) -> None:
        operation = Operation(kind=Kind.REFUND)
        steps = [operations.next_step(operation, doubts=0, at=NOW) for _ in range(50)]
        assert min(steps) >= NOW + 10 * SECOND


@pytest.mark.django_db
class TestRecording:
    def test_an_open_answer_gives_the_lease_back_and_keeps_the_attempt(self) -> None:
        operation = an_operation()
        operations.claim(at=NOW)
        attempt = an_attempt(operation)
        operations.keep_open(operation, "UNKNOWN", attempt, at=NOW, next_at=NOW + MINUTE)
        operation.refresh_from_db()
        assert (operation.state, operation.next_at) == ("UNKNOWN", NOW + MINUTE)
        assert (operation.lease_until, operation.lease_token) == (None, None)
        assert operation.attempts.count() == 1

    def test_a_late_open_answer_leaves_an_ended_operation_alone(self) -> None:
        operation = an_operation(state="SUCCEEDED", resolved_at=NOW)
        attempt = an_attempt(operation)
        operations.keep_open(operation, "UNKNOWN", attempt, at=NOW, next_at=NOW + MINUTE)
        operation.refresh_from_db()
        assert operation.state == "SUCCEEDED"
        assert operation.attempts.count() == 1

    def test_a_notice_lets_an_operation_be_asked_about_at_once(self) -> None:
        operation = an_operation(state="UNKNOWN", asks=1, next_at=NOW + HOUR)
        operations.ring_for(operation.pk, at=NOW)
        operation.refresh_from_db()
        assert operation.next_at == NOW

    def test_a_notice_changes_nothing_about_what_has_ended_or_was_never_sent(self) -> None:
        ended = an_operation(state="FAILED", resolved_at=NOW, next_at=NOW + HOUR)
        ready = an_operation(next_at=NOW + HOUR)
        for operation in (ended, ready):
            operations.ring_for(operation.pk, at=NOW)
            operation.refresh_from_db()
            assert operation.next_at == NOW + HOUR

    def test_the_claim_of_a_first_attempt_counts_its_send_unless_its_time_is_up(self) -> None:
        in_time = an_operation(Kind.FREEZE, expires_at=NOW + SECOND)
        late = an_operation(Kind.FREEZE, expires_at=NOW)
        again = an_operation(asks=1, sends=1, state="UNKNOWN")
        while operations.claim(at=NOW) is not None:
            pass
        sends = Operation.objects.in_bulk()
        assert [sends[row.pk].sends for row in (in_time, late, again)] == [1, 0, 1]

    def test_another_send_is_counted_before_it_leaves(self) -> None:
        operation = an_operation(asks=1, sends=1)
        assert operations.note_send(operation) is True
        operation.refresh_from_db()
        assert operation.sends == 2

    @pytest.mark.parametrize(
        ("kind", "scope", "may_leave"),
        [
            (Kind.TRANSFER, Halt.Scope.PAYOUTS, False),
            (Kind.TRANSFER, Halt.Scope.ALL, False),
            (Kind.UNFREEZE, Halt.Scope.PAYOUTS, True),
            (Kind.UNFREEZE, Halt.Scope.ALL, False),
        ],
    )
    def test_while_a_halt_forbids_it_nothing_is_sent_again(
        self, kind: Kind, scope: str, may_leave: bool
    ) -> None:
        operation = an_operation(kind, asks=1, sends=1)
        operations.halt(scope, "the ledger differs", at=NOW)
        assert operations.note_send(operation) is may_leave
        operation.refresh_from_db()
        assert operation.sends == 1 + may_leave
        Halt.objects.update(cleared_at=NOW)
        assert operations.note_send(operation) is True


@pytest.mark.django_db
def test_after_a_quarter_of_an_hour_ops_are_shown_what_is_open() -> None:
    operation = an_operation(state="UNKNOWN", first_sent_at=NOW)
    waiting = an_operation(Kind.FREEZE, state="WAIT_USER", first_sent_at=NOW)
    manual = an_operation(state="MANUAL", first_sent_at=NOW + HOUR)
    assert set(stuck(NOW + 15 * MINUTE)) == {manual}
    assert set(stuck(NOW + 15 * MINUTE + SECOND)) == {operation, manual}
    assert waiting not in stuck(NOW + HOUR)
