"""A payout that had arrived comes back (退票): payable again, once, then paid as a new intent."""

import pytest

from settlement import check
from settlement.kinds import Kind
from settlement.models import Operation, Transfer
from tasks import workflow
from tasks.models import Order
from tasks.workflow import answers
from tasks.workflow.answer import Answered
from tasks.workflow.decision import GATEWAY
from tests.orders import DAY, PRICE_FEN, an_order, creator_of, delivered_at, do, pockets
from tests.verbs import a_case, asked, fresh, last_event, refused, told, world

pytestmark = pytest.mark.django_db


def transfer_of(order: Order) -> Operation:
    return Operation.objects.filter(kind=Kind.TRANSFER, shares__order_id=order.pk).latest("id")


@pytest.mark.rule("V52")
@pytest.mark.parametrize("state", ["CONFIRMED", "REVIEWED"])
def test_the_money_is_payable_again_and_the_creator_is_told(state: str) -> None:
    order = an_order(state)
    number = transfer_of(order).out_no
    at = delivered_at(order) + 4 * DAY
    assert answers.payout_returned(transfer_of(order), at)
    assert pockets(order) == {"payable": PRICE_FEN}
    after = fresh(order)
    assert (after.state, after.trouble) == (state, "PAYOUT_BLOCKED")
    assert told(order) == [("CREATOR", "payout_returned")]
    assert last_event(order).note == number
    line = Transfer.objects.get(order_id=order.pk, code="payout_returned")
    assert (line.debit, line.credit, line.operation) == ("paid", "payable", number)
    assert check.run(at=at).differences == []


def test_what_came_back_is_recorded_once() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 4 * DAY
    answers.payout_returned(transfer_of(order), at)
    before = world(order)
    assert answers.payout_returned(transfer_of(order), at + DAY)
    assert world(order) == before


def test_it_is_paid_again_as_a_new_intent_and_may_come_back_again() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 4 * DAY
    first = transfer_of(order)
    answers.payout_returned(first, at)
    do(workflow.PAY_OUT, order, at=at + DAY, by=creator_of(order))
    second = transfer_of(order)
    assert second.out_no != first.out_no
    assert pockets(order) == {"paid": PRICE_FEN}
    answers.payout_returned(first, at + 2 * DAY)  # the old news again changes nothing
    assert pockets(order) == {"paid": PRICE_FEN}
    answers.payout_returned(second, at + 3 * DAY)
    assert pockets(order) == {"payable": PRICE_FEN}
    assert check.run(at=at + 3 * DAY).differences == []


def test_a_reversal_that_names_another_transfer_is_found_by_the_ledger_check() -> None:
    order = an_order("CONFIRMED")
    first = transfer_of(order)
    first.out_no = "T234567"
    answers.payout_returned(first, delivered_at(order) + 4 * DAY)
    assert check.run(at=delivered_at(order) + 5 * DAY).differences == [
        f"order {order.pk}: payout_returned of T234567 moved {PRICE_FEN} fen, the gateway 0"
    ]


def test_nothing_comes_back_that_was_not_paid() -> None:
    case = a_case("CONFIRMED", pockets={"payable": 5})
    given = Answered(Kind.TRANSFER, "T1")
    at = case.order.due_at
    code = refused(case, workflow.MARK_PAYOUT_RETURNED, at=at, by=GATEWAY, given=given)
    assert code == "NOTHING_PAID"


def test_of_a_split_ruling_only_the_creators_part_comes_back() -> None:
    case = a_case("CONFIRMED", pockets={"paid": 30_000, "returned": 50_000})
    case.escrow.payouts = 1
    given = Answered(Kind.TRANSFER, "T1")
    verb = workflow.MARK_PAYOUT_RETURNED
    decision = asked(case, verb, at=case.order.due_at, by=GATEWAY, given=given)
    (move,) = decision.moves
    assert (move.debit, move.credit, move.amount_fen) == ("paid", "payable", 30_000)
