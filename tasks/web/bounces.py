"""The address to which the mail server, or the service that stands for it, reports a message that
came back (N4).
"""

import json
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock
from tasks import messages

log = structlog.get_logger()

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Bounce:
    message_id: str
    reason: str


class BadReport(Exception):
    """It does not say what came back."""


@csrf_exempt  # no session and no form of ours; the secret is what counts
@login_not_required
@require_POST
def bounces(request: HttpRequest) -> HttpResponse:
    """Take in `{"message_id": …, "reason": …}` with the secret as a bearer token. Answers 204, also
    to what it knows already and to what is not ours; without a secret in the settings, 404.
    """
    if not settings.MAIL_BOUNCE_SECRET:
        raise Http404
    if not _knows_the_secret(request):
        return _refused("secret", 403)
    try:
        bounce = _read(request)
    except BadReport as problem:
        return _refused(str(problem), 400)
    if not messages.came_back(bounce.message_id, bounce.reason, at=clock.now()):
        log.info("bounce_of_nothing_known")
    return HttpResponse(status=204)


def _knows_the_secret(request: HttpRequest) -> bool:
    return constant_time_compare(
        request.headers.get("Authorization", ""), f"Bearer {settings.MAIL_BOUNCE_SECRET}"
    )


def _read(request: HttpRequest) -> Bounce:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise BadReport("too large")
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError) as problem:
        raise BadReport("no JSON") from problem
    message_id = told.get("message_id") if isinstance(told, dict) else None
    if not isinstance(message_id, str) or not message_id.strip() or "\0" in message_id:
        raise BadReport("no message_id")
    return Bounce(message_id, str(told.get("reason") or "").replace("\0", ""))


def _refused(reason: str, status: int) -> HttpResponse:
    log.warning("bounce_refused", reason=reason)
    return HttpResponse("refused", content_type="text/plain", status=status)
