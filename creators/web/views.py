"""A creator's own pages, and his pictures. His public page is in `tasks.web.creator_page`."""

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.letters import warn
from accounts.models import User
from accounts.web.guards import creator_required, me
from accounts.web.views import next_page
from core import clock
from core.files import drop_replaced
from core.masking import mask_account, mask_name
from core.web.forms import save_only
from core.web.serving import private_file
from creators import queries, rules
from creators.models import Creator, CreatorChannel, Work
from creators.web.audience import AudienceForm, drawn, shares_by_kind
from creators.web.forms import (
    ChannelForm,
    DeliveryForm,
    InvoiceForm,
    PayoutForm,
    PersonalForm,
    QuotesForm,
    WorkForm,
)
from creators.workflow import profile as workflow

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


def own(request: HttpRequest) -> Creator:
    """The creator who looks at the page; only behind the guard."""
    creator: Creator = me(request).creator
    return creator


def _page(request: HttpRequest, name: str, creator: Creator, **context: Any) -> HttpResponse:
    context["creator"] = creator
    return render(request, f"creators/{name}.html", context)


def _form_page(
    request: HttpRequest,
    creator: Creator,
    form: forms.BaseForm,
    *,
    title: str,
    back: str = "",
    here: str = "",
) -> HttpResponse:
    """A page that is one form: a step off the section `back`, or the section `here` itself."""
    back_title = dict(section_titles().values()).get(back, "")
    context = {"form_title": title, "back": f"creators:{back}", "back_title": back_title}
    return _page(request, "form", creator, form=form, here=here, **context)


@require_safe
@creator_required
def profile(request: HttpRequest) -> HttpResponse:
    """V5: the four sections, how complete they are, the quotes and the switch."""
    creator = own(request)
    meter = queries.completeness_of(creator)
    sections = [
        {"title": title, "url": f"creators:{url}", "missing": meter.of(section)}
        for section, (url, title) in section_titles().items()
    ]
    context = {
        "meter": meter,
        "sections": sections,
        "quotes": creator.quotes.select_related("channel"),
        "report": queries.audience_of(creator),
    }
    return _page(request, "profile", creator, **context)


def section_titles() -> dict[str, tuple[str, str]]:
    """The page and the name of each section."""
    titles = {
        "personal": ("profile-personal", _("About you")),
        "account": ("profile-account", _("Invoices and payout")),
        "works": ("works", _("Works")),
        "delivery": ("profile-delivery", _("Address for samples")),
    }
    return {section: titles[section] for section in rules.SECTIONS}


@read_or_post
@creator_required
def personal(request: HttpRequest) -> HttpResponse:
    creator = own(request)
    picture = creator.avatar.name
    form = PersonalForm(request.POST or None, request.FILES or None, instance=creator)
    if request.method == "POST" and form.is_valid():
        save_only(form)
        drop_replaced(picture, creator.avatar)
        messages.success(request, _("Saved."))
        return redirect("creators:profile-personal")
    channels = creator.channels.select_related("channel")
    return _page(request, "personal", creator, form=form, channels=channels)


@read_or_post
@creator_required
def channel(request: HttpRequest, row_id: int | None = None) -> HttpResponse:
    """Add or change an account on a channel."""
    creator = own(request)
    row = None if row_id is None else get_object_or_404(creator.channels, pk=row_id)
    form = ChannelForm(request.POST or None, creator=creator, instance=row)
    if request.method == "POST" and form.is_valid():
        workflow.save_channel(form.save(commit=False), creator=creator)
        messages.success(request, _("Saved."))
        return redirect("creators:profile-personal")
    title = _("Change a channel") if row else _("Add a channel")
    return _form_page(request, creator, form, title=title, back="profile-personal")


@require_POST
@creator_required
def channel_remove(request: HttpRequest, row_id: int) -> HttpResponse:
    creator = own(request)
    get_object_or_404(CreatorChannel, pk=row_id, creator=creator)
    workflow.remove_channel(creator, row_id)
    messages.success(request, _("Removed."))
    return redirect("creators:profile-personal")


@read_or_post
@creator_required
def account(request: HttpRequest) -> HttpResponse:
    """Invoices, and where the creator is paid (shown masked)."""
    creator = own(request)
    form = InvoiceForm(request.POST or None, instance=creator)
    if request.method == "POST" and form.is_valid():
        save_only(form)
        messages.success(request, _("Saved."))
        return redirect("creators:profile-account")
    payout = creator.payout_account
    shown = (mask_account(payout.logon_id), mask_name(payout.real_name)) if payout else None
    return _page(request, "account", creator, form=form, payout=payout, payout_shown=shown)


@read_or_post
@creator_required
@reauthentication_required  # type: ignore[untyped-decorator]
def payout_account(request: HttpRequest) -> HttpResponse:
    """A new version of the payout account; the password is asked for again."""
    creator = own(request)
    form = PayoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.change_payout_account(creator, form.facts(), at=clock.now())
        warn(me(request), *payout_account_changed())
        messages.success(request, _("Saved. Payments that were already sent keep their account."))
        return redirect("creators:profile-account")
    title = _("Where you are paid")
    return _form_page(request, creator, form, title=title, back="profile-account")


def payout_account_changed() -> "tuple[StrOrPromise, StrOrPromise]":
    """Subject and text of the warning."""
    return (
        gettext_lazy("Your payout account was changed"),
        gettext_lazy(
            "The account to which you are paid was changed just now. "
            "If it was not you, change your password and write to our staff at once."
        ),
    )


@read_or_post
@creator_required
def delivery(request: HttpRequest) -> HttpResponse:
    creator = own(request)
    form = DeliveryForm(request.POST or None, instance=creator)
    if request.method == "POST" and form.is_valid():
        save_only(form)
        messages.success(request, _("Saved."))
        return redirect("creators:profile")
    title = _("Address for samples")
    return _form_page(request, creator, form, title=title, here="delivery")


@require_safe
@creator_required
def works(request: HttpRequest) -> HttpResponse:
    creator = own(request)
    return _page(request, "works", creator, works=creator.works.all()[: rules.MAX_WORKS])


@read_or_post
@creator_required
def work(request: HttpRequest, work_id: int | None = None) -> HttpResponse:
    """Add or change a work."""
    creator = own(request)
    if work_id is None and creator.works.count() >= rules.MAX_WORKS:
        messages.error(request, _("You show as many works as fit. Remove one first."))
        return redirect("creators:works")
    row = Work(creator=creator)
    if work_id is not None:
        row = get_object_or_404(Work, pk=work_id, creator=creator)
    picture = row.picture.name
    form = WorkForm(request.POST or None, request.FILES or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        drop_replaced(picture, row.picture)
        messages.success(request, _("Saved."))
        return redirect("creators:works")
    title = _("Change a work") if work_id else _("Add a work")
    known = Work(pk=work_id, creator=creator, picture=picture)  # as it is stored, not as typed
    return _page(request, "work", creator, form=form, form_title=title, work=known)


@require_POST
@creator_required
def work_remove(request: HttpRequest, work_id: int) -> HttpResponse:
    row = get_object_or_404(Work, pk=work_id, creator=own(request))
    workflow.remove_work(row)
    messages.success(request, _("Removed."))
    return redirect("creators:works")


@read_or_post
@creator_required
def quotes(request: HttpRequest) -> HttpResponse:
    """V19: one default price, and others by format and channel, all in one table."""
    creator = own(request)
    form = QuotesForm(request.POST or None, creator=creator)
    if request.method == "POST" and form.is_valid():
        workflow.set_quotes(creator, form.prices())
        messages.success(request, _("Saved. Orders that were already made keep their price."))
        return redirect("creators:quotes")
    return _page(request, "quotes", creator, form=form)


@require_POST
@creator_required
def accepting(request: HttpRequest) -> HttpResponse:
    """V6: the switch. A refusal says what is missing."""
    creator = own(request)
    try:
        workflow.switch_accepting(creator, on=request.POST.get("is_accepting") == "on")
    except workflow.UnableToAccept as refusal:
        messages.error(request, str(refusal.reason))
    return redirect(next_page(request, "/creator/profile/"))


@read_or_post
@creator_required
def audience(request: HttpRequest) -> HttpResponse:
    """V13: who follows the creator, as he reports it."""
    creator = own(request)
    report = queries.audience_of(creator)
    form = AudienceForm(request.POST or None, shares=shares_by_kind(report))
    if request.method == "POST" and form.is_valid():
        workflow.report_audience(creator, form.shares(), at=clock.now())
        messages.success(request, _("Saved. Merchants see it marked as reported by you."))
        return redirect("creators:audience")
    return _page(request, "audience", creator, form=form, report=report, charts=drawn(report))


def viewer(request: HttpRequest) -> User | None:
    """The person who is logged in, or None for a visitor."""
    return request.user if isinstance(request.user, User) else None


@login_not_required
@require_safe
def avatar(request: HttpRequest, creator_id: int) -> FileResponse:
    """The picture, for everybody who may see the creator's page."""
    shown = queries.public_pages(viewer(request))
    return private_file(get_object_or_404(shown, pk=creator_id).avatar)


@login_not_required
@require_safe
def work_picture(request: HttpRequest, creator_id: int, work_id: int) -> HttpResponseBase:
    """The picture of a work, for everybody who may see the creator's page."""
    shown = queries.public_pages(viewer(request)).filter(pk=creator_id)
    row = get_object_or_404(Work, pk=work_id, creator__in=shown)
    return private_file(row.picture)
