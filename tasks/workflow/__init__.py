# ruff: noqa: E501 - a table reads best with one row per line
"""Every change of an order goes through here.

The table below is the whole of it: who may do what, from which state to which, what it does to the
money, and the function that decides. `engine.run` locks, asks that function, and writes. To find
the rule of a step, open the file of its name. (`docs/states.md` is drawn from this table.)
"""

from tasks.states import State
from tasks.workflow import (
    accept,
    amend,
    cancel_payment,
    change_price,
    confirm,
    decline,
    deliver,
    dispute,
    hold,
    invoice,
    lapse,
    mark_freeze_closed,
    mark_paid,
    mark_paid_out,
    mark_payment_closed,
    mark_payout_blocked,
    mark_payout_returned,
    mark_reminded,
    mark_return_blocked,
    mark_returned,
    mark_secured,
    mark_unpaid,
    mark_unsecured,
    overdue,
    payout,
    release_hold,
    remind,
    report_figures,
    review,
    rule,
    start_payment,
    void,
    withdraw,
)
from tasks.workflow.decision import Role, Verb

MERCHANT = frozenset({Role.MERCHANT})
CREATOR = frozenset({Role.CREATOR})
BOTH = frozenset({Role.MERCHANT, Role.CREATOR})
OPS = frozenset({Role.OPS})
CLOCK = frozenset({Role.CLOCK})
GATEWAY = frozenset({Role.GATEWAY})
MAIL = frozenset({Role.MAIL})
S = State

# fmt: off
# Before payment (V15 to V19)
AMEND = Verb("amend", amend.decide, MERCHANT, (S.UNPAID,), (S.UNPAID,), whole_set=True)
WITHDRAW = Verb("withdraw", withdraw.decide, MERCHANT, (S.UNPAID,), (S.VOID,), whole_set=True)
OFFER_PRICE = Verb("offer_price", change_price.offer, BOTH, (S.UNPAID,), (S.UNPAID,))
ACCEPT_PRICE = Verb("accept_price", change_price.accept, BOTH, (S.UNPAID,), (S.UNPAID,))
REJECT_PRICE = Verb("reject_price", change_price.reject, BOTH, (S.UNPAID,), (S.UNPAID,))
START_PAYMENT = Verb("start_payment", start_payment.decide, MERCHANT, (S.UNPAID,), (S.UNPAID,), "operation FREEZE, one for all unpaid orders of the task", whole_set=True)
CANCEL_PAYMENT = Verb("cancel_payment", cancel_payment.decide, MERCHANT, (S.UNPAID,), (S.UNPAID,), "operation CANCEL_FREEZE", whole_set=True, looks_at_operation=True)
VOID = Verb("void", void.decide, CLOCK, (S.UNPAID,), (S.VOID,), "a late freeze is undone by itself", due="start_at")
# From payment to the end
ACCEPT = Verb("accept", accept.decide, CREATOR, (S.PAID,), (S.ACCEPTED,), "operation CAPTURE")
DECLINE = Verb("decline", decline.decide, CREATOR, (S.PAID,), (S.DECLINED,), "operation UNFREEZE")
LAPSE = Verb("lapse", lapse.decide, CLOCK, (S.PAID,), (S.LAPSED,), "operation UNFREEZE", due="start_at")
DELIVER = Verb("deliver", deliver.decide, CREATOR, (S.ACCEPTED, S.DELIVERED), (S.DELIVERED,))
OVERDUE = Verb("overdue", overdue.decide, CLOCK, (S.ACCEPTED,), (S.OVERDUE,), "escrow to refund in transit; operation REFUND", due="due_at")
CONFIRM = Verb("confirm", confirm.decide, MERCHANT | CLOCK, (S.DELIVERED,), (S.CONFIRMED,), "escrow to payable, fee and tax; operation TRANSFER", due="confirm_by", due_with=("reminded_at",))
DISPUTE = Verb("dispute", dispute.decide, MERCHANT, (S.DELIVERED,), (S.DISPUTED,))
RULE = Verb("rule", rule.decide, OPS, (S.DISPUTED,), (S.CONFIRMED, S.REFUNDED), "split of the escrow; operation REFUND, then TRANSFER", is_repeatable=False)
REVIEW = Verb("review", review.decide, MERCHANT, (S.CONFIRMED,), (S.REVIEWED,))
REQUEST_INVOICE = Verb("request_invoice", invoice.request, MERCHANT, (S.CONFIRMED, S.REVIEWED), ())
HAND_IN_INVOICE = Verb("hand_in_invoice", invoice.hand_in, CREATOR, (S.CONFIRMED, S.REVIEWED), ())
REPORT_FIGURES = Verb("report_figures", report_figures.decide, CREATOR, (S.DELIVERED, S.DISPUTED, S.CONFIRMED, S.REVIEWED), ())
# The merchant's reminders before the clock confirms (N4)
REMIND = Verb("remind", remind.decide, CLOCK, (S.DELIVERED,), (S.DELIVERED,), due="remind_at")
MARK_REMINDED = Verb("mark_reminded", mark_reminded.decide, MAIL, (S.DELIVERED,), (S.DELIVERED,))
HOLD = Verb("hold", hold.decide, MAIL, (S.DELIVERED,), (S.DELIVERED,))
RELEASE_HOLD = Verb("release_hold", release_hold.decide, OPS, (S.DELIVERED,), (S.DELIVERED,))
# What the gateway answered
MARK_PAID = Verb("mark_paid", mark_paid.decide, GATEWAY, (S.UNPAID, S.VOID), (S.PAID, S.VOID), "outside to frozen")
MARK_UNPAID = Verb("mark_unpaid", mark_unpaid.decide, GATEWAY, (S.UNPAID, S.VOID), (), "operation CANCEL_FREEZE where the freeze may still be open")
MARK_PAYMENT_CLOSED = Verb("mark_payment_closed", mark_payment_closed.decide, GATEWAY, (S.UNPAID, S.VOID), ())
MARK_SECURED = Verb("mark_secured", mark_secured.decide, GATEWAY, (S.ACCEPTED,), (S.ACCEPTED,), "frozen to held")
MARK_UNSECURED = Verb("mark_unsecured", mark_unsecured.decide, GATEWAY, (S.ACCEPTED,), (S.VOID,), "operation UNFREEZE")
MARK_RETURNED = Verb("mark_returned", mark_returned.decide, GATEWAY, (S.VOID, S.DECLINED, S.LAPSED, S.OVERDUE, S.CONFIRMED, S.REVIEWED, S.REFUNDED), (), "frozen or refund in transit to returned; after a split operation TRANSFER")
MARK_RETURN_BLOCKED = Verb("mark_return_blocked", mark_return_blocked.decide, GATEWAY, MARK_RETURNED.sources, ())
MARK_PAID_OUT = Verb("mark_paid_out", mark_paid_out.decide, GATEWAY, (S.CONFIRMED, S.REVIEWED), (), "in transit to paid")
MARK_PAYOUT_BLOCKED = Verb("mark_payout_blocked", mark_payout_blocked.decide, GATEWAY, (S.CONFIRMED, S.REVIEWED), (), "in transit back to payable")
# What the gateway did later by itself, found by asking again
MARK_PAYOUT_RETURNED = Verb("mark_payout_returned", mark_payout_returned.decide, GATEWAY, (S.CONFIRMED, S.REVIEWED), (), "paid back to payable")
MARK_FREEZE_CLOSED = Verb("mark_freeze_closed", mark_freeze_closed.decide, GATEWAY, (S.PAID,), (S.VOID,), "frozen to returned")
# What people set going again after a correction
PAY_OUT = Verb("pay_out", payout.decide, CREATOR | OPS, (S.CONFIRMED, S.REVIEWED), (), "payable to in transit; operation TRANSFER")
RETURN_AGAIN = Verb("return_again", mark_return_blocked.again, OPS, MARK_RETURNED.sources, (), "operation UNFREEZE or REFUND")
# fmt: on

VERBS: dict[str, Verb] = {
    verb.name: verb for verb in list(globals().values()) if isinstance(verb, Verb)
}
SWEEPS = (VOID, LAPSE, OVERDUE, REMIND, CONFIRM)
