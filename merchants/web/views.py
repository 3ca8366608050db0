"""A merchant's own pages: agreement, company, payment account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.web.guards import me, merchant_required
from core import clock
from core.masking import mask_account, mask_name
from core.web.forms import save_only
from merchants import rules
from merchants.models import Merchant
from merchants.web.forms import AgreementForm, PaymentAccountForm, ProfileForm
from merchants.workflow import profile as workflow

read_or_post = require_http_methods(["GET", "HEAD", "POST"])

PAGES = {
    "agreement": "merchants:agreement",
    "company": "merchants:profile",
    "shop": "merchants:profile",
    "contact": "merchants:profile",
    "payment_account": "merchants:payment-account",
}


def own(request: HttpRequest) -> Merchant:
    """The merchant who looks at the page; only behind the guard."""
    merchant: Merchant = me(request).merchant
    return merchant


def checklist(merchant: Merchant) -> list[dict[str, str]]:
    """What is missing before the merchant can publish and pay, with the page that helps."""
    missing = rules.missing_before_paying(merchant, merchant.account_or_none)
    return [
        {
            "code": item.code,
            "text": str(item.text),
            "url": reverse(PAGES[item.code]) if item.code in PAGES else "",
        }
        for item in missing
    ]


def _page(request: HttpRequest, name: str, **context: object) -> HttpResponse:
    merchant = own(request)
    # A form that was refused has written into its own copy; the list shows what is stored.
    stored = Merchant.objects.select_related("payment_account").get(pk=merchant.pk)
    context.update(merchant=stored, checklist=checklist(stored))
    return render(request, f"merchants/{name}.html", context)


@read_or_post
@merchant_required
def agreement(request: HttpRequest) -> HttpResponse:
    """V3: read and confirm the current version."""
    merchant = own(request)
    version = rules.AGREEMENT_VERSION
    form = AgreementForm(request.POST or None, initial={"version": version})
    if request.method == "POST" and form.is_valid():
        try:
            workflow.confirm_agreement(
                merchant, version=form.cleaned_data["version"], at=clock.now()
            )
        except workflow.UnableToAgree:
            messages.error(request, _("The agreement has changed. Please read it again."))
            return redirect("merchants:agreement")
        return redirect("merchants:profile")
    return _page(request, "agreement", form=form, version=version)


@read_or_post
@merchant_required
def profile(request: HttpRequest) -> HttpResponse:
    """V2, V3: company, shop and contact."""
    form = ProfileForm(request.POST or None, instance=own(request))
    if request.method == "POST" and form.is_valid():
        save_only(form)
        messages.success(request, _("Saved."))
        return redirect("merchants:profile")
    return _page(request, "profile", form=form)


@read_or_post
@merchant_required
def payment_account(request: HttpRequest) -> HttpResponse:
    """V4: the account to pay from, and how far its check is."""
    form = PaymentAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.bind_payment_account(own(request), form.facts(), at=clock.now())
        messages.success(request, _("Saved. Our staff will check the account."))
        return redirect("merchants:payment-account")
    bound = own(request).account_or_none
    shown = (mask_account(bound.alipay_logon_id), mask_name(bound.holder_name)) if bound else None
    return _page(request, "payment_account", form=form, account=bound, account_shown=shown)
