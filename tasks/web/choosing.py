"""Choosing creators for a draft, the last look before its orders are sent, and sending them."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from accounts.web.guards import me, merchant_required
from creators import queries as creator_queries
from creators.models import Creator
from creators.rules import quoted_price
from creators.web.filters import CreatorFilterForm
from merchants.rules import missing_before_publishing
from tasks import reputation, rules
from tasks.models import Task
from tasks.web import outlook, words
from tasks.web.briefs import files_of, own_task, steps, unsaved_of
from tasks.web.edge import Edge, edge, own_only
from tasks.web.forms import ids
from tasks.workflow import drafts, publish
from tasks.workflow import pay as payments
from tasks.workflow.decision import Refused

CREATORS_PER_PAGE = 20
MORE_FILTERS = ("channel", "min_price", "max_price", "min_followers")


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_required
def creators(request: HttpRequest, task_id: int) -> HttpResponse:
    """V13: tick creators in a filtered list; the ticks are kept on the draft over all pages."""
    here = edge(request)
    task = own_task(here, task_id)
    if request.method == "POST":
        return choose(here, task)
    if not task.is_draft:
        return redirect("tasks:task", task.pk)
    return choice_page(here, task)


def choose(here: Edge, task: Task) -> HttpResponse:
    """Keep what was ticked of the creators shown, or take one away; then on to where was asked."""
    posted = here.request.POST
    removed = ids(posted.getlist("remove"))
    ticked = set(ids(posted.getlist("creator")))
    shown = {*ids(posted.getlist("shown")), *removed}
    is_part = bool(getattr(here.request, "htmx", False))
    try:
        with own_only():
            drafts.choose(task.pk, shown=shown, ticked=ticked, by=here.by, policy=here.policy)
    except Refused as refusal:
        messages.error(here.request, str(refusal))
        if is_part:  # the page shows a tick that does not count
            return HttpResponseClientRefresh()
        return redirect(here.request.get_full_path())
    if is_part:
        return render(here.request, "tasks/_basket.html", basket(here, task))
    return redirect(next_of_choice(here, task))


def next_of_choice(here: Edge, task: Task) -> str:
    go = here.request.POST.get("go", "")
    if go == "check":
        return reverse("tasks:check", args=[task.pk])
    query = here.request.GET.copy()
    if go.isdigit():
        query["page"] = go
    place = "basket" if "remove" in here.request.POST else "found"
    return f"{here.request.path}?{query.urlencode()}#{place}"


def basket(here: Edge, task: Task) -> dict[str, Any]:
    """Who is chosen, at what price for this format and channel, and the running total."""
    chosen = publish.lines(task, here.policy)
    return {
        "task": task,
        "chosen": chosen,
        "total_fen": sum(line.price_fen for line in chosen),
        "most": here.policy.creators_per_task,
        "has_problem": any(line.problem for line in chosen),
    }


@dataclass(frozen=True)
class Card:
    """What the list shows of a creator beside his profile (V14)."""

    creator: Creator
    price_fen: int | None
    record: reputation.Record
    chosen: bool
    is_on_channel: bool


def choice_page(here: Edge, task: Task) -> HttpResponse:
    form = CreatorFilterForm(filters_of(here, task))
    found = creator_queries.with_cards(creator_queries.selectable(form.filters()))
    page = Paginator(found, CREATORS_PER_PAGE).get_page(here.request.GET.get("page"))
    chosen = basket(here, task)
    context = {
        **chosen,
        "filter": form,
        "is_filtered": bool(set(here.request.GET) - {"page"}),
        "more_open": any(here.request.GET.get(name) for name in MORE_FILTERS),
        "page": page,
        "cards": cards(task, page, {line.creator.pk for line in chosen["chosen"]}),
        "steps": steps("creators", task),
    }
    return render(here.request, "tasks/creators.html", context)


def filters_of(here: Edge, task: Task) -> Any:
    """As asked; who has asked for nothing sees the creators of the task's channel."""
    asked = here.request.GET
    return asked if set(asked) - {"page"} else {"channel": str(task.channel_id)}


def cards(task: Task, page: Page[Creator], picked: set[int]) -> list[Card]:
    records = reputation.records([creator.pk for creator in page.object_list])
    return [
        Card(
            creator=creator,
            price_fen=quoted_price(creator.quotes.all(), task.content_format, task.channel_id),
            record=records[creator.pk],
            chosen=creator.pk in picked,
            is_on_channel=any(row.channel_id == task.channel_id for row in creator.channels.all()),
        )
        for creator in page.object_list
    ]


# The last look


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
    elif not task.is_draft:
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
    seen = publish.preview(
        task, chosen, at=here.at, by=here.by, given=payments.payment_of(task, policy)
    )
    context = {
        "task": task,
        "at": here.at,
        "chosen": chosen,
        "orders": [outlook.order_line(case.order) for case, _decision in seen],
        "total_fen": sum(line.price_fen for line in chosen),
        "problems": problems or problems_of(here, task, chosen),
        "has_unsaved": unsaved_of(here, task) is not None,
        "files": files_of(task),
        "edit_url": reverse("tasks:edit", args=[task.pk]),
        "steps": steps("check", task),
        "preview": before_sending(seen) if seen else None,
        "promises": outlook.promises(task, policy),
        "policy": policy,
        "fee_percent": outlook.percent(policy.fee_bps),
    }
    return render(here.request, "tasks/check.html", context)


def before_sending(seen: words.Seen) -> words.Preview:
    """The sums of the payment, which sending does not yet make."""
    return replace(
        words.payment_preview(seen),
        sentence=_("Nothing is paid yet. This is what the payment will do when you make it."),
        total_label=_("To pay, once"),
    )


def problems_of(here: Edge, task: Task, chosen: list[publish.Line]) -> list[str]:
    """Everything that keeps the orders from being sent, said before somebody presses the button."""
    merchant = me(here.request).merchant
    brief = rules.brief_problems(
        requirements=task.requirements,
        start_at=task.start_at,
        due_at=task.due_at,
        at=here.at,
        policy=here.policy_for(task),
        freeze_max_days=settings.FREEZE_MAX_DAYS,
    )
    found = [str(missing.text) for missing in missing_before_publishing(merchant)]
    found += [str(problem) for problem in brief.values()]
    return found + ([] if chosen else [_("Choose at least one creator.")])
