"""The pages of one order's verbs: what it does is shown first (N1), then one call does it.

GET shows what will happen, or why it cannot; POST does it. A refusal shows the page again with
all that was typed.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web.guards import creator_required, merchant_required
from tasks import queries, workflow
from tasks.models import Order
from tasks.web import now, tracked, words
from tasks.web.briefs import files_of
from tasks.web.edge import Edge, edge, own_only, party_required
from tasks.web.forms import (
    DeclineForm,
    DeliverForm,
    DisputeForm,
    InvoiceForm,
    InvoiceRequestForm,
    OfferForm,
    ReviewForm,
)
from tasks.web.orders import visible_order
from tasks.web.pictures import kept
from tasks.workflow import engine
from tasks.workflow.change_price import Offer
from tasks.workflow.decision import Refused, Verb, WrongState
from tasks.workflow.deliver import Content
from tasks.workflow.dispute import Complaint
from tasks.workflow.invoice import HandedIn, Wanted
from tasks.workflow.review import Verdict

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Given = AbstractContextManager[Any]


@dataclass(frozen=True)
class Page:
    """The page of a verb: its words, its form, what the verb is given, how the money is shown."""

    verb: Verb
    heading: "StrOrPromise"
    button: "StrOrPromise"
    done: "StrOrPromise"
    explanation: "StrOrPromise" = ""
    tone: str = "primary"
    form: type[forms.Form] | None = None
    given: Callable[[Edge, Order, Any], Given] = lambda _here, _order, _form: nullcontext(None)
    preview: Callable[[Edge, Order], words.Preview | None] = lambda _here, _order: None
    shows_brief: bool = False
    template: str = "tasks/act.html"
    more: Callable[[Edge, Order], dict[str, Any]] = lambda _here, _order: {}


def show(request: HttpRequest, order_id: int, page: Page) -> HttpResponse:
    """The one way in which all these pages work."""
    here = edge(request)
    order = visible_order(here, order_id)
    form = page.form(request.POST or None, request.FILES or None) if page.form else None
    refusal = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            do(here, order, page, form)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, str(page.done))
            return redirect("tasks:order", order.pk)
    return answer(here, order, page, form, refusal)


def do(here: Edge, order: Order, page: Page, form: forms.Form | None) -> None:
    with own_only(), page.given(here, order, form) as given:
        engine.run_one(page.verb, order.pk, at=here.at, by=here.by, given=given, token=here.token)


def answer(
    here: Edge, order: Order, page: Page, form: forms.Form | None, refusal: str
) -> HttpResponse:
    preview, problem = preview_of(here, order, page)
    context = {
        "order": order,
        "at": here.at,
        "side": here.side,
        "now": now.now(order, here.side),
        "heading": page.heading,
        "button": page.button,
        "explanation": page.explanation,
        "tone": page.tone,
        "form": form,
        "preview": preview,
        "refusal": refusal or problem,
        "is_possible": not problem,
        "shows_brief": page.shows_brief,
        "requirements": order.requirements or order.task.requirements,
        "files": files_of(order.task) if page.shows_brief else [],
        "back_url": reverse("tasks:order", args=[order.pk]),
        "back_label": order.task.theme,
        **page.more(here, order),
    }
    return render(here.request, page.template, context)


def preview_of(here: Edge, order: Order, page: Page) -> tuple[words.Preview | None, str]:
    """What the verb would do to the money, from the verb itself, or why it would refuse."""
    if order.state not in page.verb.sources:
        return None, str(WrongState())
    try:
        return page.preview(here, order), ""
    except Refused as refusal:
        return None, str(refusal)


def by_verb(
    verb: Verb, say: Callable[[words.Seen], words.Preview], given: Any = None
) -> Callable[[Edge, Order], words.Preview]:
    """The preview of a verb: its own decision for this order, not written."""

    def preview(here: Edge, order: Order) -> words.Preview:
        return say(engine.preview(verb, [order.pk], at=here.at, by=here.by, given=given))

    return preview


def stays(_here: Edge, order: Order) -> words.Preview:
    return words.dispute_preview(queries.escrow_of(order.pk))


def nothing_moves(_here: Edge, _order: Order) -> words.Preview:
    return words.nothing_preview()


def delivered(here: Edge, order: Order) -> dict[str, Any]:
    """V60, V61: what is verified: the content as handed in, and its reads."""
    return {
        "deliveries": order.deliveries.all(),
        "reads": tracked.panel(order, at=here.at),
        "dispute_url": reverse("tasks:dispute", args=[order.pk]),
    }


@contextmanager
def content(_here: Edge, _order: Order, form: Any) -> Iterator[Content]:
    given = form.cleaned_data
    with kept(given["pictures"], "deliveries") as names:
        yield Content(given["url"], given["note"], names)


@contextmanager
def complaint(_here: Edge, _order: Order, form: Any) -> Iterator[Complaint]:
    given = form.cleaned_data
    with kept(given["pictures"], "disputes") as names:
        yield Complaint(given["reason"], names)


@contextmanager
def invoice(_here: Edge, _order: Order, form: Any) -> Iterator[HandedIn]:
    given = form.cleaned_data
    with kept([given["file"]], "invoices") as (name,):
        yield HandedIn(given["number"], name)


# Stands in for what is not typed yet when a page asks what a delivery would do.
ANY_LINK = "https://example.com/"

ACCEPT = Page(
    workflow.ACCEPT,
    heading=_("Accept this order"),
    button=_("Accept"),
    done=_("Accepted. The reward is being secured; delivery opens when it is in escrow."),
    preview=by_verb(workflow.ACCEPT, words.accept_preview),
    shows_brief=True,
    more=lambda here, _order: {"contact_later": words.contact_later(here.side)},
)
DECLINE = Page(
    workflow.DECLINE,
    heading=_("Decline this order"),
    button=_("Decline"),
    done=_("Declined. The money goes back to the merchant."),
    tone="danger",
    form=DeclineForm,
    given=lambda _here, _order, form: nullcontext(form.cleaned_data["reason"]),
    preview=by_verb(workflow.DECLINE, words.return_preview, given="–"),
)
CONFIRM = Page(
    workflow.CONFIRM,
    heading=_("Verify the delivery"),
    button=_("Confirm and pay"),
    done=_("Confirmed. The creator is being paid."),
    shows_brief=True,
    preview=by_verb(workflow.CONFIRM, words.confirm_preview),
    template="tasks/verify.html",
    more=delivered,
)
REVIEW = Page(
    workflow.REVIEW,
    heading=_("Review"),
    button=_("Send the review"),
    done=_("Thank you. The order is complete."),
    explanation=_("Your review helps other merchants and completes the order. It moves no money."),
    form=ReviewForm,
    given=lambda _here, _order, form: nullcontext(Verdict(**form.cleaned_data)),
)
WITHDRAW = Page(
    workflow.WITHDRAW,
    heading=_("Withdraw this order?"),
    button=_("Withdraw"),
    done=_("The order was withdrawn."),
    explanation=_("The creator is told and does not receive it any more."),
    tone="danger",
    preview=nothing_moves,
)
OFFER = Page(
    workflow.OFFER_PRICE,
    heading=_("Offer another price"),
    button=_("Send the offer"),
    done=_("The offer was sent. The other side has to accept it."),
    explanation=_("The price changes only when the other side accepts, and only before payment."),
    form=OfferForm,
    preview=nothing_moves,
    given=lambda here, order, form: nullcontext(
        Offer(form.cleaned_data["price_fen"], here.policy_for(order.task))
    ),
)
DELIVER = Page(
    workflow.DELIVER,
    heading=_("Deliver"),
    button=_("Deliver"),
    done=_("Delivered. The merchant has been told."),
    explanation=_(
        "Publish first, then hand in the link. If you deliver again, the merchant's time to "
        "verify starts anew."
    ),
    form=DeliverForm,
    given=content,
    preview=by_verb(workflow.DELIVER, words.deliver_preview, given=Content(ANY_LINK)),
    shows_brief=True,
)
DISPUTE = Page(
    workflow.DISPUTE,
    heading=_("Something is wrong"),
    button=_("Ask our staff to rule"),
    done=_("The dispute is open. The clock stands still."),
    explanation=_("Say what the brief asks for and what is missing. The creator reads it too."),
    tone="danger",
    form=DisputeForm,
    given=complaint,
    preview=stays,
    shows_brief=True,
)

PAY_OUT = Page(
    workflow.PAY_OUT,
    heading=_("Try the payout again"),
    button=_("Try again"),
    done=_("The payout is on its way again."),
    preview=by_verb(workflow.PAY_OUT, words.payout_preview),
)
REQUEST_INVOICE = Page(
    workflow.REQUEST_INVOICE,
    heading=_("Ask for an invoice"),
    button=_("Ask for it"),
    done=_("The creator has been asked for the invoice."),
    explanation=_("The invoice is between you and the creator."),
    form=InvoiceRequestForm,
    given=lambda _here, order, form: nullcontext(
        Wanted(**form.cleaned_data, creator_gives_invoices=order.creator.can_invoice)
    ),
)
HAND_IN_INVOICE = Page(
    workflow.HAND_IN_INVOICE,
    heading=_("Hand in the invoice"),
    button=_("Hand it in"),
    done=_("The invoice is with the merchant."),
    form=InvoiceForm,
    given=invoice,
)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def accept(request: HttpRequest, order_id: int) -> HttpResponse:
    """V32: accept before the start; the reward is then secured."""
    return show(request, order_id, ACCEPT)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def decline(request: HttpRequest, order_id: int) -> HttpResponse:
    """V38: decline with a reason; the reward goes back."""
    return show(request, order_id, DECLINE)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def deliver(request: HttpRequest, order_id: int) -> HttpResponse:
    """V56: hand in the link of the published content."""
    return show(request, order_id, DELIVER)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def confirm(request: HttpRequest, order_id: int) -> HttpResponse:
    """V34: confirm, and the reward is released."""
    return show(request, order_id, CONFIRM)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def review(request: HttpRequest, order_id: int) -> HttpResponse:
    """V62: three ratings and a text."""
    return show(request, order_id, REVIEW)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def dispute(request: HttpRequest, order_id: int) -> HttpResponse:
    """V40: ask staff to rule; the clock stands still."""
    return show(request, order_id, DISPUTE)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def request_invoice(request: HttpRequest, order_id: int) -> HttpResponse:
    """V57: ask the creator for an invoice."""
    return show(request, order_id, REQUEST_INVOICE)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def pay_out(request: HttpRequest, order_id: int) -> HttpResponse:
    """A payout that failed is tried again, once the account is corrected."""
    return show(request, order_id, PAY_OUT)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def hand_in_invoice(request: HttpRequest, order_id: int) -> HttpResponse:
    """V57: hand in the invoice that was asked for."""
    return show(request, order_id, HAND_IN_INVOICE)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def withdraw(request: HttpRequest, order_id: int) -> HttpResponse:
    """V15: take one unpaid order back."""
    return show(request, order_id, WITHDRAW)


@require_http_methods(["GET", "HEAD", "POST"])
@party_required
def offer(request: HttpRequest, order_id: int) -> HttpResponse:
    """V19: offer another price before payment."""
    return show(request, order_id, OFFER)


@require_POST
@party_required
def accept_price(request: HttpRequest, order_id: int) -> HttpResponse:
    """The price that was seen is accepted; an offer that changed meanwhile is not (V19)."""
    seen_fen = request.POST.get("price_fen", "")
    given = int(seen_fen) if seen_fen.isascii() and seen_fen.isdigit() else -1
    return at_once(request, order_id, workflow.ACCEPT_PRICE, given, _("The new price is agreed."))


@require_POST
@party_required
def reject_price(request: HttpRequest, order_id: int) -> HttpResponse:
    """V19: say no to the offer, or take back one's own."""
    done = _("The offer is off the table; the price stays.")
    return at_once(request, order_id, workflow.REJECT_PRICE, None, done)


def at_once(
    request: HttpRequest, order_id: int, verb: Verb, given: Any, done: "StrOrPromise"
) -> HttpResponse:
    """A button on the order's page that needs no page of its own: no money moves."""
    here = edge(request)
    try:
        with own_only():
            engine.run_one(verb, order_id, at=here.at, by=here.by, given=given, token=here.token)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(done))
    return redirect("tasks:order", order_id)
