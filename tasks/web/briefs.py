"""A task before payment: its brief, attachments, creators, the check, sending; and its page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.web.guards import merchant_required
from core.files import shown_name
from creators import queries as creator_queries
from creators.rules import quoted_price
from creators.web.filters import CreatorFilterForm
from tasks import queries, rules
from tasks.models import Attachment, Task
from tasks.states import Reason, State
from tasks.web import words
from tasks.web.edge import Edge, edge, own_only
from tasks.web.forms import PICTURE_SUFFIXES, AttachForm, BriefForm, ids
from tasks.workflow import drafts, publish
from tasks.workflow.decision import Refused
from tasks.workflow.drafts import Brief

CREATORS_PER_PAGE = 20
SAME_FORM_SECONDS = 3600
STEPS = ("edit", "creators", "check", "pay")


def own_task(here: Edge, task_id: int) -> Task:
    """The merchant's own task; another's is not there."""
    mine = queries.tasks_of(here.by.party_id or 0).select_related("channel")
    return get_object_or_404(mine, pk=task_id)


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
    """V10: the brief. It is kept as a draft as soon as it is right."""
    here = edge(request)
    form = BriefForm(request.POST or None, at=here.at, policy=here.policy)
    if made := made_before(here):
        return redirect("tasks:task", made)
    if request.method == "POST" and form.is_valid():
        task = drafts.create(brief_of(form), at=here.at, by=here.by)
        if here.token:
            cache.set(slot(here), task.pk, SAME_FORM_SECONDS)
        wants_files = request.POST.get("go") == "attach"
        return redirect("tasks:edit" if wants_files else "tasks:creators", task.pk)
    context = {"form": form, "steps": steps("edit"), **limits(here)}
    return render(request, "tasks/brief.html", context)


def made_before(here: Edge) -> int | None:
    """The task that this very form has made already, if it is sent a second time."""
    found = cache.get(slot(here)) if here.token else None
    return int(found) if found else None


def slot(here: Edge) -> str:
    return f"new-task:{here.by.party_id}:{here.token}"


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """V15: before payment the brief may be changed."""
    here = edge(request)
    task = own_task(here, task_id)
    given = request.POST or None
    form = BriefForm(given, at=here.at, policy=here.policy, initial=initial_of(task))
    if request.method == "POST" and form.is_valid():
        try:
            with own_only():
                drafts.change(
                    task.pk,
                    brief_of(form),
                    at=here.at,
                    by=here.by,
                    policy=here.policy,
                    freeze_max_days=settings.FREEZE_MAX_DAYS,
                )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            is_draft = task.tab == "draft"  # type: ignore[attr-defined]
            return redirect("tasks:creators" if is_draft else "tasks:task", task.pk)
    return brief_page(here, task, form)


def brief_page(
    here: Edge, task: Task, form: BriefForm, attach_form: AttachForm | None = None
) -> HttpResponse:
    is_draft = task.tab == "draft"  # type: ignore[attr-defined]
    context = {
        "task": task,
        "form": form,
        "attach_form": attach_form or AttachForm(),
        "files": files_of(task, removable=True),
        "has_orders": not is_draft,
        "steps": steps("edit", task) if is_draft else None,
        **limits(here),
    }
    return render(here.request, "tasks/brief.html", context)


def limits(here: Edge) -> dict[str, Any]:
    return {
        "requirements_limit": here.policy.requirements_max_chars,
        "attachments_limit": here.policy.attachments_per_task,
    }


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


def files_of(task: Task, *, removable: bool = False) -> list[dict[str, Any]]:
    """What the file list shows of a brief's attachments."""
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
        for attachment in task.attachments.all()
    ]


@require_POST
@merchant_required
def attach(request: HttpRequest, task_id: int) -> HttpResponse:
    """Add a file or a product link to a brief that is not paid for (V10)."""
    here = edge(request)
    task = own_task(here, task_id)
    form = AttachForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            with own_only():
                drafts.attach(task.pk, attachment_of(form), by=here.by, policy=here.policy)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Attached."))
            return redirect("tasks:edit", task.pk)
    brief = BriefForm(at=here.at, policy=here.policy, initial=initial_of(task))
    return brief_page(here, task, brief, form)


def attachment_of(form: AttachForm) -> Attachment:
    link = form.cleaned_data.get("link")
    if link:
        return Attachment(kind=Attachment.Kind.LINK, name=link[:120], url=link)
    sent_name, file = form.cleaned_data["file"]
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
    """Take an attachment off a brief that is not paid for."""
    here = edge(request)
    try:
        with own_only():
            drafts.detach(task_id, attachment_id, by=here.by)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("tasks:edit", task_id)


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
        "tone": "danger",
        "refusal": refusal,
        "back_url": reverse("tasks:task", args=[task.pk]),
        "back_label": task.theme,
    }
    return render(request, "tasks/act.html", context)


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
        "tone": "danger",
        "refusal": refusal,
        "back_url": reverse("tasks:task", args=[task.pk]),
        "back_label": task.theme,
    }
    return render(request, "tasks/act.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def creators(request: HttpRequest, task_id: int) -> HttpResponse:
    """V13: tick creators in a filtered list; the ticks are kept on the draft over all pages."""
    here = edge(request)
    task = own_task(here, task_id)
    if request.method == "POST":
        return choose(here, task)
    if task.tab != "draft":  # type: ignore[attr-defined]
        return redirect("tasks:task", task.pk)
    return choice_page(here, task)


def choose(here: Edge, task: Task) -> HttpResponse:
    """Keep what was ticked of the creators shown, or take one away; then on to where was asked."""
    posted = here.request.POST
    removed = ids(posted.getlist("remove"))
    ticked = set(ids(posted.getlist("creator")))
    shown = {*ids(posted.getlist("shown")), *removed}
    try:
        with own_only():
            drafts.choose(task.pk, shown=shown, ticked=ticked, by=here.by, policy=here.policy)
    except Refused as refusal:
        messages.error(here.request, str(refusal))
        return redirect(here.request.get_full_path())
    return redirect(next_of_choice(here, task))


def next_of_choice(here: Edge, task: Task) -> str:
    go = here.request.POST.get("go", "")
    if go == "check":
        return reverse("tasks:check", args=[task.pk])
    query = here.request.GET.copy()
    if go.isdigit():
        query["page"] = go
    return f"{here.request.path}?{query.urlencode()}"


def choice_page(here: Edge, task: Task) -> HttpResponse:
    form = CreatorFilterForm(here.request.GET)
    found = creator_queries.with_cards(creator_queries.selectable(form.filters()))
    page = Paginator(found, CREATORS_PER_PAGE).get_page(here.request.GET.get("page"))
    chosen = publish.lines(task, here.policy)
    picked = {line.creator.pk for line in chosen}
    cards = [
        {
            "creator": creator,
            "price_fen": quoted_price(creator.quotes.all(), task.content_format, task.channel_id),
            "chosen": creator.pk in picked,
        }
        for creator in page.object_list
    ]
    context = {
        "task": task,
        "filter": form,
        "page": page,
        "cards": cards,
        "chosen": chosen,
        "total_fen": sum(line.price_fen or 0 for line in chosen),
        "steps": steps("creators", task),
    }
    return render(here.request, "tasks/creators.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def check(request: HttpRequest, task_id: int) -> HttpResponse:
    """V16: every order, its price and the total; sending accepts the prices (V18)."""
    here = edge(request)
    task = own_task(here, task_id)
    problems: list[str] = []
    if request.method == "POST":
        try:
            with own_only():
                send(here, task)
        except Refused as refusal:
            problems.append(str(refusal))
        else:
            messages.success(request, _("The orders are sent. Pay to put them into effect."))
            return redirect("tasks:pay", task.pk)
    elif task.tab != "draft":  # type: ignore[attr-defined]
        return redirect("tasks:task", task.pk)
    return check_page(here, task, problems)


def send(here: Edge, task: Task) -> list[int]:
    posted = here.request.POST
    seen_fen = {
        creator_id: int(posted[f"price-{creator_id}"])
        for creator_id in ids(posted.getlist("creator"))
        if posted.get(f"price-{creator_id}", "").isdigit()
    }
    return publish.publish(
        task.pk,
        seen_fen=seen_fen,
        at=here.at,
        by=here.by,
        policy=here.policy_for(task),
        freeze_max_days=settings.FREEZE_MAX_DAYS,
    )


def check_page(here: Edge, task: Task, problems: list[str]) -> HttpResponse:
    policy = here.policy_for(task)
    chosen = publish.lines(task, policy)
    if not problems:
        found = rules.brief_problems(
            requirements=task.requirements,
            start_at=task.start_at,
            due_at=task.due_at,
            at=here.at,
            policy=policy,
            freeze_max_days=settings.FREEZE_MAX_DAYS,
        )
        problems = [str(problem) for problem in found.values()]
        problems += [] if chosen else [_("Choose at least one creator.")]
    terms = [rules.terms(line.price_fen or 0, policy) for line in chosen]
    total_fen = sum(line.price_fen or 0 for line in chosen)
    context = {
        "task": task,
        "chosen": chosen,
        "total_fen": total_fen,
        "problems": problems,
        "files": files_of(task),
        "edit_url": reverse("tasks:edit", args=[task.pk]),
        "steps": steps("check", task),
        "preview": words.sending_preview([(t.net_fen, t.fee_fen) for t in terms], total_fen),
    }
    return render(here.request, "tasks/check.html", context)


@require_safe
@merchant_required
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task with all its orders, their states, times and what can be done (V63)."""
    here = edge(request)
    shown = own_task(here, task_id)
    orders = list(
        shown.orders.exclude(state=State.VOID, paid_at=None, reason=Reason.WITHDRAWN)
        .select_related("creator", "task")
        .order_by("id")
    )
    for order in orders:
        row: Any = order
        row.step_label, row.step_at = words.last_step(order)
    unpaid = [order for order in orders if order.state == State.UNPAID]
    may_change = all(order.state in (State.UNPAID, State.VOID) for order in orders)
    context = {
        "task": shown,
        "at": here.at,
        "orders": orders,
        "total_fen": sum(order.price_fen for order in orders if order.state != State.VOID),
        "unpaid_fen": sum(order.price_fen for order in unpaid),
        "payment_open": queries.payment_of(shown) is not None,
        "trouble": next((words.trouble_text(o.trouble) for o in unpaid if o.trouble), ""),
        "is_draft": shown.tab == "draft",  # type: ignore[attr-defined]
        "may_change": may_change,
        "files": files_of(shown),
        "edit_url": reverse("tasks:edit", args=[shown.pk]) if may_change else "",
    }
    return render(request, "tasks/task.html", context)
