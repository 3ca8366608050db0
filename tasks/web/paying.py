"""Paying a task: the last look, the cashier, the page that waits (V16, V17)."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.web.guards import me, merchant_required
from merchants.rules import missing_before_paying
from settlement.kinds import Kind
from settlement.models import Operation
from tasks import queries, workflow
from tasks.models import Order, Task
from tasks.states import State
from tasks.web import outlook, words
from tasks.web.briefs import files_of, own_task, steps
from tasks.web.edge import Edge, edge, notify_url, own_only
from tasks.workflow import engine
from tasks.workflow import pay as payments
from tasks.workflow.decision import Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def pay(request: HttpRequest, task_id: int) -> HttpResponse:
    """Every order, the total, and what happens to the money (V16, N1); then the cashier."""
    here = edge(request)
    task = own_task(here, task_id)
    refusal = ""
    if request.method == "POST":
        try:
            with own_only():
                start(here, task)
        except Refused as refused:
            refusal = str(refused)
        else:
            return redirect("tasks:waiting", task.pk)
    if queries.payment_of(task) is not None:
        return redirect("tasks:waiting", task.pk)
    return pay_page(here, task, refusal)


def start(here: Edge, task: Task) -> None:
    total = here.request.POST.get("total_fen", "")
    payments.start(
        task.pk,
        at=here.at,
        by=here.by,
        policy=here.policy_for(task),
        notify_url=notify_url(),
        return_url=here.request.build_absolute_uri(reverse("tasks:waiting", args=[task.pk])),
        total_fen=int(total) if total.isdigit() else None,
    )


def pay_page(here: Edge, task: Task, refusal: str) -> HttpResponse:
    orders = unpaid_orders(task)
    if not orders and not refusal:
        return redirect("tasks:task", task.pk)
    merchant = me(here.request).merchant
    seen, problem = preview_of(here, task, orders)
    policy = here.policy_for(task)
    context = {
        "task": task,
        "at": here.at,
        "orders": lines_of(orders, seen),
        "total_fen": sum(order.price_fen for order in orders),
        "preview": words.payment_preview(seen) if seen else None,
        "promises": outlook.promises(task, policy)[1:],
        "policy": policy,
        "fee_percent": outlook.percent(policy.fee_bps),
        "refusal": refusal or problem,
        "missing": missing_before_paying(merchant, merchant.account_or_none),
        "trouble": next((words.trouble_text(o.trouble) for o in orders if o.trouble), ""),
        "files": files_of(task),
        "steps": steps("pay", task),
    }
    return render(here.request, "tasks/pay.html", context)


def unpaid_orders(task: Task) -> list[Order]:
    rows = task.orders.filter(state=State.UNPAID).select_related("creator")
    return list(rows.order_by("id"))


def preview_of(here: Edge, task: Task, orders: list[Order]) -> tuple[words.Seen, str]:
    """What paying would do, or why it cannot be done."""
    try:
        seen = engine.preview(
            workflow.START_PAYMENT,
            [order.pk for order in orders],
            at=here.at,
            by=here.by,
            given=payments.payment_of(task, here.policy_for(task)),
        )
    except Refused as refusal:
        return [], str(refusal)
    return seen, ""


def lines_of(orders: list[Order], seen: words.Seen) -> list[outlook.OrderLine]:
    """Each order with the shares that paying would fix, where it could be paid."""
    terms = {case.order.pk: case.order for case, _decision in seen}
    return [outlook.order_line(order, terms.get(order.pk)) for order in orders]


@dataclass(frozen=True)
class Payment:
    """Where the payment of a task stands.

    Open: "preparing", "scan" (the payer can confirm), "unknown" (the service has not answered),
    "manual" (our staff looks), "cancelling". Decided: "paid", "failed", "cancelled", "none".
    """

    status: str
    amount_fen: int = 0
    code_url: str = ""
    expires_at: datetime | None = None
    title: str = ""
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def can_cancel(self) -> bool:
        return self.status in {"preparing", "scan"}

    @property
    def key(self) -> str:
        """Changes when the page has something new to show."""
        return f"{self.status}-{bool(self.code_url):d}"

    @property
    def qr(self) -> SafeString:
        return qr(self.code_url)


OPEN = {"preparing", "scan", "unknown", "manual", "cancelling"}
STATUS = {"READY": "preparing", "WAIT_USER": "scan", "SENT": "preparing", "MANUAL": "manual"}


def qr(text: str) -> SafeString:
    """The code to scan, drawn as SVG: no picture has to be loaded and no style is needed."""
    drawn = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=1)
    return mark_safe(str(drawn.to_string(encoding="unicode")))  # noqa: S308  (only a path of squares)


def payment(task: Task) -> Payment:
    """As the gateway's operation says while there is one, else as the orders say."""
    operation = queries.payment_of(task)
    return ended(task) if operation is None else under_way(operation)


def under_way(operation: Operation) -> Payment:
    if operation.kind == Kind.CANCEL_FREEZE:
        status = "cancelling"
    else:
        status = STATUS.get(operation.state, "unknown")
    title, reason = OPEN_WORDS[status]
    code_url = operation.code_url if status == "scan" else ""
    return Payment(
        status,
        operation.amount_fen,
        code_url,
        operation.expires_at,
        title=str(title),
        reason=str(reason),
    )


def ended(task: Task) -> Payment:
    unpaid = unpaid_orders(task)
    if not unpaid:
        return Payment("paid")
    if trouble := next((order.trouble for order in unpaid if order.trouble), ""):
        title = _("The payment did not go through")
        return Payment("failed", title=title, reason=words.trouble_text(trouble))
    if queries.was_payment_started(task):
        title, reason = _("The payment was cancelled"), _("Nothing was taken from your account.")
        return Payment("cancelled", title=title, reason=reason)
    return Payment("none", title=_("Nothing was paid yet"), reason=_("No payment is under way."))


# What is said, beside the sum and the code, of a payment that is under way.
OPEN_WORDS: "dict[str, tuple[StrOrPromise, StrOrPromise]]" = {
    "preparing": (
        gettext_lazy("Preparing the cashier…"),
        gettext_lazy("Alipay is asked for a payment code. This takes a moment."),
    ),
    "scan": ("", ""),
    "unknown": (
        gettext_lazy("The payment service has not answered"),
        gettext_lazy(
            "We do not know yet whether it took up this payment, and ask again until we do. You "
            "need not do anything: the sum cannot be taken twice."
        ),
    ),
    "manual": (
        gettext_lazy("Our staff is looking at this payment"),
        gettext_lazy(
            "The payment service gave no clear answer. Please do not pay in another way; this page "
            "shows it as soon as it is clear."
        ),
    ),
    "cancelling": (
        gettext_lazy("The payment is being cancelled"),
        gettext_lazy(
            "If you have confirmed it at the same moment, the sum is released to you in full."
        ),
    ),
}


@require_safe
@merchant_required
@never_cache
def waiting(request: HttpRequest, task_id: int) -> HttpResponse:
    """Shows the cashier's code and goes on by itself when the payment is there."""
    here = edge(request)
    task = own_task(here, task_id)
    now = payment(task)
    is_part = bool(getattr(request, "htmx", False))
    if now.status == "paid":
        return onward(request, task, is_part=is_part)
    if is_part and request.GET.get("seen") == now.key:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the code and its clock stay in place
    context: dict[str, Any] = {
        "task": task,
        "payment": now,
        "at": here.at,
        "promises": outlook.after_paying(task, here.policy_for(task)),
        "steps": steps("pay", task),
    }
    return render(request, "tasks/_waiting.html" if is_part else "tasks/waiting.html", context)


def onward(request: HttpRequest, task: Task, *, is_part: bool) -> HttpResponse:
    has_paid = task.orders.exclude(paid_at=None).exists()
    if has_paid:
        messages.success(request, _("Paid. The orders are with the creators."))
    url = reverse("tasks:task", args=[task.pk])
    return HttpResponseClientRedirect(url) if is_part else redirect(url)


@require_POST
@merchant_required
def cancel_payment(request: HttpRequest, task_id: int) -> HttpResponse:
    """V17: give up a payment that was not confirmed; "pay now" starts anew."""
    here = edge(request)
    task = own_task(here, task_id)
    order_ids = [order.pk for order in unpaid_orders(task)]
    try:
        with own_only():
            engine.run(workflow.CANCEL_PAYMENT, order_ids, at=here.at, by=here.by, token=here.token)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("tasks:waiting", task.pk)
