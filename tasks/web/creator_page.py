"""A creator's public page: his profile with what his orders say about him. It is here and not in
`creators`, which knows no orders.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from accounts.web.guards import merchant_required
from creators import queries as creator_queries
from creators.models import Creator
from creators.web.audience import drawn
from creators.web.views import viewer
from tasks import reputation, tabs
from tasks.web.edge import edge, own_only
from tasks.workflow import drafts
from tasks.workflow.decision import Refused

DRAFTS_SHOWN = 5


@login_not_required
@require_safe
def page(request: HttpRequest, creator_id: int) -> HttpResponse:
    """What everybody may know of a creator. Contact data is never on it (V64); who takes no orders
    at present is shown to people with a login only.
    """
    person = viewer(request)
    shown = creator_queries.with_page(creator_queries.public_pages(person))
    creator = get_object_or_404(shown, pk=creator_id)
    report = getattr(creator, "audience", None)
    context = {
        "creator": creator,
        "is_own": person is not None and creator.user_id == person.pk,
        "record": reputation.record(creator.pk),
        "opinions": reputation.latest_reviews(creator.pk),
        "report": report,
        "charts": drawn(report),
        "drafts": drafts_of(person) if creator.is_listed else [],
        "may_choose": creator.is_listed and is_merchant(person),
        "page_url": request.build_absolute_uri(request.path),
        "picture_url": request.build_absolute_uri(creator.avatar_url) if creator.avatar else "",
    }
    return render(request, "creators/card.html", context)


def is_merchant(person: User | None) -> bool:
    return person is not None and person.role == Role.MERCHANT and hasattr(person, "merchant")


def drafts_of(person: User | None) -> list[Any]:
    """The merchant's newest drafts, for which a creator can be chosen."""
    if person is None or not is_merchant(person):
        return []
    return list(tabs.drafts(person.merchant.pk)[:DRAFTS_SHOWN])


@require_POST
@merchant_required
def choose(request: HttpRequest, creator_id: int) -> HttpResponse:
    """V13: tick this creator for one of the merchant's drafts, and go on choosing there."""
    here = edge(request)
    creator = get_object_or_404(Creator, pk=creator_id)
    task_id = request.POST.get("task", "")
    back = redirect("tasks:creator", creator.pk)
    if not (task_id.isascii() and task_id.isdecimal() and len(task_id) < 19):
        messages.error(request, _("Choose the task first."))
        return back
    try:
        with own_only():
            drafts.pick(int(task_id), [creator.pk], by=here.by, policy=here.policy)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return back
    messages.success(request, _("%(name)s is chosen.") % {"name": creator.nickname})
    return redirect(reverse("tasks:creators", args=[int(task_id)]))
