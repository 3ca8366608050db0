"""What the views of this app need at the edge: the instant, who acts, the policy in force, what a
refusal becomes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Role, User
from core import clock
from policy.numbers import Policy
from policy.queries import in_force
from tasks.models import Task
from tasks.workflow.decision import Actor, NotYours


@dataclass
class Edge:
    """One request: read once, passed down as `at=`, `by=` and `policy=`."""

    request: HttpRequest
    at: datetime
    by: Actor

    @cached_property
    def policy(self) -> Policy:
        return in_force(self.at)

    @property
    def side(self) -> str:
        """MERCHANT or CREATOR, or nothing for staff, who only look."""
        return self.by.role.value if self.by.party_id else ""

    @property
    def token(self) -> str:
        """The form that this click came from: sent twice, it acts once (N20)."""
        token = self.request.POST.get("form_key", "")
        return token if token.isalnum() and token.isascii() and len(token) <= 40 else ""

    def policy_for(self, task: Task) -> Policy:
        """With the fee of the task's campaign, if it has one (V59)."""
        return in_force(self.at, campaign=task.campaign) if task.campaign else self.policy


def edge(request: HttpRequest) -> Edge:
    """Who asks, and when. A login that is neither merchant, creator nor staff finds nothing."""
    return Edge(request, clock.now(), actor(request.user))


def actor(user: object) -> Actor:
    if not isinstance(user, User):
        raise PermissionDenied
    if user.role == Role.MERCHANT and hasattr(user, "merchant"):
        return Actor.merchant(user.merchant)
    if user.role == Role.CREATOR and hasattr(user, "creator"):
        return Actor.creator(user.creator)
    if user.is_staff:
        return Actor.ops(user)
    raise Http404


@contextmanager
def own_only() -> Iterator[None]:
    """What is another's does not exist, as far as anyone can see (404)."""
    try:
        yield
    except NotYours as refusal:
        raise Http404 from refusal


def notify_url() -> str:
    return str(settings.ALIPAY_NOTIFY_URL)


def party_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only merchants and creators; staff look, and act in the admin."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if actor(request.user).party_id is None:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
