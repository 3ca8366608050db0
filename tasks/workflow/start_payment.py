"""The merchant pays all unpaid orders of a task in one freeze (V16, V17). The terms are fixed here
(N2).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from policy.numbers import Policy
from settlement.kinds import Kind
from tasks import rules
from tasks.workflow.decision import Actor, Ask, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Payment:
    """What the edge brings along: the policy in force, the brief to freeze, and where the payer
    comes back to.
    """

    policy: Policy
    requirements: str
    title: str
    notify_url: str
    return_url: str


class UnableToStartPayment(Refused):
    code = "UNABLE_TO_PAY"


def decide(case: Case, *, at: datetime, by: Actor, given: Payment) -> Decision:
    order = case.order
    case.refuse_while_money_moves()
    if at >= order.start_at:
        raise UnableToStartPayment(
            _("The start time has passed, so this order can no longer be paid."), code="TOO_LATE"
        )
    if order.offer_fen is not None:
        raise UnableToStartPayment(
            _("There is an open price offer. Accept or reject it first."), code="OPEN_OFFER"
        )
    if problem := rules.price_problem(order.price_fen, given.policy):
        raise UnableToStartPayment(problem, code="PRICE")
    order.requirements = given.requirements
    order.payee = f"creator:{order.creator_id}"
    order.trouble = ""
    for name, value in asdict(rules.terms(order.price_fen, given.policy)).items():
        setattr(order, name, value)
    window = timedelta(minutes=given.policy.payment_window_minutes)
    expires_at = min(at + window, order.start_at)
    return Decision(ask=_freeze(order.task_id, order.price_fen, expires_at, at, given))


def _freeze(
    task_id: int, price_fen: int, expires_at: datetime, at: datetime, given: Payment
) -> Ask:
    minutes = max(1, int((expires_at - at).total_seconds() // 60))
    return Ask(
        Kind.FREEZE,
        price_fen,
        {
            "title": given.title,
            "timeout_minutes": minutes,
            "notify_url": given.notify_url,
            "return_url": given.return_url,
        },
        together=f"task:{task_id}",
        expires_at=expires_at,
    )
