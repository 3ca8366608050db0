"""What a password must be, where the framework's own words are not told in every language."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class LongEnough(MinimumLengthValidator):
    """Django's rule of the shortest length; its Chinese catalogue lacks the refusal."""

    def get_error_message(self) -> str:
        """The refusal, with the least number of characters."""
        return ngettext(
            "The password is too short: it needs at least %(n)s character.",
            "The password is too short: it needs at least %(n)s characters.",
            self.min_length,
        ) % {"n": self.min_length}
