"""An order's page and what hangs on it: receipt, pictures, files, the way to a delivered link."""

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.web.serving import private_file
from settlement import receipts
from tasks import queries, workflow
from tasks.models import Attachment, Delivery, Dispute, Invoice, Order
from tasks.states import EVER_PAID, KNOWN_TO_EACH_OTHER, State
from tasks.web import notices, now, path, tracked, words
from tasks.web.briefs import files_of
from tasks.web.edge import Edge, edge
from tasks.web.pictures import stored
from tasks.workflow import engine
from tasks.workflow.decision import Refused


def visible_order(here: Edge, order_id: int) -> Order:
    """With all that its page shows; another's order is not there."""
    return get_object_or_404(queries.order_page(queries.orders_visible_to(here.by)), pk=order_id)


@require_safe
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order as its merchant, its creator or staff see it (V63, V64, N7)."""
    here = edge(request)
    # Before the order is read: the page is never older than a message that it marks as seen.
    bell = notices.opened(request, order_id, at=here.at)
    shown = visible_order(here, order_id)
    escrow = queries.escrow_of(shown.pk)
    context = {
        **bell,
        "order": shown,
        "side": here.side,
        "at": here.at,
        "now": now.now(shown, here.side, escrow),
        "steps": path.steps(shown),
        "path": path.chart(shown, shown.events.all(), at=here.at),
        "offer": offer_of(here, shown),
        "trouble_text": words.trouble_text(shown.trouble) if shown.state == State.UNPAID else "",
        "deliveries": shown.deliveries.all(),
        "reads": tracked.panel(shown, at=here.at),
        "requirements": shown.requirements if shown.state in EVER_PAID else "",
        "files": files_of(shown.task),
        "shares": words.money_lines(shown, escrow),
        "places": words.places(escrow),
        "has_receipt": escrow.seq > 0,
        "events": words.timeline(shown.events.all()),
        **contacts(here.side, shown),
        **facts(shown),
    }
    return render(request, "tasks/order.html", context)


def contacts(side: str, order: Order) -> dict[str, Any]:
    """V64: the other side's contact from the acceptance on; before, what will be shown."""
    if not side:
        return {}
    if order.state in KNOWN_TO_EACH_OTHER:
        return {"contact": words.contact_of(side, order)}
    is_to_come = order.state in (State.UNPAID, State.PAID)
    return {"contact_later": words.contact_later(side) if is_to_come else ""}


def facts(order: Order) -> dict[str, Any]:
    """What people wrote and handed in, where there is any."""
    return {
        "dispute": getattr(order, "dispute", None),
        "ruling": getattr(order, "ruling", None),
        "review": getattr(order, "review", None),
        "wanted": getattr(order, "invoice_request", None),
        "invoice": getattr(order, "invoice", None),
        "can_ask_for_invoice": order.creator.can_invoice is not False,
    }


def offer_of(here: Edge, order: Order) -> dict[str, Any] | None:
    """V19: the open price offer; whoever may accept it sees what that does (N1)."""
    if not order.offer_fen:
        return None
    is_mine = order.offer_by == here.side
    return {"mine": is_mine, "preview": accepted_price(here, order) if not is_mine else None}


def accepted_price(here: Edge, order: Order) -> words.Preview | None:
    try:
        seen = engine.preview(
            workflow.ACCEPT_PRICE, [order.pk], at=here.at, by=here.by, given=order.offer_fen
        )
    except Refused:
        return None
    return words.new_price_preview(seen, order, here.policy_for(order.task), here.side)


@require_safe
def receipt(request: HttpRequest, order_id: int) -> HttpResponse:
    """N3: every move of the order's money in its chain, for both parties."""
    here = edge(request)
    shown = get_object_or_404(queries.orders_visible_to(here.by), pk=order_id)
    response = JsonResponse(receipts.receipt(shown.pk), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = f'attachment; filename="order-{shown.pk}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def invoice(request: HttpRequest, order_id: int) -> FileResponse:
    """V57: the creator's invoice, for both parties."""
    here = edge(request)
    found = get_object_or_404(
        Invoice.objects.filter(order__in=queries.orders_visible_to(here.by)), order=order_id
    )
    return private_file(stored(found.file), download=True)


@require_safe
def leave(request: HttpRequest, order_id: int, delivery_id: int) -> HttpResponse:
    """Says that the delivered link leads away from here before it does."""
    here = edge(request)
    shown = get_object_or_404(queries.orders_visible_to(here.by), pk=order_id)
    delivery = get_object_or_404(Delivery, pk=delivery_id, order=shown)
    return render(request, "tasks/leave.html", {"order": shown, "url": delivery.url})


@require_safe
def delivery_picture(request: HttpRequest, delivery_id: int, number: int) -> FileResponse:
    """V56: a picture of a delivery."""
    return picture(edge(request), Delivery, delivery_id, number)


@require_safe
def dispute_picture(request: HttpRequest, dispute_id: int, number: int) -> FileResponse:
    """V40: a picture that was added as evidence."""
    return picture(edge(request), Dispute, dispute_id, number)


def picture(here: Edge, model: Any, fact_id: int, number: int) -> FileResponse:
    """A picture of a delivery or a dispute, for those who may see the order."""
    orders = queries.orders_visible_to(here.by)
    fact = get_object_or_404(model.objects.filter(order__in=orders), pk=fact_id)
    if number >= len(fact.pictures):
        raise Http404
    return private_file(stored(fact.pictures[number]))


@require_safe
def attachment(request: HttpRequest, task_id: int, attachment_id: int) -> FileResponse:
    """A brief's file, for its merchant, the creators who have an order of the task, and staff."""
    files = Attachment.objects.filter(visible_files(edge(request)))
    found = get_object_or_404(files, pk=attachment_id, task=task_id)
    return private_file(found.file, name=found.name)


def visible_files(here: Edge) -> Q:
    if here.side == "MERCHANT":
        return Q(task__merchant_id=here.by.party_id, task__deleted_at=None)
    orders = queries.orders_visible_to(here.by).filter(task=OuterRef("task"))
    return Q(Exists(orders)) if here.side == "CREATOR" else Q()
