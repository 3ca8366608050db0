"""Who may open a page. Anonymous people are sent to the login, others find nothing (404)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.models import Role, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def me(request: HttpRequest) -> User:
    """The logged-in person; only behind a guard."""
    assert isinstance(request.user, User)
    return request.user


def merchant_required(view: View[P]) -> View[P]:
    """Only people with the merchant's role and profile."""
    return _guard(view, lambda user: user.role == Role.MERCHANT and hasattr(user, "merchant"))


def creator_required(view: View[P]) -> View[P]:
    """Only people with the creator's role and profile."""
    return _guard(view, lambda user: user.role == Role.CREATOR and hasattr(user, "creator"))


def ops_required(view: View[P]) -> View[P]:
    """Only staff. Pages outside the admin that use it are for reading or the demo."""
    return _guard(view, lambda user: user.is_staff)


def _guard(view: View[P], may_enter: Callable[[User], bool]) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if not may_enter(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
