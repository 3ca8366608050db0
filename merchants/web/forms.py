from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import LinkField
from merchants.models import Marketplace, Merchant
from merchants.workflow.profile import AccountFacts

PHONE = r"^\+?[0-9][0-9 \-]{4,18}[0-9]$"


class ProfileForm(forms.ModelForm[Merchant]):
    """V2, V3: company, shop and contact."""

    company_name = forms.CharField(label=_("Company"), max_length=120)
    shop_name = forms.CharField(label=_("Shop"), max_length=120)
    shop_marketplace = forms.ChoiceField(
        label=_("Marketplace of the shop"), choices=Marketplace.choices
    )
    shop_url = LinkField(label=_("Link to the shop"))
    contact_name = forms.CharField(label=_("Contact"), max_length=60)
    contact_phone = forms.RegexField(
        label=_("Phone"),
        regex=PHONE,
        error_messages={"invalid": _("Enter a phone number, such as 138 0000 0000.")},
    )
    contact_email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("A creator sees the contact only after he has accepted your order."),
    )

    class Meta:
        model = Merchant
        fields = (
            "company_name",
            "shop_name",
            "shop_marketplace",
            "shop_url",
            "contact_name",
            "contact_phone",
            "contact_email",
        )


class PaymentAccountForm(forms.Form):
    """V4: the account that the merchant pays from."""

    logon_id = forms.CharField(
        label=_("Alipay login"),
        max_length=100,
        help_text=_("The e-mail address or phone number of the account that you pay from."),
    )
    holder_name = forms.CharField(
        label=_("Name of the account's holder"),
        max_length=60,
        help_text=_("Exactly as in Alipay. Our staff checks it."),
    )

    def facts(self) -> AccountFacts:
        return AccountFacts(**self.cleaned_data)


class AgreementForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    is_confirmed = forms.BooleanField(
        label=_("I have read the agreement and confirm it for my company.")
    )
