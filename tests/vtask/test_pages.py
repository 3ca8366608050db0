"""What every answer of the site carries, and who may read the numbers."""

from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Role, User
from vtask import middleware


def policy_of(client: Client, path: str) -> dict[str, str]:
    header = client.get(path)["Content-Security-Policy"]
    pairs = (part.strip().partition(" ") for part in header.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/healthz", "/accounts/login/", "/no/such/page", "/admin/"])
def test_headers_of_every_answer(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/no/such/page"])
def test_pages_run_nothing_but_files_of_this_site(client: Client, path: str) -> None:
    policy = policy_of(client, path)

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["base-uri"] == "'none'"
    assert policy["object-src"] == "'none'"


@pytest.mark.django_db
def test_the_admin_alone_may_evaluate_but_loads_nothing_from_elsewhere(client: Client) -> None:
    policy = policy_of(client, "/admin/")

    assert policy["script-src"] == "'self' 'unsafe-eval'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == "'self'"


def test_a_harmless_request_id_of_the_proxy_is_kept(client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "proxy-0123456789"})

    assert answer["X-Request-ID"] == "proxy-0123456789"


def test_a_harmful_request_id_is_replaced(client: Client) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": 'x"} {"level": "error'})

    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_what_machines_ask_again_and_again_fills_no_log(client: Client) -> None:
    with patch.object(middleware.log, "info") as told:
        for path in ("/healthz", "/notices/count/?known=3", "/notices/"):
            client.get(path)

    assert [call.kwargs["path"] for call in told.call_args_list] == ["/notices/"]


@pytest.mark.django_db
def test_an_unnamed_view_asks_for_the_login(client: Client) -> None:
    answer = client.get("/admin/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_the_numbers_are_for_this_machine(client: Client) -> None:
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer guess"},
    ],
)
def test_the_numbers_are_not_for_strangers(where: dict[str, Any]) -> None:
    stranger = Client(**where)

    assert stranger.get("/metrics").status_code == 403


def test_the_numbers_are_for_who_has_the_token(client: Client, settings: Settings) -> None:
    token = f"Bearer {settings.METRICS_TOKEN}"

    answer = client.get("/metrics", headers={"Authorization": token}, REMOTE_ADDR="203.0.113.9")

    assert answer.status_code == 200
    assert b"django_http_requests_total" in answer.content


@pytest.mark.django_db
def test_the_seventh_bad_password_locks_the_account_out(client: Client) -> None:
    User.objects.create_user("mei@example.com", "right horse battery", role=Role.MERCHANT)
    attempt = {"login": "mei@example.com", "password": "wrong horse battery"}

    statuses = [client.post("/accounts/login/", attempt).status_code for _ in range(7)]

    assert statuses == [200, 200, 200, 200, 200, 200, 429]
    assert "_auth_user_id" not in client.session
