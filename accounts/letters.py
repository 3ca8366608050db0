"""Letters that warn a person about his own account."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation

from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def warn(user: User, subject: "StrOrPromise", text: "StrOrPromise") -> None:
    """A short letter in the person's language. A mail server that is down stops nothing."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        send_mail(
            f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}",
            str(text),
            None,
            [user.email],
            fail_silently=True,
        )
