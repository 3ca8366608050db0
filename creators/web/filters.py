from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.web.forms import YuanField
from creators import queries
from creators.models import Channel, Domain
from creators.queries import Filters

SORTS = (
    ("followers", _("Most followers")),
    ("reads", _("Most reads")),
    ("price", _("Lowest price")),
    ("price_down", _("Highest price")),
    ("newest", _("Newest")),
)


class CreatorFilterForm(forms.Form):
    """The filters of the list from which a merchant chooses (V13). Bad values filter nothing."""

    name = forms.CharField(label=pgettext_lazy("creator", "Name"), required=False, max_length=60)
    domain = forms.ModelChoiceField(
        label=_("Domain"),
        required=False,
        queryset=Domain.objects.none(),
        empty_label=_("Every domain"),
    )
    channel = forms.ModelChoiceField(
        label=_("Channel"),
        required=False,
        queryset=Channel.objects.none(),
        empty_label=_("Every channel"),
    )
    min_price = YuanField(label=_("Price from"), required=False, min_fen=0)
    max_price = YuanField(label=_("Price to"), required=False, min_fen=0)
    min_followers = forms.IntegerField(
        label=_("Followers from"), required=False, min_value=0, max_value=2**31 - 1
    )
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=SORTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["domain"].queryset = queries.domains()  # type: ignore[attr-defined]
        self.fields["channel"].queryset = queries.channels()  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        """What was asked for, as far as it makes sense."""
        self.is_valid()
        given = self.cleaned_data
        domain, channel = given.get("domain"), given.get("channel")
        return Filters(
            name=given.get("name", ""),
            domain_id=domain.pk if domain else None,
            channel_id=channel.pk if channel else None,
            min_price_fen=given.get("min_price"),
            max_price_fen=given.get("max_price"),
            min_followers=given.get("min_followers"),
            sort=given.get("sort") or "followers",
        )
