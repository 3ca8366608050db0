"""A task before payment: its brief, what is typed into it, its attachments."""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.web.guards import merchant_required
from core.files import shown_name
from core.words import zone
from creators import queries as creator_queries
from creators.models import Creator
from creators.rules import refusal_to_select
from tasks import queries
from tasks.models import Attachment, Task, UnsavedBrief
from tasks.web.edge import Edge, edge, own_only
from tasks.web.forms import MOMENT, PICTURE_SUFFIXES, AttachForm, BriefForm, first_times, ids
from tasks.workflow import drafts
from tasks.workflow.decision import Refused
from tasks.workflow.drafts import Brief

SAME_FORM_SECONDS = 3600
STEPS = ("edit", "creators", "check", "pay")


def own_task(here: Edge, task_id: int) -> Task:
    """The merchant's own task; another's is not there."""
    for task in queries.own_task(here.by.party_id or 0, task_id):
        return task
    raise Http404


def steps(now: str, task: Task | None = None) -> list[dict[str, str]]:
    """The stepper over the pages of publishing."""
    labels = (_("Brief"), _("Creators"), _("Check"), _("Payment"))
    at = STEPS.index(now)
    is_sent = now == "pay"
    return [
        {
            "label": label,
            "url": reverse(f"tasks:{name}", args=[task.pk]) if task and not is_sent else "",
            "status": "done" if number < at else "now" if number == at else "next",
        }
        for number, (name, label) in enumerate(zip(STEPS, labels, strict=True))
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def new(request: HttpRequest) -> HttpResponse:
    """V10: the brief. It becomes a draft as soon as it is right."""
    here = edge(request)
    if made := made_before(here):
        return write(here, own_task(here, made))
    brief, files = forms_of(here, None)
    if request.method == "POST" and are_right(brief, files):
        try:
            task = create(here, brief, files)
        except Refused as refusal:
            brief.add_error(None, str(refusal))
        else:
            wants_files = request.POST.get("go") == "attach"
            return redirect("tasks:edit" if wants_files else "tasks:creators", task.pk)
    elif request.FILES and not files.errors:
        files.add_error("file", _("Choose the files again once the brief is right."))
    return brief_page(here, None, brief, files)


def create(here: Edge, brief: BriefForm, files: AttachForm) -> Task:
    task = drafts.create(
        brief_of(brief),
        at=here.at,
        by=here.by,
        policy=here.policy,
        attachments=attachments_of(files),
        picks=picked_before(here),
    )
    if here.token:
        cache.set(slot(here), task.pk, SAME_FORM_SECONDS)
    return task


def picked_before(here: Edge) -> list[int]:
    """The creator from whose page the merchant came to write the brief."""
    asked = here.request.POST if here.request.method == "POST" else here.request.GET
    return ids(asked.getlist("pick"))[:1]


def selectable(creator_ids: list[int]) -> list[Creator]:
    """Of these creators those to whom an order can be sent (V6)."""
    found = creator_queries.get_by_ids(creator_ids)
    return [creator for creator in found if refusal_to_select(creator) is None]


def made_before(here: Edge) -> int | None:
    """The task that this very form has made already, if it is sent a second time."""
    found = cache.get(slot(here)) if here.token else None
    return int(found) if found else None


def slot(here: Edge) -> str:
    return f"new-task:{here.by.party_id}:{here.token}"


def forms_of(
    here: Edge, task: Task | None, *, asks_for_file: bool = False
) -> tuple[BriefForm, AttachForm]:
    """The brief as sent; else as typed and not saved; else as saved; else as proposed."""
    is_sent = here.request.method == "POST"
    data, files = (here.request.POST, here.request.FILES) if is_sent else (None, None)
    start: dict[str, Any] = {}
    if task is not None:
        start = initial_of(task)
    elif not is_sent:
        start = dict(first_times(at=here.at, policy=here.policy))
    if not is_sent and (typed := unsaved_of(here, task)):
        start |= typed.data
    brief = BriefForm(
        None if asks_for_file else data, at=here.at, policy=here.policy, initial=start
    )
    most = here.policy.attachments_per_task
    return brief, AttachForm(data, files, most=most, is_needed=asks_for_file)


def are_right(brief: BriefForm, files: AttachForm) -> bool:
    """Both are asked, so that each problem is shown at once."""
    return all([brief.is_valid(), files.is_valid()])


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """V15: before payment the brief may be changed."""
    here = edge(request)
    task = own_task(here, task_id)
    if request.method != "POST" and (elsewhere := closed(here, task)):
        return elsewhere
    return write(here, task)


def write(here: Edge, task: Task) -> HttpResponse:
    brief, files = forms_of(here, task)
    if here.request.method == "POST":
        try:
            with own_only():
                if save(here, task, brief, files):
                    return saved(here, task)
        except Refused as refusal:
            brief.add_error(None, str(refusal))
        if not files.errors:  # they are taken: nothing is to be sent a second time
            files = AttachForm(most=here.policy.attachments_per_task)
    return brief_page(here, task, brief, files)


def closed(here: Edge, task: Task) -> HttpResponse | None:
    """Where somebody is led who opens a brief that can no longer be changed, or not now."""
    if not queries.can_be_changed(task):
        messages.info(here.request, str(drafts.UnableToChangeTask.text))
        return redirect("tasks:task", task.pk)
    if queries.payment_of(task) is not None:
        messages.info(here.request, _("Cancel the payment before you change the brief."))
        return redirect("tasks:waiting", task.pk)
    return None


def save(here: Edge, task: Task, brief: BriefForm, files: AttachForm) -> bool:
    """Brief and files together. Files that are right are taken although the brief is not yet: the
    browser would lose them.
    """
    if are_right(brief, files):
        drafts.change(
            task.pk,
            brief_of(brief),
            at=here.at,
            by=here.by,
            policy=here.policy,
            freeze_max_days=settings.FREEZE_MAX_DAYS,
            attachments=attachments_of(files),
        )
        return True
    if not files.errors and (attachments := attachments_of(files)):
        drafts.attach_all(task.pk, attachments, at=here.at, by=here.by, policy=here.policy)
    return False


def saved(here: Edge, task: Task) -> HttpResponse:
    messages.success(here.request, _("Saved."))
    if here.request.POST.get("go") == "attach":
        return redirect("tasks:edit", task.pk)
    is_draft = task.is_draft
    return redirect("tasks:creators" if is_draft else "tasks:task", task.pk)


def brief_page(here: Edge, task: Task | None, brief: BriefForm, files: AttachForm) -> HttpResponse:
    is_draft = task is None or task.is_draft
    context = {
        "task": task,
        "form": brief,
        "attach_form": files,
        "files": files_of(task, removable=True) if task else [],
        "has_orders": not is_draft,
        "steps": steps("edit", task) if is_draft else None,
        "requirements_limit": here.policy.requirements_max_chars,
        "attachments_limit": here.policy.attachments_per_task,
        "picked": selectable(picked_before(here)) if task is None else [],
        "autosave": autosave_of(here, task, is_restored=not brief.is_bound),
        "zone": zone(here.at),
    }
    return render(here.request, "tasks/brief.html", context)


def brief_of(form: BriefForm) -> Brief:
    given = form.cleaned_data
    return Brief(
        theme=given["theme"],
        requirements=given["requirements"],
        start_at=given["start_at"],
        due_at=given["due_at"],
        channel=given["channel"],
        content_format=given["content_format"],
    )


def initial_of(task: Task) -> dict[str, Any]:
    return {
        "theme": task.theme,
        "requirements": task.requirements,
        "start_at": task.start_at,
        "due_at": task.due_at,
        "channel": task.channel_id,
        "content_format": task.content_format,
    }


# What is typed and not yet saved


@require_POST
@merchant_required
def autosave(request: HttpRequest, task_id: int | None = None) -> HttpResponse:
    """Keep what is typed, right or not; or, with `discard`, forget it. The answer is a sentence for
    the line under the form.
    """
    here = edge(request)
    task = own_task(here, task_id) if task_id is not None else None
    if "discard" in request.POST:
        drafts.discard_typed(task_id, by=here.by)
        return redirect("tasks:edit", task_id) if task_id else redirect("tasks:new")
    try:
        with own_only():
            return JsonResponse(keep(here, task))
    except Refused as refusal:
        return JsonResponse({"text": str(refusal)}, status=HTTPStatus.CONFLICT)


def keep(here: Edge, task: Task | None) -> dict[str, str]:
    typed = typed_in(here, task)
    if typed is None:
        drafts.discard_typed(task.pk if task else None, by=here.by)
        return {"text": "", "known_at": here.at.isoformat()}
    kept = drafts.keep_typed(
        made_before(here) if task is None else task.pk,
        typed,
        known_at=known_at(here),
        at=here.at,
        by=here.by,
    )
    return {"text": kept_text(kept, task), "known_at": kept.at.isoformat()}


def kept_text(kept: drafts.Kept, task: Task | None) -> str:
    time = f"{timezone.localtime(kept.at):%H:%M}"
    if kept.elsewhere:
        text = _("Saved at %(time)s. Another window had saved this brief too; this one counts now.")
    elif task is not None and task.sent_at is not None:
        text = _("Kept at %(time)s. The creators see it when you press Save.")
    else:
        text = _("Saved at %(time)s")
    return text % {"time": time}


def typed_in(here: Edge, task: Task | None) -> dict[str, str] | None:
    """What stands in the brief's fields; None when there is nothing, or nothing new, to keep."""
    posted = here.request.POST
    typed = {name: posted.get(name, "").replace("\r\n", "\n") for name in drafts.TYPED}
    if not typed["theme"].strip() and not typed["requirements"].strip():
        return None
    return None if task is not None and typed == as_typed(task) else typed


def as_typed(task: Task) -> dict[str, str]:
    """A saved brief as its own form would send it."""
    start, due = timezone.localtime(task.start_at), timezone.localtime(task.due_at)
    texts = {name: str(value) for name, value in initial_of(task).items()}
    return {**texts, "start_at": f"{start:{MOMENT}}", "due_at": f"{due:{MOMENT}}"}


def known_at(here: Edge) -> datetime | None:
    """When the window that asks was last told how its brief stands."""
    try:
        at = parse_datetime(here.request.POST.get("known_at", ""))
    except ValueError:
        return None
    return at if at is not None and timezone.is_aware(at) else None


def unsaved_of(here: Edge, task: Task | None) -> UnsavedBrief | None:
    return drafts.unsaved(task.pk if task else None, by=here.by)


def autosave_of(here: Edge, task: Task | None, *, is_restored: bool) -> dict[str, Any]:
    """For the form: where to send what is typed, and since when something of it is kept."""
    row = unsaved_of(here, task) if is_restored else None
    url = reverse("tasks:autosave", args=[task.pk]) if task else reverse("tasks:autosave_new")
    return {
        "url": url,
        "known_at": here.at.isoformat(),
        "restored_at": row.changed_at if row else None,
    }


# Attachments


def files_of(
    task: Task, attachments: Iterable[Attachment] | None = None, *, removable: bool = False
) -> list[dict[str, Any]]:
    """What the file list shows of a brief's attachments, asked for unless they are given."""
    return [
        {
            "name": attachment.name or attachment.url,
            "url": attachment.url or reverse("tasks:attachment", args=[task.pk, attachment.pk]),
            "kind": attachment.kind.lower(),
            "size": attachment.size,
            "remove_url": reverse("tasks:detach", args=[task.pk, attachment.pk])
            if removable
            else "",
        }
        for attachment in (task.attachments.all() if attachments is None else attachments)
    ]


@require_POST
@merchant_required
def attach(request: HttpRequest, task_id: int) -> HttpResponse:
    """Add files or a product link to a brief that is not paid for (V10); what is typed beside them
    is kept.
    """
    here = edge(request)
    task = own_task(here, task_id)
    brief, files = forms_of(here, task, asks_for_file=True)
    typed = typed_in(here, task)
    brief.initial = {**brief.initial, **(typed or {})}
    if files.is_valid():
        try:
            with own_only():
                drafts.attach_all(
                    task.pk,
                    attachments_of(files),
                    at=here.at,
                    by=here.by,
                    policy=here.policy,
                    typed=typed,
                )
        except Refused as refusal:
            files.add_error(None, str(refusal))
        else:
            messages.success(request, _("Attached."))
            return redirect(reverse("tasks:edit", args=[task.pk]) + "#attachments")
    return brief_page(here, task, brief, files)


def attachments_of(form: AttachForm) -> list[Attachment]:
    """The files and the link that were handed in, not yet stored."""
    given = form.cleaned_data
    files = [file_attachment(name, file) for name, file in given.get("file") or []]
    link = given.get("link")
    kind = Attachment.Kind.LINK
    return files + ([Attachment(kind=kind, name=link[:120], url=link)] if link else [])


def file_attachment(sent_name: str, file: Any) -> Attachment:
    is_picture = (file.name or "").endswith(PICTURE_SUFFIXES)
    return Attachment(
        kind=Attachment.Kind.PICTURE if is_picture else Attachment.Kind.DOCUMENT,
        name=shown_name(sent_name),
        file=file,
        size=file.size,
    )


@require_POST
@merchant_required
def detach(request: HttpRequest, task_id: int, attachment_id: int) -> HttpResponse:
    """Take an attachment off a brief that is not paid for; what is typed beside it is kept."""
    here = edge(request)
    task = own_task(here, task_id)
    try:
        with own_only():
            drafts.detach(
                task.pk, attachment_id, at=here.at, by=here.by, typed=typed_in(here, task)
            )
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(reverse("tasks:edit", args=[task.pk]) + "#attachments")


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def delete(request: HttpRequest, task_id: int) -> HttpResponse:
    """V15: before payment a task may be deleted; its orders are withdrawn."""
    here = edge(request)
    task = own_task(here, task_id)
    refusal = ""
    if request.method == "POST":
        try:
            with own_only():
                drafts.delete(task.pk, at=here.at, by=here.by)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("The task was deleted."))
            return redirect("tasks:tasks")
    context = {
        "heading": _("Delete this task?"),
        "explanation": _(
            "Orders that were sent are withdrawn. Nothing was paid, so nothing moves."
        ),
        "button": _("Delete"),
        "refusal": refusal,
        "back_url": reverse("tasks:task", args=[task.pk]),
        "back_label": task.theme,
    }
    return render(request, "tasks/ask.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def withdraw(request: HttpRequest, task_id: int) -> HttpResponse:
    """V15: take all unpaid orders back, to choose creators, channel or format anew."""
    here = edge(request)
    task = own_task(here, task_id)
    refusal = ""
    if request.method == "POST":
        try:
            with own_only():
                drafts.back_to_draft(task.pk, at=here.at, by=here.by)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("The orders were withdrawn. The task is a draft again."))
            return redirect("tasks:edit", task.pk)
    context = {
        "heading": _("Withdraw all orders?"),
        "explanation": _("The task becomes a draft again. Nothing was paid, so nothing moves."),
        "button": _("Withdraw"),
        "refusal": refusal,
        "back_url": reverse("tasks:task", args=[task.pk]),
        "back_label": task.theme,
    }
    return render(request, "tasks/ask.html", context)
