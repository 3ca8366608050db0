"""What is asked of and done for a logged-in person on every page."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User

Handler = Callable[[HttpRequest], HttpResponseBase]


class StaffSecondFactor:
    """The admin opens to staff with a second factor only; its own login page is never used."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(reverse("admin:index")):
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if not user.is_staff:
            raise Http404
        if not is_mfa_enabled(user):
            messages.warning(request, _("Set up a second factor to enter the admin."))
            return redirect("mfa_activate_totp")
        return self.get_response(request)


class Preferences:
    """The language and the time zone that the person has chosen."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        language = user.language or translation.get_language()
        zone = ZoneInfo(user.time_zone) if user.time_zone else timezone.get_default_timezone()
        # Not `override`: the locale middleware outside still names the language in the answer.
        translation.activate(language)
        request.LANGUAGE_CODE = language
        with timezone.override(zone):
            return self.get_response(request)
