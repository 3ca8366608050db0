"""A freeze came to nothing: the payer did not confirm, it failed, or it held no money. The order
stays unpaid (V17).
"""

from datetime import datetime

from tasks.workflow.answer import Answered
from tasks.workflow.cancel_payment import cancel
from tasks.workflow.decision import Actor, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    case.order.trouble = given.trouble
    ask = cancel(case, given.out_no) if given.cancel else None
    return Decision(ask=ask, note=given.trouble)
