"""What people type on the pages of tasks and orders. The rules are asked where they live:
`tasks.rules` and the verbs.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.files import PICTURES, BadFile, checked_document, checked_picture
from core.web.forms import LinkField, YuanField
from core.words import absolute
from creators import queries as creator_queries
from creators.models import Channel, ContentFormat
from policy.numbers import Policy
from tasks import rules

PICTURE_SUFFIXES = tuple(suffix for suffixes in PICTURES.values() for suffix in suffixes)
DOCUMENT_SUFFIXES = (".pdf", ".docx", ".xlsx", ".pptx", ".txt")
MOMENT = "%Y-%m-%dT%H:%M"


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several files at once, each checked by its content. Gives a list of (name as sent, clean
    file).
    """

    suffixes: tuple[str, ...] = PICTURE_SUFFIXES

    def __init__(self, *, most: int = 9, **kwargs: Any) -> None:
        self.most = most
        widget = SeveralFiles(attrs={"accept": ",".join(self.suffixes)})
        super().__init__(**{"widget": widget, "required": False, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = [item for item in (data if isinstance(data, list) else [data]) if item]
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > self.most:
            raise ValidationError(
                _("At most %(most)s files."), code="too_many", params={"most": self.most}
            )
        return [(file.name, self.checked(file)) for file in given]

    def checked(self, file: File[bytes]) -> Any:
        try:
            return self.check(file)
        except BadFile as error:
            message = f"{PurePath(file.name or '').name}: {error.message}"
            raise ValidationError(message, code=error.code) from error

    def check(self, file: File[bytes]) -> Any:
        return checked_picture(file)


def checked_by_suffix(file: File[bytes]) -> Any:
    """A picture by its suffix, else a document. Raises BadFile."""
    suffix = PurePath(file.name or "").suffix.lower()
    return checked_picture(file) if suffix in PICTURE_SUFFIXES else checked_document(file)


class FilesField(PicturesField):
    """Several pictures and documents at once. Gives a list as `PicturesField` does."""

    suffixes = (*PICTURE_SUFFIXES, *DOCUMENT_SUFFIXES)

    def check(self, file: File[bytes]) -> Any:
        return checked_by_suffix(file)


class PictureOrDocumentField(forms.FileField):
    """One file: a picture by its suffix, else a document. Gives (name as sent, clean file)."""

    def __init__(self, **kwargs: Any) -> None:
        accept = ",".join((*PICTURE_SUFFIXES, *DOCUMENT_SUFFIXES))
        super().__init__(**{"widget": forms.FileInput(attrs={"accept": accept}), **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return file.name, checked_by_suffix(file)
        except BadFile as error:
            raise ValidationError(error.message, code=error.code) from error


class MomentField(forms.DateTimeField):
    """A date and time of day, in the viewer's zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
        super().__init__(
            **{"widget": widget, "input_formats": [MOMENT, "%Y-%m-%d %H:%M"], **kwargs}
        )


def text_area(limit: int, rows: int = 4) -> forms.Textarea:
    """Carries its limit for the live counter; the field's own check counts again."""
    return forms.Textarea(attrs={"rows": rows, "data-limit": limit})


class PlainText(forms.CharField):
    """Text of several lines, counted by characters with a line break as one."""

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n").replace("\r", "\n")) or ""


class BriefForm(forms.Form):
    """V10, V12. `at` is the page's instant, `policy` the numbers in force; the limits that follow
    from them are said at the fields.
    """

    theme = forms.CharField(
        label=_("Theme"),
        max_length=60,
        help_text=_("Creators see it first: the product and the occasion in a few words."),
    )
    requirements = PlainText(label=_("Requirements"), widget=forms.Textarea(attrs={"rows": 7}))
    content_format = forms.ChoiceField(label=_("Content format"), choices=ContentFormat.choices)
    channel: forms.ModelChoiceField[Channel] = forms.ModelChoiceField(
        label=_("Channel"), queryset=None, empty_label=None
    )
    start_at = MomentField(label=_("Start"))
    due_at = MomentField(
        label=_("Due"),
        help_text=_(
            "After the start. The content is published and handed in by then, or you get all your "
            "money back."
        ),
    )

    def __init__(self, *args: Any, at: datetime, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at, self.policy = at, policy
        self.fields["channel"].queryset = creator_queries.channels()  # type: ignore[attr-defined]
        self._say_limits()

    def _say_limits(self) -> None:
        earliest, latest = rules.start_window(
            at=self.at, policy=self.policy, freeze_max_days=settings.FREEZE_MAX_DAYS
        )
        first, last = whole_minute(earliest), timezone.localtime(latest)
        start, due = self.fields["start_at"], self.fields["due_at"]
        start.help_text = gettext(
            "Between %(first)s and %(last)s. Creators accept until the start; what nobody has "
            "accepted goes back to you in full."
        ) % {"first": absolute(first), "last": absolute(last)}
        start.widget.attrs |= {"min": f"{first:{MOMENT}}", "max": f"{last:{MOMENT}}"}
        due.widget.attrs |= {"min": f"{first:{MOMENT}}"}
        self.fields["requirements"].help_text = gettext(
            "1 to %(most)s characters. Frozen when you pay; disputes are judged by it."
        ) % {"most": self.policy.requirements_max_chars}

    def clean(self) -> dict[str, Any]:
        """Every problem of the brief at its own field."""
        cleaned = super().clean() or {}
        if not {"requirements", "start_at", "due_at"} - cleaned.keys():
            self.add_problems(
                rules.brief_problems(
                    requirements=cleaned["requirements"],
                    start_at=cleaned["start_at"],
                    due_at=cleaned["due_at"],
                    at=self.at,
                    policy=self.policy,
                    freeze_max_days=settings.FREEZE_MAX_DAYS,
                )
            )
        elif "requirements" in cleaned:
            problem = rules.requirements_problem(cleaned["requirements"], self.policy)
            self.add_problems({"requirements": problem} if problem else {})
        return cleaned

    def add_problems(self, problems: dict[str, Any]) -> None:
        for name, problem in problems.items():
            self.add_error(name if name in self.fields else None, str(problem))


def whole_minute(instant: datetime) -> datetime:
    """The next whole minute in the viewer's zone: what he can type lies not before `instant`."""
    local = timezone.localtime(instant)
    floor = local.replace(second=0, microsecond=0)
    return floor if floor == local else floor + timedelta(minutes=1)


# A new brief starts in some days at ten in the morning, and gives a week of work until the evening.
START_IN, START_HOUR = timedelta(days=3), 10
WORK_DAYS, DUE_HOUR = timedelta(days=7), 18


def first_times(*, at: datetime, policy: Policy) -> dict[str, datetime]:
    """What a new brief proposes, in the viewer's zone and inside V12."""
    earliest, latest = rules.start_window(
        at=at, policy=policy, freeze_max_days=settings.FREEZE_MAX_DAYS
    )
    day = timezone.localtime(max(at + START_IN, earliest))
    start = day.replace(hour=START_HOUR, minute=0, second=0, microsecond=0)
    if start < earliest:
        start += timedelta(days=1)
    start = min(start, timezone.localtime(latest).replace(second=0, microsecond=0))
    return {"start_at": start, "due_at": (start + WORK_DAYS).replace(hour=DUE_HOUR, minute=0)}


class AttachForm(forms.Form):
    """Files and a product link for a brief (V10)."""

    file = FilesField(
        label=_("Pictures and documents"),
        help_text=_("JPEG, PNG, WebP up to 5 MB; PDF, DOCX, XLSX, PPTX, TXT up to 10 MB."),
    )
    link = LinkField(
        label=_("Product link"),
        required=False,
        help_text=_("Visits that come through the content are counted for you."),
    )

    def __init__(self, *args: Any, most: int, is_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_needed = is_needed
        self.fields["file"].most = most  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_needed and not self.errors and not (cleaned["file"] or cleaned["link"]):
            raise ValidationError(_("Choose a file or enter a link."), code="nothing")
        return cleaned


class DeclineForm(forms.Form):
    reason = PlainText(
        label=_("Why do you decline?"),
        max_length=300,
        widget=text_area(300),
        help_text=_("The merchant reads this."),
    )


class DeliverForm(forms.Form):
    """V56: a link with an optional note and pictures."""

    url = LinkField(label=_("Link to the published content"))
    note = PlainText(
        label=_("Note to the merchant"), max_length=500, required=False, widget=text_area(500)
    )
    pictures = PicturesField(
        label=_("Pictures"), help_text=_("JPEG, PNG or WebP, up to 5 MB each.")
    )


class OfferForm(forms.Form):
    price_fen = YuanField(label=_("New price in yuan"))


RATINGS = [(number, str(number)) for number in range(1, 6)]


def rating(label: Any, hint: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=RATINGS,
        coerce=int,
        widget=forms.RadioSelect(attrs={"class": "stars"}),
        help_text=hint,
    )


class ReviewForm(forms.Form):
    """V62."""

    quality = rating(_("Quality"), _("1 is poor, 5 is excellent."))
    punctuality = rating(_("Punctuality"))
    communication = rating(_("Communication"))
    text = PlainText(label=_("How was it?"), max_length=500, widget=text_area(500))


class DisputeForm(forms.Form):
    """V40."""

    reason = PlainText(
        label=_("Which requirements were not met?"),
        max_length=2000,
        widget=text_area(2000, rows=6),
        help_text=_("Our staff compares your words with the brief as paid for."),
    )
    pictures = PicturesField(
        label=_("Evidence"), help_text=_("Pictures: JPEG, PNG or WebP, up to 5 MB each.")
    )


class InvoiceRequestForm(forms.Form):
    """V57: to whom the creator makes out the invoice."""

    title = forms.CharField(label=_("Invoice title"), max_length=120)
    tax_number = forms.CharField(label=_("Tax number"), max_length=40)


class InvoiceForm(forms.Form):
    """V57: the creator's invoice, as a document or a picture."""

    number = forms.CharField(label=_("Invoice number"), max_length=40)
    file = PictureOrDocumentField(
        label=_("The invoice"), help_text=_("PDF, up to 10 MB, or a picture up to 5 MB.")
    )


def ids(values: Iterable[str]) -> list[int]:
    """The numbers among posted values; what is none is passed over."""
    return [
        int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19
    ]
