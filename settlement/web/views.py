"""The one address that the payment gateway posts to, and the script that checks a receipt."""

from pathlib import Path

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from core import clock
from settlement import check_receipt, crash
from settlement.gateway import notices
from settlement.inbox import UnknownNotice, take_in

log = structlog.get_logger()

MOST_BYTES = 64 * 1024


@csrf_exempt  # the gateway has no session and no form of ours; its signature is what counts
@login_not_required
@require_POST
def notice(request: HttpRequest) -> HttpResponse:
    """Take in a signed notice, answer `success` after the commit; every refusal reads the same."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdigit() or int(length) > MOST_BYTES:
        return refused("too large")
    try:
        verified = notices.verify(dict(request.POST.lists()))
        take_in(verified, at=clock.now())
    except notices.BadNotice as problem:
        return refused(problem.reason)
    except UnknownNotice as problem:
        return refused(str(problem))
    crash.here("before-success")
    return HttpResponse("success", content_type="text/plain")


def refused(reason: str) -> HttpResponse:
    log.warning("notice_refused", reason=reason)
    return HttpResponse("fail", content_type="text/plain", status=400)


@login_not_required
@require_GET
@cache_control(public=True, max_age=3600)
def checker(request: HttpRequest) -> FileResponse:
    """The stand-alone script that checks a money receipt (N3)."""
    script = Path(check_receipt.__file__)
    return FileResponse(
        script.open("rb"), as_attachment=True, filename=script.name, content_type="text/x-python"
    )
