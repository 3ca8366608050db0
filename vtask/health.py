"""What a load balancer and a monitor ask."""

import hmac
from ipaddress import ip_address

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_prometheus.exports import ExportToDjangoView

log = structlog.get_logger(__name__)


@login_not_required
@never_cache
@require_GET
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process is alive. Asks nobody else: a restart would not help them."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_GET
def readyz(_request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: database and Redis answer, all migrations are applied."""
    questions = {"database": _database, "redis": _redis, "migrations": _migrations}
    answers = {name: _answer(name, question) for name, question in questions.items()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)


def _answer(name: str, question: object) -> bool:
    try:
        return bool(callable(question) and question())
    except Exception:  # whatever it is, we are not ready
        log.exception("not ready", question=name)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _redis() -> bool:
    cache.set("readyz", "ok", 10)
    return bool(cache.get("readyz") == "ok")


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@login_not_required
@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' numbers, for this machine itself or with `Authorization: Bearer <token>`."""
    if not (_is_local(request) or _has_token(request)):
        return HttpResponseForbidden()
    answer: HttpResponse = ExportToDjangoView(request)
    return answer


def _is_local(request: HttpRequest) -> bool:
    """Straight from the loopback; a proxy there forwards strangers, and says so."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return bool(address) and ip_address(address).is_loopback and not forwarded


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    return hmac.compare_digest(given, settings.METRICS_TOKEN.encode())
