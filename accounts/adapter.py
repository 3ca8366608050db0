"""How allauth makes our users and where it sends them."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url

from accounts import sign_up
from accounts.models import Role, User
from core import clock
from core.kept import prepared

FIRST_PAGE = {Role.MERCHANT: "merchants:agreement", Role.CREATOR: "creators:profile"}
HOME = {Role.OPS: "admin:index"}


class AccountAdapter(DefaultAccountAdapter):
    def new_user(self, request: HttpRequest) -> User:
        return User(joined_at=clock.now())

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new person is a merchant or a creator, never staff, and gets an empty profile."""
        user.name = form.cleaned_data["name"]
        user.role = form.cleaned_data["role"]
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            if commit:
                sign_up.open_for(user, at=user.joined_at)
        return user

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self._first_page(request, FIRST_PAGE)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return self._first_page(request, HOME)

    def is_reauthentication_required(self, *, app: str) -> bool:
        """A login of the last minutes is as good as asking for the password again."""
        records = get_authentication_records(self.request, self.request.user)
        latest = max((float(record["at"]) for record in records), default=0.0)
        is_fresh = time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return bool(super().is_reauthentication_required(app=app)) and not is_fresh

    def _first_page(self, request: HttpRequest, pages: dict[Any, str]) -> str:
        role = getattr(request.user, "role", "")
        return resolve_url(pages.get(role, settings.LOGIN_REDIRECT_URL))


_factors = prepared(
    lambda user_id: Authenticator.objects.filter(user_id=user_id).values_list("type")
)


class SecondFactorAdapter(DefaultMFAAdapter):
    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Every page of the admin asks this."""
        if user.is_anonymous:
            return False
        return any(types is None or kind in types for (kind,) in _factors(user.pk))
