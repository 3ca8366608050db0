"""Files that people ask for: asked, waited for, downloaded. Only their owner sees them."""

from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.db.models import TextChoices
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role
from accounts.web.guards import me
from tasks import exports, jobs
from tasks.earnings import Stage
from tasks.exports import Filters, Kind
from tasks.models import Export
from tasks.statement import Kind as Movement
from tasks.web.edge import edge, party_required
from tasks.web.statement import FORMS

SHOWN = 50
KIND_OF = {Role.MERCHANT: Kind.STATEMENT, Role.CREATOR: Kind.EARNINGS}
WORDS: dict[Kind, type[TextChoices]] = {Kind.STATEMENT: Movement, Kind.EARNINGS: Stage}
PAGES = {Kind.STATEMENT: "tasks:statement", Kind.EARNINGS: "tasks:earnings"}


def mine(request: HttpRequest) -> Any:
    return Export.objects.filter(user=me(request))


@require_http_methods(["GET", "HEAD", "POST"])
@party_required
def all_exports(request: HttpRequest) -> HttpResponse:
    """The person's files of late; a POST asks for a new one with the filters of the page."""
    if request.method == "POST":
        return ask(request)
    context = {"exports": [shown(export) for export in mine(request)[:SHOWN]]}
    return render(request, "tasks/exports.html", {**context, "back_url": PAGES[kind_of(request)]})


def ask(request: HttpRequest) -> HttpResponse:
    kind = kind_of(request)
    form = FORMS[kind](request.POST)
    if not form.is_valid():
        messages.error(request, _("These filters cannot be used. Choose them again."))
        return redirect(PAGES[kind])
    try:
        export = exports.ask(me(request), kind, form.filters(), at=edge(request).at)
    except exports.UnableToAsk:
        messages.error(request, _("Five files are being written already. Wait for one of them."))
        return redirect("tasks:exports")
    jobs.ring_exports()
    return redirect("tasks:export", export.pk)


def kind_of(request: HttpRequest) -> Kind:
    """A merchant's files are statements, a creator's are earnings."""
    return KIND_OF[Role(me(request).role)]


@never_cache
@require_safe
@party_required
def export(request: HttpRequest, export_id: int) -> HttpResponse:
    """How far the file is; the page looks again by itself until it is there."""
    found = get_object_or_404(mine(request), pk=export_id)
    is_part = getattr(request, "htmx", False) and not request.headers.get("HX-Boosted")
    template = "tasks/_export.html" if is_part else "tasks/export.html"
    context = {**shown(found), "back_url": PAGES[Kind(found.kind)]}
    return render(request, template, context)


@require_safe
def export_file(request: HttpRequest, export_id: int) -> FileResponse:
    """The file, for its owner only; the browser is told not to keep or to interpret it."""
    found = get_object_or_404(mine(request), pk=export_id, state=Export.State.READY)
    if not found.file:
        raise Http404
    try:
        content = default_storage.open(found.file)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=name_of(found), content_type="text/csv; charset=utf-8"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def name_of(found: Export) -> str:
    return f"{found.kind}-{timezone.localtime(found.created_at):%Y-%m-%d}-{found.pk}.csv"


@require_POST
@party_required
def export_again(request: HttpRequest, export_id: int) -> HttpResponse:
    """Try a failed file once more."""
    found = get_object_or_404(mine(request), pk=export_id)
    if exports.ask_again(found):
        jobs.ring_exports()
    return redirect("tasks:export", found.pk)


def shown(found: Export) -> dict[str, Any]:
    """An export as its pages show it."""
    filters = Filters.of(found.params)
    is_ready = found.state == Export.State.READY
    return {
        "export": found,
        "title": Kind(found.kind).label,
        "filters": filters,
        "kind_text": WORDS[Kind(found.kind)](filters.kind).label if filters.kind else "",
        "is_ready": is_ready and bool(found.file),
        "is_gone": is_ready and not found.file,
        "is_failed": found.state == Export.State.FAILED,
        "is_waiting": found.state == Export.State.WAITING,
        "percent": percent(found),
        "gone_at": found.created_at + exports.KEPT,
    }


def percent(found: Export) -> int:
    """How much is written: 0 to 99 until it is ready."""
    if found.state == Export.State.READY:
        return 100
    return min(99, 100 * found.rows_done // found.rows_total) if found.rows_total else 0
