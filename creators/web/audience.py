"""The form in which a creator reports his audience, and the charts that show it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import charts
from creators import audience, queries
from creators.audience import AGES, GENDERS, MOST_REGIONS, REGIONS, Kind, Shares
from creators.models import Audience

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SharesWidget(forms.Widget):
    """One small number field per word; the value is a dict of code and what was typed."""

    template_name = "creators/widgets/shares.html"
    use_fieldset = True

    def __init__(self, words: "Mapping[str, StrOrPromise]") -> None:
        super().__init__()
        self.words = words

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["rows"] = [
            {"name": f"{name}_{code}", "label": word, "value": (value or {}).get(code, "")}
            for code, word in self.words.items()
        ]
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        typed = {code: str(data.get(f"{name}_{code}", "")).strip() for code in self.words}
        return {code: text for code, text in typed.items() if text}


class PlacesWidget(SharesWidget):
    """A few rows of a word to choose and its number, where there are too many words to list."""

    template_name = "creators/widgets/places.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        known = list((value or {}).items())
        filled = [*known, *[("", "")] * MOST_REGIONS][:MOST_REGIONS]
        context["rows"] = [
            {
                "code_name": f"{name}_{place}_code",
                "name": f"{name}_{place}_percent",
                "code": code,
                "value": number,
                "number": place + 1,
            }
            for place, (code, number) in enumerate(filled)
        ]
        context["words"] = self.words
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """A word without a number and a number without a word are kept, to be complained about."""
        typed: dict[str, str] = {}
        for place in range(MOST_REGIONS):
            code = str(data.get(f"{name}_{place}_code", ""))
            number = str(data.get(f"{name}_{place}_percent", "")).strip()
            if code in typed:
                typed[code] = "twice"
            elif code or number:
                typed[code] = number
        return typed


class SharesField(forms.Field):
    """Whole percents by code; which sums are possible is the rule's business."""

    def __init__(self, kind: Kind, widget: SharesWidget, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(required=False, widget=widget, **kwargs)

    def clean(self, value: Any) -> dict[str, int]:
        words = self.widget.words
        if any(code not in words for code in value):
            raise ValidationError(_("Choose a region for each number."))
        if "twice" in value.values():
            raise ValidationError(_("Choose each region once."))
        shares = {code: number(text) for code, text in value.items()}
        if reason := audience.problem(self.kind, shares):
            raise ValidationError(str(reason))
        return {code: percent for code, percent in shares.items() if percent}


def number(text: str) -> int:
    """A whole number that a person typed, with or without the sign; anything else is refused."""
    plain = text.removesuffix("%").strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= 3):
        raise ValidationError(_("Each share is a whole number from 0 to 100."))
    return int(plain)


class AudienceForm(forms.Form):
    """Four groups of shares. Each may be left empty."""

    AGE = SharesField(
        Kind.AGE,
        SharesWidget(AGES),
        label=gettext_lazy("Age"),
        help_text=gettext_lazy("Together exactly 100 %, or leave them all empty."),
    )
    GENDER = SharesField(
        Kind.GENDER,
        SharesWidget(GENDERS),
        label=gettext_lazy("Gender"),
        help_text=gettext_lazy("Together exactly 100 %, or leave them all empty."),
    )
    REGION = SharesField(
        Kind.REGION,
        PlacesWidget(REGIONS),
        label=gettext_lazy("Where they live"),
        help_text=gettext_lazy("The largest ones, together at most 100 %. The rest is elsewhere."),
    )
    INTEREST = SharesField(
        Kind.INTEREST,
        SharesWidget({}),
        label=gettext_lazy("What they are interested in"),
        help_text=gettext_lazy("Each from 0 to 100 %. One person can have several interests."),
    )

    def __init__(self, data: Any = None, *, shares: Mapping[Kind, Shares]) -> None:
        super().__init__(data, initial={kind.value: known for kind, known in shares.items()})
        self.fields["INTEREST"].widget.words = interests()

    def shares(self) -> dict[Kind, Shares]:
        """What was reported, by kind."""
        return {Kind(name): found for name, found in self.cleaned_data.items()}


def interests() -> dict[str, str]:
    """V8: interests are named like the domains, so that the two can be compared."""
    return {domain.code: domain.name for domain in queries.domains()}


def shares_by_kind(report: Audience | None) -> dict[Kind, Shares]:
    return {kind: queries.shares_of(report, kind) for kind in Kind}


def drawn(report: Audience | None) -> list[charts.Chart]:
    """The charts of an audience, without those that would be empty."""
    if report is None:
        return []
    known = shares_by_kind(report)
    found = [
        _in_order(_("Age"), AGES, known[Kind.AGE]),
        _parts(_("Gender"), GENDERS, known[Kind.GENDER]),
        _rows(_("Where they live"), REGIONS, known[Kind.REGION]),
        _rows(_("Interests"), interests() if known[Kind.INTEREST] else {}, known[Kind.INTEREST]),
    ]
    return [chart for chart in found if not chart.is_empty]


def _in_order(title: str, words: "Mapping[str, StrOrPromise]", shares: Shares) -> charts.Chart:
    """In the order of the words: ages grow. None of the six is left without its label."""
    values = [shares.get(code, 0) for code in words]
    series = [charts.Series(_("Share"), values)]
    return charts.bars(title, _labels(words, words), series, percent=True, lying=True)


def _parts(title: str, words: "Mapping[str, StrOrPromise]", shares: Shares) -> charts.Chart:
    codes = _largest_first(words, shares)
    values = [shares[code] for code in codes]
    return charts.shares(title, _labels(words, codes), values, percent=True)


def _rows(title: str, words: "Mapping[str, StrOrPromise]", shares: Shares) -> charts.Chart:
    codes = _largest_first(words, shares)
    series = [charts.Series(_("Share"), [shares[code] for code in codes])]
    return charts.bars(title, _labels(words, codes), series, percent=True, lying=True)


def _largest_first(words: "Mapping[str, StrOrPromise]", shares: Shares) -> list[str]:
    """Those that still have a word: a domain may have been turned off since."""
    return sorted((code for code in shares if code in words), key=lambda code: -shares[code])


def _labels(words: "Mapping[str, StrOrPromise]", codes: Iterable[str]) -> list[str]:
    return [str(words[code]) for code in codes]
