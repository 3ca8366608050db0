"""What needs a person is decided by two: one proposes, another approves (four eyes)."""

import pytest

from settlement import manual
from settlement.gateway.messages import Answer, Outcome
from settlement.kinds import Kind
from settlement.manual import UnableToDecide
from settlement.models import Halt, ManualDecision, Operation
from tasks import workflow
from tasks.models import Order
from tests.builders import ops
from tests.gateway import scripted
from tests.orders import (
    DAY,
    HOUR,
    NOW,
    PRICE_FEN,
    a_sent_task,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
    settle,
    start_payment,
)
from tests.verbs import do, fresh, operation_of, world

pytestmark = pytest.mark.django_db

LATER = NOW + 20 * DAY
EVIDENCE = "Kontoauszug vom 22.3., Zeile 4"


def a_stuck_payout() -> Order:
    order = an_order("DELIVERED")
    at = delivered_at(order) + HOUR
    do(workflow.CONFIRM, order, at=at, by=merchant_of(order))
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Answer(Outcome.MANUAL, message="AMOUNT")
        settle(at)
    return order


def proposed(order: Order, verdict: str, *, by: int | None = None) -> ManualDecision:
    return manual.propose(operation_of(order).pk, verdict, EVIDENCE, at=LATER, by=by or ops().pk)


def test_a_proposal_alone_changes_nothing() -> None:
    order = a_stuck_payout()
    before = world(order)
    decision = proposed(order, "SUCCEEDED")
    assert world(order) == before
    assert (decision.evidence, decision.approved_by) == (EVIDENCE, None)


def test_when_another_person_approves_that_it_happened_the_money_is_paid() -> None:
    order = a_stuck_payout()
    operation = operation_of(order)
    other = ops()
    decision = manual.approve(proposed(order, "SUCCEEDED").pk, at=LATER, by=other.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.resolved_at) == ("SUCCEEDED", LATER)
    assert pockets(order) == {"paid": PRICE_FEN}
    assert (decision.approved_by_id, decision.approved_at) == (other.pk, LATER)


def test_when_another_person_approves_that_it_did_not_happen_the_money_is_payable_again() -> None:
    order = a_stuck_payout()
    manual.approve(proposed(order, "FAILED").pk, at=LATER, by=ops().pk)
    assert pockets(order) == {"payable": PRICE_FEN}
    assert fresh(order).trouble == "PAYOUT_BLOCKED"


def test_nobody_approves_his_own_proposal() -> None:
    order, one = a_stuck_payout(), ops()
    decision = proposed(order, "SUCCEEDED", by=one.pk)
    before = world(order)
    with pytest.raises(UnableToDecide):
        manual.approve(decision.pk, at=LATER, by=one.pk)
    assert world(order) == before
    decision.refresh_from_db()
    assert decision.approved_by is None


def test_what_was_approved_is_not_approved_again() -> None:
    order = a_stuck_payout()
    decision = proposed(order, "SUCCEEDED")
    manual.approve(decision.pk, at=LATER, by=ops().pk)
    before = world(order)
    with pytest.raises(UnableToDecide):
        manual.approve(decision.pk, at=LATER + HOUR, by=ops().pk)
    assert world(order) == before


def test_a_newer_proposal_takes_the_place_of_an_older_one() -> None:
    order = a_stuck_payout()
    old, new = proposed(order, "SUCCEEDED"), proposed(order, "FAILED")
    with pytest.raises(UnableToDecide):
        manual.approve(old.pk, at=LATER, by=ops().pk)
    manual.approve(new.pk, at=LATER, by=ops().pk)
    assert pockets(order) == {"payable": PRICE_FEN}


@pytest.mark.parametrize("evidence", ["", "  \n"])
def test_a_proposal_needs_evidence(evidence: str) -> None:
    order = a_stuck_payout()
    with pytest.raises(UnableToDecide):
        manual.propose(operation_of(order).pk, "FAILED", evidence, at=LATER, by=ops().pk)
    assert not ManualDecision.objects.exists()


def test_only_what_needs_a_person_is_decided_by_one() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    with pytest.raises(UnableToDecide):
        proposed(order, "FAILED")


def test_a_freeze_is_never_declared_to_have_happened() -> None:
    task = a_sent_task()
    start_payment(task)
    with scripted() as gateway:
        gateway.says["FREEZE"] = Outcome.MANUAL
        settle(NOW)
    order = task.orders.get()
    with pytest.raises(UnableToDecide):
        proposed(order, "SUCCEEDED")
    manual.approve(proposed(order, "FAILED").pk, at=LATER, by=ops().pk)
    assert (fresh(order).state, fresh(order).trouble) == ("UNPAID", "DECIDED_BY_OPS")


def test_a_capture_that_did_not_happen_ends_the_order_and_releases_the_freeze() -> None:
    order = an_order("PAID")
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    with scripted() as gateway:
        gateway.says["CAPTURE"] = Outcome.MANUAL
        settle(NOW + HOUR)
    manual.approve(proposed(order, "FAILED").pk, at=LATER, by=ops().pk)
    assert fresh(order).state == "VOID"
    assert operation_of(order).kind == Kind.UNFREEZE


def test_the_gateways_own_answer_comes_before_a_decision() -> None:
    order = a_stuck_payout()
    decision = proposed(order, "FAILED")
    with scripted() as gateway:
        gateway.says["TRANSFER?"] = Answer(Outcome.SUCCESS, gateway_no="late")
        settle(LATER)
    with pytest.raises(UnableToDecide):
        manual.approve(decision.pk, at=LATER, by=ops().pk)
    assert pockets(order) == {"paid": PRICE_FEN}


def test_asking_now_makes_an_open_operation_due_and_leaves_an_ended_one() -> None:
    order = a_stuck_payout()
    operation = operation_of(order)
    assert manual.ask_now(operation.pk, at=LATER)
    operation.refresh_from_db()
    assert operation.next_at == LATER
    ended = Operation.objects.filter(kind=Kind.FREEZE).get()
    assert not manual.ask_now(ended.pk, at=LATER)


def test_a_halt_is_cleared_once_and_by_somebody() -> None:
    halt, one = Halt.objects.create(scope="ALL", reason="x", since=NOW), ops()
    assert manual.clear_halt(halt.pk, at=LATER, by=one.pk)
    assert not manual.clear_halt(halt.pk, at=LATER + HOUR, by=ops().pk)
    halt.refresh_from_db()
    assert (halt.cleared_at, halt.cleared_by) == (LATER, one)
