"""Gateway operations in the admin: asked at once, decided with four eyes, never edited."""

import pytest

from settlement import check, manual, operations
from settlement.gateway.messages import Outcome
from settlement.kinds import Kind
from settlement.models import Halt, ManualDecision, Operation
from settlement.worker import pump
from tasks import workflow
from tasks.models import Order
from tasks.workflow import engine
from tests import gateway as gateways
from tests.admin.pages import (
    RAW,
    REASON,
    log,
    manual_payout,
    manual_refund,
    order_of,
    staff,
    text,
    url,
)
from tests.builders import a_browser, ops
from tests.orders import NOW, an_order, creator_of, everything, pockets, settle

pytestmark = pytest.mark.django_db

LIST = "settlement_operation_changelist"
EVIDENCE = "Statement of 10 March, line 14"


def decide(operation: Operation, verdict: str) -> None:
    """One member of ops proposes, another one approves, at the pages."""
    given = {"verdict": verdict, "evidence": EVIDENCE}
    staff().post(url("settlement_operation_propose", operation.pk), given)
    staff().post(url("settlement_operation_approve", operation.pk), {"reason": REASON})


def asked_capture() -> Operation:
    """A capture that was asked for and not yet sent."""
    order = an_order("PAID")
    engine.run_one(workflow.ACCEPT, order.pk, at=NOW, by=creator_of(order))
    return Operation.objects.get(kind=Kind.CAPTURE)


# The list and the page


@pytest.mark.parametrize("look", ["open", "manual", "stuck"])
def test_the_list_shows_what_needs_attention(look: str) -> None:
    operation = manual_payout()
    done = Operation.objects.get(kind=Kind.FREEZE)
    shown = text(staff().get(url(LIST), {"look": look}))
    assert url("settlement_operation_change", operation.pk) in shown
    assert url("settlement_operation_change", done.pk) not in shown


def test_the_list_shows_what_waits_for_a_second_person() -> None:
    operation = manual_payout()
    page = url("settlement_operation_change", operation.pk)
    assert page not in text(staff().get(url(LIST), {"look": "proposed"}))
    manual.propose(operation.pk, "FAILED", EVIDENCE, at=NOW, by=ops().pk)
    assert page in text(staff().get(url(LIST), {"look": "proposed"}))


def test_operations_are_found_by_order_and_by_number() -> None:
    operation = manual_payout()
    page = url("settlement_operation_change", operation.pk)
    for term in (str(order_of(operation).pk), operation.out_no):
        assert page in text(staff().get(url(LIST), {"q": term}))
    assert page not in text(staff().get(url(LIST), {"q": "NOTHING"}))


def test_the_page_shows_the_attempts_and_masks_the_payee() -> None:
    operation = manual_payout()
    shown = text(staff().get(url("settlement_operation_change", operation.pk)))
    assert "金额不一致" in shown
    assert "c***@example.com" in shown
    assert "creator@example.com" not in shown
    assert "13812345678" not in shown


# Raw answers


def test_raw_answers_are_shown_for_a_reason_and_it_is_kept_who_looked() -> None:
    operation = manual_payout()
    shown = text(
        staff().post(url("settlement_operation_raw", operation.pk), {"reason": "Complaint 7"})
    )
    assert "13812345678" in shown
    assert RAW not in str(operation.attempts.values("message"))
    assert "Complaint 7" in log()[0]


def test_raw_answers_are_not_shown_by_a_link_nor_without_a_reason() -> None:
    operation = manual_payout()
    page = url("settlement_operation_raw", operation.pk)
    assert "13812345678" not in text(staff().get(page))
    assert "13812345678" not in text(staff().post(page, {"reason": ""}))
    assert log() == []


# Ask now


def test_asking_now_makes_the_operation_due() -> None:
    operation = asked_capture()
    with gateways.scripted() as gateway:
        gateway.says[Kind.CAPTURE] = Outcome.UNKNOWN
        settle(NOW)
    waiting = Operation.objects.get(pk=operation.pk)
    assert waiting.next_at > NOW
    staff().post(url("settlement_operation_ask", operation.pk))
    with gateways.scripted():
        from core import clock

        pump(clock.now)
    assert Operation.objects.get(pk=operation.pk).state == "SUCCEEDED"
    assert "Ask the gateway now" in log()[0]


def test_an_operation_that_has_ended_is_not_asked_again() -> None:
    order = an_order("PAID")
    before = everything(order)
    done = Operation.objects.values().get()
    answer = staff().post(url("settlement_operation_ask", done["id"]), follow=True)
    assert "Nothing was changed." in text(answer)
    assert Operation.objects.values().get() == done
    assert everything(order) == before
    assert log() == []


# Decisions with four eyes


def test_a_proposal_alone_moves_nothing() -> None:
    operation = manual_payout()
    order = order_of(operation)
    before = everything(order)
    given = {"verdict": "SUCCEEDED", "evidence": EVIDENCE}
    staff().post(url("settlement_operation_propose", operation.pk), given)
    assert everything(order) == before
    assert Operation.objects.get(pk=operation.pk).state == "MANUAL"


def test_the_proposer_cannot_approve() -> None:
    operation = manual_payout()
    order = order_of(operation)
    before = everything(order)
    browser = staff()
    given = {"verdict": "SUCCEEDED", "evidence": EVIDENCE}
    browser.post(url("settlement_operation_propose", operation.pk), given)
    shown = text(
        browser.post(url("settlement_operation_approve", operation.pk), {"reason": REASON})
    )
    assert "Another person than the one who proposed it has to approve." in shown
    assert everything(order) == before
    assert ManualDecision.objects.get().approved_by is None


def test_a_payout_decided_as_done_is_paid() -> None:
    operation = manual_payout()
    order = order_of(operation)
    decide(operation, "SUCCEEDED")
    assert pockets(order) == {"paid": 80_000}
    assert Operation.objects.get(pk=operation.pk).state == "SUCCEEDED"
    assert check.run(at=NOW).differences == []


def test_a_payout_decided_as_not_done_can_be_tried_again() -> None:
    operation = manual_payout()
    order = order_of(operation)
    decide(operation, "FAILED")
    assert pockets(order) == {"payable": 80_000}
    assert Order.objects.get(pk=order.pk).trouble == "PAYOUT_BLOCKED"
    assert check.run(at=NOW).differences == []


def test_a_refund_decided_as_done_is_returned() -> None:
    operation = manual_refund()
    decide(operation, "SUCCEEDED")
    assert pockets(order_of(operation)) == {"returned": 80_000}


def test_a_refund_decided_as_not_done_stays_on_its_way_back() -> None:
    operation = manual_refund()
    decide(operation, "FAILED")
    assert pockets(order_of(operation)) == {"refund_in_transit": 80_000}
    assert order_of(operation).trouble == "RETURN_BLOCKED"


def test_who_proposed_and_who_approved_stays_on_record() -> None:
    operation = manual_payout()
    decide(operation, "SUCCEEDED")
    decision = ManualDecision.objects.get()
    assert decision.proposed_by != decision.approved_by
    assert decision.evidence == EVIDENCE
    assert [line.split(".")[0] for line in log()] == [
        "Approve the decision",
        "Propose a decision",
    ]


def test_a_decision_is_approved_once() -> None:
    operation = manual_payout()
    decide(operation, "SUCCEEDED")
    order = order_of(operation)
    before = everything(order)
    text(staff().post(url("settlement_operation_approve", operation.pk), {"reason": REASON}))
    assert everything(order) == before
    assert ManualDecision.objects.count() == 1


def test_a_newer_proposal_takes_the_place_of_an_older_one() -> None:
    operation = manual_payout()
    wrong = manual.propose(operation.pk, "SUCCEEDED", EVIDENCE, at=NOW, by=ops().pk)
    manual.propose(operation.pk, "FAILED", EVIDENCE, at=NOW, by=ops().pk)
    with pytest.raises(manual.UnableToDecide):
        manual.approve(wrong.pk, at=NOW, by=ops().pk)
    assert Operation.objects.get(pk=operation.pk).state == "MANUAL"


def test_the_gateways_own_answer_goes_before_a_proposal() -> None:
    operation = manual_payout()
    order = order_of(operation)
    decision = manual.propose(operation.pk, "FAILED", EVIDENCE, at=NOW, by=ops().pk)
    with gateways.scripted() as gateway:
        gateway.done[operation.out_no] = None  # type: ignore[assignment]
        gateway.says[f"{Kind.TRANSFER}?"] = Outcome.SUCCESS
        settle(operation.next_at)
    assert pockets(order) == {"paid": 80_000}
    before = everything(order)
    with pytest.raises(manual.UnableToDecide):
        manual.approve(decision.pk, at=NOW, by=ops().pk)
    assert everything(order) == before


def test_only_an_operation_that_needs_a_person_is_decided_by_one() -> None:
    operation = asked_capture()
    order = order_of(operation)
    before = everything(order)
    given = {"verdict": "SUCCEEDED", "evidence": EVIDENCE}
    shown = text(staff().post(url("settlement_operation_propose", operation.pk), given))
    assert "This operation does not need a person" in shown
    assert everything(order) == before
    assert not ManualDecision.objects.exists()


def test_a_freeze_is_never_taken_as_done_on_a_persons_word() -> None:
    """It needs the gateway's number and its payer, or the money could not be given back."""
    operation = asked_freeze()
    given = {"verdict": "SUCCEEDED", "evidence": EVIDENCE}
    shown = text(staff().post(url("settlement_operation_propose", operation.pk), given))
    assert "Ask the gateway." in shown
    assert not ManualDecision.objects.exists()


def asked_freeze() -> Operation:
    from tests.orders import a_sent_task, start_payment

    start_payment(a_sent_task())
    with gateways.scripted() as gateway:
        gateway.says[Kind.FREEZE] = Outcome.MANUAL
        settle(NOW)
    return Operation.objects.get(kind=Kind.FREEZE, state="MANUAL")


def test_a_proposal_needs_evidence() -> None:
    operation = manual_payout()
    given = {"verdict": "SUCCEEDED", "evidence": " "}
    text(staff().post(url("settlement_operation_propose", operation.pk), given))
    assert not ManualDecision.objects.exists()


# Halts


def test_a_halt_is_cleared_with_a_reason_by_a_known_person() -> None:
    operations.halt(Halt.Scope.PAYOUTS, "the ledger check found a difference", at=NOW)
    user, halt = ops(), Halt.objects.get()
    browser = a_browser(user)
    browser.post(url("settlement_halt_clear", halt.pk), {"reason": "Corrected by hand"})
    halt.refresh_from_db()
    assert halt.cleared_by == user
    assert halt.cleared_at is not None
    assert "Corrected by hand" in log()[0]


def test_a_halt_is_not_cleared_without_a_reason_nor_twice() -> None:
    operations.halt(Halt.Scope.ALL, "gateway refuses our requests", at=NOW)
    halt = Halt.objects.get()
    text(staff().post(url("settlement_halt_clear", halt.pk), {"reason": ""}))
    assert Halt.objects.get().cleared_at is None
    staff().post(url("settlement_halt_clear", halt.pk), {"reason": REASON})
    cleared = Halt.objects.values().get()
    staff().post(url("settlement_halt_clear", halt.pk), {"reason": REASON})
    assert Halt.objects.values().get() == cleared
    assert len(log()) == 1


# Private data


def test_payout_accounts_are_masked_until_somebody_gives_a_reason() -> None:
    an_order("PAID")
    browser, page = staff(), url("settlement_payoutaccount_changelist")
    assert "creator@example.com" not in text(browser.get(page))
    from settlement.models import PayoutAccount

    account = PayoutAccount.objects.get()
    detail = url("settlement_payoutaccount_change", account.pk)
    assert "creator@example.com" not in text(browser.get(detail))
    chosen = {"action": "show_private", "_selected_action": account.pk}
    assert "creator@example.com" not in text(browser.post(page, chosen))
    assert "creator@example.com" in text(browser.post(page, {**chosen, "reason": "Complaint 9"}))
    assert "Complaint 9" in log()[0]
