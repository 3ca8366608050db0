"""Money in the admin: everything to read, nothing to edit, and four steps for what is stuck."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.admin import (
    NOTHING,
    Line,
    ReadOnlyAdmin,
    SinceFilter,
    Step,
    Visit,
    badge,
    coded,
    link,
    links,
    moment,
    money_column,
    nowrap,
    short,
    text_column,
    time_column,
)
from core.admin_actions import private_values_action
from core.masking import mask_account, mask_name
from settlement import (
    admin_recon,  # noqa: F401 - registers the pages of the differences
    manual,
    queries,
)
from settlement.models import (
    Escrow,
    Halt,
    LedgerCheck,
    ManualDecision,
    Operation,
    PayoutAccount,
    Total,
    Transfer,
)
from settlement.names import move_name, pocket_name, way
from settlement.pockets import OPEN_POCKETS, POCKETS

State = Operation.State
TONES = {
    State.READY: "wait",
    State.SENT: "run",
    State.UNKNOWN: "wait",
    State.WAIT_USER: "wait",
    State.MANUAL: "bad",
    State.SUCCEEDED: "good",
    State.FAILED: "bad",
}
ORDER_PAGE = "admin:tasks_order_change"


class ProposeForm(forms.Form):
    verdict = forms.ChoiceField(
        label=gettext_lazy("What became of it"),
        choices=ManualDecision.Verdict.choices,
        widget=forms.RadioSelect,
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence"),
        help_text=gettext_lazy("What you saw, where, and when: a statement line, an answer."),
        min_length=3,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def empty_form(_row: Any, data: QueryDict | None) -> forms.Form:
    return forms.Form(data)


def propose_form(_row: Any, data: QueryDict | None) -> forms.Form:
    return ProposeForm(data)


def ask_now(operation: Operation, _data: dict[str, Any], visit: Visit) -> str | None:
    if not manual.ask_now(operation.pk, at=visit.at):
        return None
    return _("The gateway is being asked. Look again in a few seconds.")


def propose(operation: Operation, data: dict[str, Any], visit: Visit) -> str:
    decision = manual.propose(
        operation.pk, data["verdict"], data["evidence"], at=visit.at, by=visit.user.pk
    )
    return _("Proposed: %(verdict)s. Another person has to approve it.") % {
        "verdict": decision.get_verdict_display()
    }


def approve(operation: Operation, data: dict[str, Any], visit: Visit) -> str:
    proposal = manual.open_proposal(operation.pk)
    if proposal is None:
        raise manual.UnableToDecide(_("Nothing is proposed."))
    decision = manual.approve(proposal.pk, at=visit.at, by=visit.user.pk)
    return _("Approved: %(verdict)s.") % {"verdict": decision.get_verdict_display()}


def foresee_approval(operation: Operation, _data: dict[str, Any], _visit: Visit) -> list[Line]:
    proposal = manual.open_proposal(operation.pk)
    if proposal is None:
        return []
    return [
        Line(operation.get_kind_display(), fen=operation.amount_fen),
        Line(_("Proposed"), text=proposal.get_verdict_display()),
        Line(_("By"), text=f"{proposal.proposed_by}, {moment(proposal.proposed_at)}"),
        Line(_("Evidence"), text=proposal.evidence),
    ]


def show_raw(operation: Operation) -> dict[str, Any]:
    return {
        "attempts": operation.attempts.order_by("id"),
        "notices": operation.notices.order_by("id"),
    }


def needs_a_person(operation: Operation) -> bool:
    return operation.state == State.MANUAL


ASK_NOW = Step(
    "ask",
    gettext_lazy("Ask the gateway now"),
    ask_now,
    applies=lambda operation: operation.is_open,
    form=empty_form,
    explanation=gettext_lazy(
        "The worker asks at once instead of waiting for the next step. It never sends twice: what "
        "was sent before is queried first."
    ),
)
PROPOSE = Step(
    "propose",
    gettext_lazy("Propose a decision"),
    propose,
    applies=needs_a_person,
    form=propose_form,
    refusals=(manual.UnableToDecide,),
    explanation=gettext_lazy(
        "Nothing moves yet. Another member of staff has to look at the evidence and approve."
    ),
)
APPROVE = Step(
    "approve",
    gettext_lazy("Approve the decision"),
    approve,
    applies=lambda row: needs_a_person(row) and manual.open_proposal(row.pk) is not None,
    foresee=foresee_approval,
    refusals=(manual.UnableToDecide,),
    explanation=gettext_lazy(
        "The operation ends as proposed and its orders move on, as if the gateway had answered so. "
        "This cannot be undone."
    ),
    tone="danger",
)
SHOW_RAW = Step(
    "raw",
    gettext_lazy("Show raw answers"),
    lambda _operation, _data, _visit: _("Raw answers were shown."),
    explanation=gettext_lazy("They may hold personal data. Who looked, and why, is kept."),
    shows=show_raw,
    answer_template="admin/raw_answers.html",
)


class LookFilter(admin.SimpleListFilter):
    """What ops comes for: what is open, stuck, or waits for a person."""

    title = gettext_lazy("needs attention")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("Open")),
            ("manual", gettext_lazy("Needs a person")),
            ("proposed", gettext_lazy("Waits for a second person")),
            ("stuck", gettext_lazy("Stuck")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Operation]
    ) -> QuerySet[Operation] | None:
        if self.value() == "open":
            return queryset.filter(resolved_at=None)
        if self.value() == "manual":
            return queryset.filter(queries.MANUAL)
        if self.value() == "proposed":
            return queryset.filter(pk__in=queries.waiting_for_second_person().values("pk"))
        if self.value() == "stuck":
            return queryset.filter(pk__in=queries.stuck(clock.now()).values("pk"))
        return queryset


class AskedFilter(SinceFilter):
    title = gettext_lazy("asked for at")
    field = "created_at"


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """What is and was asked of the gateway, with every answer."""

    list_display = (
        "id",
        "kind",
        "state_badge",
        "orders",
        money_column(Operation, "amount_fen", gettext_lazy("amount")),
        "next_step",
        "asks",
        "trouble",
        time_column(Operation, "created_at"),
    )
    list_display_links = ("id", "kind")
    list_filter = (LookFilter, "state", "kind", AskedFilter)
    search_fields = ("out_no__exact", "gateway_no__exact")
    search_help_text = gettext_lazy("Order number, our number, or the gateway's number")
    number_lookup = "shares__order_id"
    ordering = ("-id",)
    steps = (ASK_NOW, PROPOSE, APPROVE, SHOW_RAW)
    change_form_template = "admin/operation.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        rows: QuerySet[Operation] = super().get_queryset(request)
        return rows.defer("payer").prefetch_related("shares")

    def page_of(self, row: Any, at: datetime) -> dict[str, Any]:
        decisions = row.decisions.select_related("proposed_by", "approved_by").order_by("-id")
        return {
            "shares": row.shares.order_by("order_id"),
            "attempts": row.attempts.defer("raw").order_by("id"),
            "notices": row.notices.defer("raw").order_by("id"),
            "decisions": decisions,
            "payee": masked_account(row.payout_account),
            "tone": TONES.get(row.state, ""),
        }

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, operation: Operation) -> str:
        return badge(operation.get_state_display(), TONES.get(State(operation.state), ""))

    @admin.display(description=gettext_lazy("orders"))
    def orders(self, operation: Operation) -> str:
        return links(ORDER_PAGE, sorted(share.order_id for share in operation.shares.all()))

    @admin.display(description=gettext_lazy("next step at"), ordering="next_at")
    def next_step(self, operation: Operation) -> str:
        return moment(operation.next_at) if operation.is_open else NOTHING


def masked_account(account: PayoutAccount | None) -> str:
    if account is None:
        return NOTHING
    return f"{mask_account(account.logon_id)} ({mask_name(account.real_name)})"


@admin.register(ManualDecision)
class ManualDecisionAdmin(ReadOnlyAdmin):
    """How operations were decided by hand, and by which two people."""

    list_display = (
        "id",
        text_column("operation", gettext_lazy("operation")),
        "shown_verdict",
        text_column("proposed_by", gettext_lazy("proposed by")),
        time_column(ManualDecision, "proposed_at"),
        text_column("approved_by", gettext_lazy("approved by")),
        time_column(ManualDecision, "approved_at"),
    )
    list_filter = ("verdict",)
    list_select_related = ("operation", "proposed_by", "approved_by")
    fields = readonly_fields = (
        "shown_operation",
        "shown_verdict",
        "evidence",
        text_column("proposed_by", gettext_lazy("proposed by")),
        time_column(ManualDecision, "proposed_at"),
        text_column("approved_by", gettext_lazy("approved by")),
        time_column(ManualDecision, "approved_at"),
    )

    @admin.display(description=gettext_lazy("verdict"), ordering="verdict")
    def shown_verdict(self, decision: ManualDecision) -> str:
        return decision.get_verdict_display()

    @admin.display(description=gettext_lazy("operation"))
    def shown_operation(self, decision: ManualDecision) -> str:
        name = "admin:settlement_operation_change"
        return link(name, decision.operation_id, decision.operation)


class OpenMoneyFilter(admin.SimpleListFilter):
    title = gettext_lazy("where the money is")
    parameter_name = "pocket"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, pocket_name(name)) for name in OPEN_POCKETS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Escrow]) -> QuerySet[Escrow] | None:
        pocket = self.value()
        return queryset.filter(**{f"{pocket}__gt": 0}) if pocket in OPEN_POCKETS else queryset


@admin.register(Escrow)
class EscrowAdmin(ReadOnlyAdmin):
    """Where the money of each order is."""

    list_display = (
        "order",
        *(money_column(Escrow, name) for name in ("funded", *POCKETS)),
        text_column("open_operation", gettext_lazy("open operation")),
    )
    list_display_links = None
    list_filter = (OpenMoneyFilter,)
    list_select_related = ("open_operation",)
    list_fullwidth = True
    ordering = ("-order_id",)
    search_fields = ("freeze_no__exact", "auth_no__exact")
    search_help_text = gettext_lazy("Order number, or the number of the freeze")
    fields = readonly_fields = (
        "order",
        *(money_column(Escrow, name) for name in ("funded", *POCKETS)),
        text_column("open_operation", gettext_lazy("open operation")),
        "freeze_no",
        "auth_no",
        "seq",
        "head",
    )

    @admin.display(description=gettext_lazy("order"), ordering="order_id")
    def order(self, escrow: Escrow) -> str:
        return link(ORDER_PAGE, escrow.order_id, escrow.order_id)


class MovedFilter(SinceFilter):
    field = "at"


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Every movement of money, in the chain of its order."""

    list_display = (
        "id",
        "order",
        text_column("seq", "#"),
        "what",
        "way",
        money_column(Transfer, "amount_fen", gettext_lazy("amount")),
        "parties",
        "short_operation",
        time_column(Transfer, "at"),
    )
    list_filter = (MovedFilter,)
    search_fields = ("operation__exact", "debit_party__exact", "credit_party__exact")
    search_help_text = gettext_lazy("Order number, operation, or a party such as creator:12")
    number_lookup = "order_id"
    ordering = ("-id",)
    fields = readonly_fields = (
        "order",
        "seq",
        "what",
        "way",
        money_column(Transfer, "amount_fen", gettext_lazy("amount")),
        "parties",
        "operation",
        time_column(Transfer, "at"),
        "key",
        "hash",
    )

    @admin.display(description=gettext_lazy("order"), ordering="order_id")
    def order(self, transfer: Transfer) -> str:
        return link(ORDER_PAGE, transfer.order_id, transfer.order_id)

    @admin.display(description=gettext_lazy("what happened"), ordering="code")
    def what(self, transfer: Transfer) -> str:
        return coded(move_name(transfer.code), transfer.code)

    @admin.display(description=gettext_lazy("from → to"))
    def way(self, transfer: Transfer) -> str:
        return coded(way(transfer.debit, transfer.credit), f"{transfer.debit} → {transfer.credit}")

    @admin.display(description=gettext_lazy("whose → whose"))
    def parties(self, transfer: Transfer) -> str:
        if transfer.debit_party == transfer.credit_party:
            return transfer.debit_party
        return nowrap(f"{transfer.debit_party} → {transfer.credit_party}")

    @admin.display(description=gettext_lazy("operation"), ordering="operation")
    def short_operation(self, transfer: Transfer) -> str:
        return short(transfer.operation)


@admin.register(PayoutAccount)
class PayoutAccountAdmin(ReadOnlyAdmin):
    """Where creators are paid, version by version. Shown masked."""

    list_display = (
        "id",
        "party",
        "masked_login",
        "masked_holder",
        time_column(PayoutAccount, "created_at"),
    )
    search_fields = ("party__exact",)
    search_help_text = gettext_lazy("A party such as creator:12")
    ordering = ("-id",)
    fields = readonly_fields = (
        "party",
        "masked_login",
        "masked_holder",
        time_column(PayoutAccount, "created_at"),
    )
    actions = (private_values_action(("logon_id", "real_name"), permission="operate"),)

    @admin.display(description=gettext_lazy("Alipay login"))
    def masked_login(self, account: PayoutAccount) -> str:
        return mask_account(account.logon_id)

    @admin.display(description=gettext_lazy("account holder"))
    def masked_holder(self, account: PayoutAccount) -> str:
        return mask_name(account.real_name)


class PocketFilter(admin.SimpleListFilter):
    title = gettext_lazy("pocket")
    parameter_name = "pocket"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, pocket_name(name)) for name in POCKETS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Total]) -> QuerySet[Total]:
        return queryset.filter(pocket=self.value()) if self.value() else queryset


@admin.register(Total)
class TotalAdmin(ReadOnlyAdmin):
    """Snapshots of what each party has in each pocket."""

    list_display = (
        "party",
        "shown_pocket",
        money_column(Total, "amount_fen", gettext_lazy("amount")),
        "through_id",
        time_column(Total, "at"),
    )
    list_display_links = None
    list_filter = (PocketFilter,)
    search_fields = ("party__exact",)
    search_help_text = gettext_lazy("A party such as platform or merchant:7")
    ordering = ("-through_id", "party", "pocket")
    fields = readonly_fields = (
        "party",
        "shown_pocket",
        money_column(Total, "amount_fen", gettext_lazy("amount")),
        "through_id",
        time_column(Total, "at"),
    )

    @admin.display(description=gettext_lazy("pocket"), ordering="pocket")
    def shown_pocket(self, total: Total) -> str:
        return coded(pocket_name(total.pocket), total.pocket)


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    """What each run of the ledger check found."""

    list_display = (time_column(LedgerCheck, "at"), "result", "orders", "transfers", "elapsed_ms")
    ordering = ("-id",)
    fields = readonly_fields = (
        time_column(LedgerCheck, "at"),
        "result",
        "orders",
        "transfers",
        "elapsed_ms",
    )
    change_form_template = "admin/ledger_check.html"

    @admin.display(description=gettext_lazy("result"))
    def result(self, check: LedgerCheck) -> str:
        if check.is_ok:
            return badge(_("all agrees"), "good")
        return badge(_("%(n)s differences") % {"n": len(check.differences)}, "bad")


def clear_halt(halt: Halt, _data: dict[str, Any], visit: Visit) -> str | None:
    if not manual.clear_halt(halt.pk, at=visit.at, by=visit.user.pk):
        return None
    return _("Cleared. Sending goes on.")


CLEAR = Step(
    "clear",
    gettext_lazy("Clear the halt"),
    clear_halt,
    applies=lambda halt: halt.cleared_at is None,
    explanation=gettext_lazy(
        "What waited is sent to the gateway from now on. Clear a halt only when its cause is gone."
    ),
    tone="danger",
)


@admin.register(Halt)
class HaltAdmin(ReadOnlyAdmin):
    """Stops of sending, and who cleared them."""

    list_display = (
        time_column(Halt, "since"),
        "scope",
        text_column("reason_text", gettext_lazy("reason"), order_by="reason"),
        "open_badge",
        time_column(Halt, "cleared_at"),
        text_column("cleared_by", gettext_lazy("cleared by")),
    )
    list_filter = ("scope", ("cleared_at", admin.EmptyFieldListFilter))
    list_select_related = ("cleared_by",)
    ordering = ("-id",)
    fields = readonly_fields = (
        "scope",
        text_column("reason_text", gettext_lazy("reason"), order_by="reason"),
        time_column(Halt, "since"),
        "open_badge",
        time_column(Halt, "cleared_at"),
        text_column("cleared_by", gettext_lazy("cleared by")),
    )
    steps = (CLEAR,)

    @admin.display(description=gettext_lazy("state"))
    def open_badge(self, halt: Halt) -> str:
        return badge(_("open"), "bad") if halt.cleared_at is None else badge(_("cleared"), "good")
