"""Links that people hand in. They are shown and never fetched."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

MAX_LENGTH = 500


class BadLink(ValueError):
    """The text is not a link that may be shown; the message is for the person."""


def checked_link(text: str) -> str:
    """An http or https link without credentials, at most 500 characters. Raises BadLink."""
    link = text.strip()
    if len(link) > MAX_LENGTH:
        raise BadLink(_("The link is longer than 500 characters."))
    if any(char.isspace() or not char.isprintable() or char in '<>"\\' for char in link):
        raise BadLink(_("The link contains characters that do not belong in a link."))
    _check_parts(link)
    return link


def _check_parts(link: str) -> None:
    try:
        parts = urlsplit(link)
        parts.port  # noqa: B018  (reading it checks it)
    except ValueError as error:
        raise BadLink(_("This is not a link.")) from error
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise BadLink(_("A link starts with http:// or https://."))
    if "@" in parts.netloc:
        raise BadLink(_("The link must not contain a user name or password."))
