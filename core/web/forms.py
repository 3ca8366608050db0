"""Form fields for what people hand in: pictures, documents, links, amounts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import money
from core.files import BadFile, checked_document, checked_picture
from core.links import MAX_LENGTH, BadLink, checked_link


class PictureField(forms.FileField):
    """Gives the picture encoded anew; nothing of a refused file is kept."""

    widget = forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        return _checked(super().clean(data, initial), data, checked_picture)


class DocumentField(forms.FileField):
    """A PDF, office document or text."""

    widget = forms.ClearableFileInput(attrs={"accept": ".pdf,.docx,.xlsx,.pptx,.txt"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        return _checked(super().clean(data, initial), data, checked_document)


def _checked(cleaned: Any, uploaded: Any, check: Any) -> Any:
    if not uploaded or not isinstance(uploaded, File):
        return cleaned
    try:
        return check(uploaded)
    except BadFile as error:
        raise ValidationError(error.message, code=error.code) from error


class LinkField(forms.CharField):
    """An http(s) link."""

    widget = forms.URLInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH, **kwargs})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return checked_link(text) if text else ""
        except BadLink as error:
            raise ValidationError(str(error), code="link") from error


class YuanField(forms.CharField):
    """An amount typed in yuan; the form gives integer fen, or None when it may be empty."""

    default_error_messages = {
        "yuan": _("Enter an amount in yuan with at most two decimals, such as 1200 or 99.50."),
        "low": _("The amount is at least %(limit)s yuan."),
        "high": _("The amount is at most %(limit)s yuan."),
    }

    def __init__(self, *, min_fen: int = 1, max_fen: int = 10_000_000_000, **kwargs: Any) -> None:
        self.min_fen, self.max_fen = min_fen, max_fen
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"widget": widget, "max_length": 20, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return money.plain(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            fen = money.parse_yuan(text)
        except ValueError as error:
            raise ValidationError(self.error_messages["yuan"], code="yuan") from error
        self._check_limits(fen)
        return fen

    def _check_limits(self, fen: int) -> None:
        for code, limit, is_broken in (
            ("low", self.min_fen, fen < self.min_fen),
            ("high", self.max_fen, fen > self.max_fen),
        ):
            if is_broken:
                raise ValidationError(
                    self.error_messages[code], code=code, params={"limit": money.yuan(limit)}
                )


def save_only(form: forms.ModelForm[Any]) -> None:
    """Save what the form asked for and nothing else, so that no other change is undone."""
    row = form.save(commit=False)
    columns = {field.name for field in row._meta.concrete_fields}
    with transaction.atomic():
        row.save(update_fields=columns & set(form.cleaned_data))
        form.save_m2m()
