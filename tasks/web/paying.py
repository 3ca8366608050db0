"""Paying a task: the last look, the cashier, the page that waits (V16, V17)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.web.guards import me, merchant_required
from merchants.rules import missing_before_paying
from settlement.kinds import Kind
from tasks import queries, workflow
from tasks.models import Order, Task
from tasks.states import State
from tasks.web import words
from tasks.web.briefs import files_of, own_task, steps
from tasks.web.edge import Edge, edge, notify_url, own_only
from tasks.workflow import engine
from tasks.workflow import pay as payments
from tasks.workflow.decision import Refused


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
    preview, problem = preview_of(here, task, orders)
    context = {
        "task": task,
        "at": here.at,
        "orders": orders,
        "total_fen": sum(order.price_fen for order in orders),
        "preview": preview,
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


def preview_of(here: Edge, task: Task, orders: list[Order]) -> tuple[words.Preview | None, str]:
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
        return None, str(refusal)
    return words.payment_preview(seen), ""


@dataclass(frozen=True)
class Payment:
    """Where the payment of a task stands: "open", "cancelling", "paid" or "failed"."""

    status: str
    amount_fen: int = 0
    code_url: str = ""
    expires_at: datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in {"open", "cancelling"}

    @property
    def qr(self) -> SafeString:
        return qr(self.code_url)


def qr(text: str) -> SafeString:
    """The code to scan, drawn as SVG: no picture has to be loaded and no style is needed."""
    drawn = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=1)
    return mark_safe(str(drawn.to_string(encoding="unicode")))  # noqa: S308  (only a path of squares)


def payment(task: Task) -> Payment:
    operation = queries.payment_of(task)
    if operation is not None and operation.kind == Kind.CANCEL_FREEZE:
        return Payment("cancelling", operation.amount_fen)
    if operation is not None:
        code_url = operation.code_url if operation.state == "WAIT_USER" else ""
        return Payment("open", operation.amount_fen, code_url, operation.expires_at)
    unpaid = unpaid_orders(task)
    if not unpaid:
        return Payment("paid")
    trouble = next((order.trouble for order in unpaid if order.trouble), "")
    return Payment("failed", reason=words.trouble_text(trouble) or _("Nothing was paid."))


@require_safe
@merchant_required
def waiting(request: HttpRequest, task_id: int) -> HttpResponse:
    """Shows the cashier's code and goes on by itself when the payment is there."""
    here = edge(request)
    task = own_task(here, task_id)
    now = payment(task)
    is_part = bool(getattr(request, "htmx", False))
    if now.status == "paid":
        return onward(request, task, is_part=is_part)
    context: dict[str, Any] = {"task": task, "payment": now, "at": here.at}
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
