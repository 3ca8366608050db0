from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import plain
from core.web.forms import LinkField, PictureField, YuanField
from creators import queries, rules
from creators.models import Channel, ContentFormat, Creator, CreatorChannel, Work
from creators.workflow.profile import DEFAULT, PayoutFacts

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The rows of the price table; the first is for all formats without a price of their own.
FORMATS: "dict[str, StrOrPromise]" = {
    "": _("Every format"),
    **{content_format.value: content_format.label for content_format in ContentFormat},
}
PHONE = r"^\+?[0-9][0-9 \-]{4,18}[0-9]$"


class PersonalForm(forms.ModelForm[Creator]):
    avatar = PictureField(label=_("Picture"), required=False)

    class Meta:
        model = Creator
        fields = ("nickname", "introduction", "main_domain", "domains", "avatar")
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 4}),
            "domains": forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nickname"].required = True
        for name in ("main_domain", "domains"):
            self.fields[name].queryset = queries.domains()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The main domain is one of the domains."""
        cleaned = super().clean() or {}
        main, domains = cleaned.get("main_domain"), cleaned.get("domains")
        if main is not None and domains is not None and main not in domains:
            cleaned["domains"] = [*domains, main]
        return cleaned


class ChannelForm(forms.ModelForm[CreatorChannel]):
    url = LinkField(label=_("Link to your page"))

    class Meta:
        model = CreatorChannel
        fields = ("channel", "url", "followers", "avg_reads")

    def __init__(self, *args: Any, creator: Creator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.creator = creator
        taken = creator.channels.exclude(pk=self.instance.pk).values("channel_id")
        free = queries.channels().exclude(pk__in=taken)
        self.fields["channel"].queryset = free  # type: ignore[attr-defined]
        self.fields["channel"].empty_label = _("Choose a channel")  # type: ignore[attr-defined]


class InvoiceForm(forms.ModelForm[Creator]):
    can_invoice = forms.TypedChoiceField(
        label=_("Can you give an invoice?"),
        choices=(("yes", _("Yes")), ("no", _("No"))),
        coerce=lambda answer: answer == "yes",
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )

    class Meta:
        model = Creator
        fields = ("can_invoice",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = self.instance.can_invoice
        self.initial["can_invoice"] = {True: "yes", False: "no", None: None}[answer]


class PayoutForm(forms.Form):
    logon_id = forms.CharField(
        label=_("Alipay login"),
        max_length=100,
        help_text=_("The e-mail address or phone number of the account to which you are paid."),
    )
    real_name = forms.CharField(
        label=_("Name of the account's holder"),
        max_length=60,
        help_text=_("Exactly as in Alipay. A payment to another name fails."),
    )

    def facts(self) -> PayoutFacts:
        return PayoutFacts(**self.cleaned_data)


class DeliveryForm(forms.ModelForm[Creator]):
    delivery_name = forms.CharField(label=_("Recipient"), max_length=60)
    delivery_phone = forms.RegexField(
        label=_("Phone"),
        regex=PHONE,
        error_messages={"invalid": _("Enter a phone number, such as 138 0000 0000.")},
    )
    delivery_address = forms.CharField(
        label=_("Address"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    class Meta:
        model = Creator
        fields = ("delivery_name", "delivery_phone", "delivery_address")


class WorkForm(forms.ModelForm[Work]):
    url = LinkField(label=_("Link"), required=False)
    picture = PictureField(label=_("Picture"), required=False)
    published_at = forms.DateField(
        label=_("Published on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Work
        fields = ("title", "url", "picture", "published_at", "reads")

    def clean_published_at(self) -> datetime | None:
        """The day begins at midnight where the creator is."""
        day = self.cleaned_data["published_at"]
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class QuotesForm(forms.Form):
    """V19: a price for each format and channel. An empty one takes the next less precise price,
    which stands in it in grey.
    """

    def __init__(self, data: Any = None, *, creator: Creator) -> None:
        super().__init__(data)
        self.quotes = list(creator.quotes.all())
        self.channels = list(queries.quotable_channels(self.quotes))
        self.names: dict[str, tuple[str, int | None]] = {}
        for content_format in FORMATS:
            for channel in (None, *self.channels):
                key = content_format, channel.pk if channel else None
                name = f"price_{content_format or 'ANY'}_{key[1] or 0}"
                self.names[name] = key
                is_needed = key == DEFAULT and creator.is_accepting
                self.fields[name] = self._field(key, channel, is_needed=is_needed)

    def _field(
        self, key: tuple[str, int | None], channel: Channel | None, *, is_needed: bool
    ) -> YuanField:
        own = {(row.content_format, row.channel_id): row.price_fen for row in self.quotes}
        others = [row for row in self.quotes if (row.content_format, row.channel_id) != key]
        field = YuanField(
            label=f"{FORMATS[key[0]]}, {channel.name if channel else _('Every channel')}",
            min_fen=rules.MIN_PRICE_FEN,
            max_fen=rules.MAX_PRICE_FEN,
            required=is_needed,
            initial=own.get(key),
            error_messages={"required": _("While you accept orders, the default price is needed.")},
        )
        instead = rules.quoted_price(others, *key)
        field.widget.attrs.update(
            {"class": "form-control", "placeholder": "" if instead is None else plain(instead)}
        )
        return field

    def rows(self) -> list[dict[str, Any]]:
        """The table: a row per format, a cell per channel."""
        found: dict[str, dict[str, Any]] = {
            code: {"label": label, "cells": []} for code, label in FORMATS.items()
        }
        places: dict[int | None, StrOrPromise] = {None: _("Every channel")}
        places.update((row.pk, row.name) for row in self.channels)
        for name, (content_format, channel_id) in self.names.items():
            found[content_format]["cells"].append(
                {"field": self[name], "channel": places[channel_id]}
            )
        return list(found.values())

    def prices(self) -> dict[tuple[str, int | None], int | None]:
        """What `set_quotes` wants."""
        return {key: self.cleaned_data[name] for name, key in self.names.items()}
