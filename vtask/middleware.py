"""What every request gets: an id in the log, a policy for its page."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from structlog.contextvars import bind_contextvars, clear_contextvars

from core import clock

log = structlog.get_logger("vtask.request")
Handler = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
# What machines ask for again and again; the last is the number at the bell of every open page.
QUIET = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL, "/notices/count/")


class RequestLog:
    """One line per request, and its id on every line that the request causes."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clear_contextvars()
        request_id = _request_id(request)
        bind_contextvars(request_id=request_id)
        began = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith(QUIET):
            _tell(request, response, time.monotonic() - began)
        return response


def _tell(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    # The path without its query, which may hold what a person searched for.
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(seconds * 1000),
    )


def _request_id(request: HttpRequest) -> str:
    """The proxy's id where it is harmless, or else a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.match(given) else uuid.uuid4().hex


class OneClock:
    """The demo's clock is asked for once in a request, however many parts of a page tell it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.asked_once():
            return self.get_response(request)


class RequestUser:
    """The person's number on every log line of a request; after authentication."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # The session alone says who it is: no query for the log's sake.
        user_id = request.session.get("_auth_user_id")
        if user_id is not None:
            bind_contextvars(user_id=user_id)
        return self.get_response(request)


class PageSecurity(CSPMiddleware):
    """The content security policy, a looser one for the admin, and what the page may not use."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith(settings.ADMIN_PATH):
            admin: dict[str, Any] = settings.ADMIN_CONTENT_SECURITY_POLICY
            parts.replace = {**admin, **(parts.replace or {})}
        return parts

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response = super().process_response(request, response)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response
