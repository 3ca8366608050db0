"""What ops may do with an order: rule on a dispute, pay out again, return again, release a
confirmation that is held.

Each is one call of the engine with a reason, after the page has shown who will get what, as the
verb itself decides it (N1).
"""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import NOTHING, Line, Step, Visit, fen, moment
from core.admin_actions import ReasonForm
from core.masking import mask_account, mask_email, mask_name
from core.web.forms import YuanField
from settlement.kinds import Kind
from settlement.models import PayoutAccount
from settlement.pockets import FEE, IN_TRANSIT, PAYABLE, REFUND_IN_TRANSIT, TAX
from tasks import queries, workflow
from tasks.models import Dispute, Order
from tasks.states import State
from tasks.web import words
from tasks.workflow import engine, mark_return_blocked, release_hold
from tasks.workflow.decision import Actor, Refused, Verb
from tasks.workflow.rule import Judgement


class RulingForm(ReasonForm):
    PAY, REFUND, SPLIT = "PAY", "REFUND", "SPLIT"

    verdict = forms.ChoiceField(
        label=gettext_lazy("Ruling"),
        choices=[
            (PAY, gettext_lazy("Pay the creator")),
            (REFUND, gettext_lazy("Refund the merchant")),
            (SPLIT, gettext_lazy("Split between the two")),
        ],
        widget=forms.RadioSelect,
    )
    refund = YuanField(
        label=gettext_lazy("Back to the merchant, in yuan"),
        help_text=gettext_lazy("For a split only. The rest goes to the creator, less the fee."),
        required=False,
    )
    field_order = ["verdict", "refund", "reason"]

    def __init__(self, order: Order, data: QueryDict | None) -> None:
        super().__init__(data)
        self.price_fen = order.price_fen

    def clean(self) -> dict[str, Any]:
        """Adds `refund_fen`, what goes back to the merchant."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        verdict, refund_fen = data.get("verdict"), data.get("refund")
        if verdict == self.SPLIT and "refund" in data:
            if refund_fen is None:
                self.add_error("refund", _("Enter what goes back to the merchant."))
            elif refund_fen >= self.price_fen:
                limit = {"price": fen(self.price_fen)}
                self.add_error("refund", _("Less than the price, which is %(price)s.") % limit)
        whole = {self.PAY: 0, self.REFUND: self.price_fen}
        return {**data, "refund_fen": whole.get(str(verdict), refund_fen)}


def judgement(data: dict[str, Any]) -> Judgement:
    return Judgement(data["refund_fen"], data["reason"])


def rule(order: Order, data: dict[str, Any], visit: Visit) -> str | None:
    if not run(workflow.RULE, order, visit, judgement(data)):
        return None
    shares = {"pay": fen(order.price_fen - data["refund_fen"]), "refund": fen(data["refund_fen"])}
    return _("Ruled: %(pay)s to the creator's side, %(refund)s back to the merchant.") % shares


def pay_out(order: Order, _data: dict[str, Any], visit: Visit) -> str | None:
    done = run(workflow.PAY_OUT, order, visit)
    return _("The payout is on its way again.") if done else None


def return_again(order: Order, _data: dict[str, Any], visit: Visit) -> str | None:
    done = run(workflow.RETURN_AGAIN, order, visit)
    return _("The return is on its way again.") if done else None


def release(order: Order, data: dict[str, Any], visit: Visit) -> str | None:
    if not run(workflow.RELEASE_HOLD, order, visit, data["reason"]):
        return None
    until = moment(release_hold.until(order.confirm_by, visit.at))
    return _("Released. The merchant is reminded anew, and the clock confirms at %(until)s.") % {
        "until": until
    }


def run(verb: Verb, order: Order, visit: Visit, given: Any = None) -> bool:
    """False when the same form had done it before."""
    outcome = engine.run_one(
        verb, order.pk, at=visit.at, by=Actor.ops(visit.user), given=given, token=visit.token
    )
    return outcome.result == engine.DONE


def seen(verb: Verb, order: Order, visit: Visit, given: Any = None) -> words.Seen:
    return engine.preview(verb, [order.pk], at=visit.at, by=Actor.ops(visit.user), given=given)


def foresee_ruling(order: Order, data: dict[str, Any], visit: Visit) -> list[Line]:
    decided = seen(workflow.RULE, order, visit, judgement(data))
    lines = [
        Line(_("The creator receives"), words.moved_fen(decided, PAYABLE)),
        Line(_("Platform fee"), words.moved_fen(decided, FEE)),
        Line(_("Tax withheld"), words.moved_fen(decided, TAX)),
        Line(_("Back to the merchant"), words.moved_fen(decided, REFUND_IN_TRANSIT)),
    ]
    return [*lines, Line(_("Reason"), text=data["reason"])]


def foresee_payout(order: Order, _data: dict[str, Any], visit: Visit) -> list[Line]:
    decided = seen(workflow.PAY_OUT, order, visit)
    account_id = decided[0][0].payout_account_id or 0
    account = PayoutAccount.objects.filter(pk=account_id).first()
    lines = [Line(_("To the creator"), words.moved_fen(decided, IN_TRANSIT))]
    if account is not None:
        name = f"{mask_account(account.logon_id)} ({mask_name(account.real_name)})"
        lines.append(Line(_("Payout account"), text=name))
    return lines


def foresee_return(order: Order, _data: dict[str, Any], visit: Visit) -> list[Line]:
    decided = seen(workflow.RETURN_AGAIN, order, visit)
    amount = words.asked_fen(decided, Kind.UNFREEZE) + words.asked_fen(decided, Kind.REFUND)
    return [Line(_("Back to the merchant"), amount)]


def foresee_release(order: Order, _data: dict[str, Any], visit: Visit) -> list[Line]:
    until = release_hold.until(order.confirm_by, visit.at)
    return [
        Line(_("Reminders"), text=_("72, 24 and 2 hours before")),
        Line(_("Confirmed by the clock at"), text=moment(until)),
    ]


def hold_facts(order: Order) -> list[Line]:
    """Whom to reach, and why he may know of nothing."""
    hold = order.events.filter(verb=workflow.HOLD.name).last()
    user = order.merchant.user
    return [
        Line(_("Held since"), text=moment(order.held_at) if order.held_at else NOTHING),
        Line(_("The mail server said"), text=(hold.note if hold else "") or NOTHING),
        Line(_("Merchant"), text=f"{order.merchant} · {mask_email(user.email)}"),
    ]


def has_blocked_payout(order: Order) -> bool:
    if order.state not in workflow.PAY_OUT.sources:
        return False
    escrow = queries.escrow_of(order.pk)
    return escrow.payable > 0 and escrow.open_operation_id is None


def dispute_facts(order: Order) -> list[Line]:
    """What to judge by: the requirements as paid for, what was delivered, what is complained of."""
    delivery = order.deliveries.last()
    facts = [
        Line(_("In escrow"), queries.escrow_of(order.pk).held),
        Line(_("Requirements as paid for"), text=order.requirements),
        Line(_("Delivered"), text=delivery.url if delivery else NOTHING),
    ]
    dispute = Dispute.objects.filter(order=order).first()
    return [*facts, Line(_("The merchant says"), text=dispute.reason)] if dispute else facts


RULE = Step(
    "rule",
    gettext_lazy("Rule on the dispute"),
    rule,
    facts=dispute_facts,
    applies=lambda order: order.state == State.DISPUTED,
    form=RulingForm,
    foresee=foresee_ruling,
    asks_again=True,
    explanation=gettext_lazy(
        "Judge by the requirements as paid for. The money moves at once and the ruling is final."
    ),
    refusals=(Refused,),
    tone="danger",
)
PAY_OUT = Step(
    "pay-out",
    gettext_lazy("Pay out again"),
    pay_out,
    applies=has_blocked_payout,
    foresee=foresee_payout,
    explanation=gettext_lazy(
        "The gateway refused the payout. Do this once the creator has corrected the account."
    ),
    refusals=(Refused,),
)
RETURN_AGAIN = Step(
    "return-again",
    gettext_lazy("Return again"),
    return_again,
    applies=lambda order: order.trouble == mark_return_blocked.BLOCKED,
    foresee=foresee_return,
    explanation=gettext_lazy("The return did not happen. It is asked for anew, as a new intent."),
    refusals=(Refused,),
)
RELEASE = Step(
    "release-hold",
    gettext_lazy("Release the confirmation"),
    release,
    facts=hold_facts,
    applies=lambda order: order.held_at is not None,
    foresee=foresee_release,
    explanation=gettext_lazy(
        "Do this once the merchant has corrected his e-mail address or you have reached him in "
        "another way. He gets three more days and all reminders; he may confirm or dispute at any "
        "time."
    ),
    refusals=(Refused,),
    tone="go",
)
