"""The gateway says that the reward is frozen: the order becomes paid (V31, V50).

A freeze that succeeds after the start time is undone by itself.
"""

from datetime import datetime

from settlement.kinds import Kind
from settlement.pockets import FROZEN, OUTSIDE, Move
from tasks.models import Side
from tasks.states import Reason, State
from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Ask, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    order, escrow = case.order, case.escrow
    escrow.freeze_no, escrow.auth_no = given.out_no, given.gateway_no
    freeze = Move("freeze", OUTSIDE, FROZEN, order.price_fen, settles=True)
    if order.state == State.UNPAID and at < order.start_at:
        order.to_paid(at)
        return Decision(moves=(freeze,), tell=((Side.CREATOR, "received"),), with_terms=True)
    if order.state == State.UNPAID:
        order.to_void(at, Reason.PAID_TOO_LATE)
    return Decision(moves=(freeze,), ask=give_back(case), note=Reason.PAID_TOO_LATE)


def give_back(case: Case) -> Ask:
    """Release what is frozen for this order; the rest of the freeze is the other orders'."""
    escrow = case.escrow
    return Ask(
        Kind.UNFREEZE,
        case.order.price_fen,
        {
            "auth_no": escrow.auth_no,
            "freeze_out_no": escrow.freeze_no,
            "remark": f"order {case.order.pk}",
        },
    )
