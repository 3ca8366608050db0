"""What the load balancer asks."""

import pytest
from django.test import Client


def test_the_process_says_that_it_is_alive(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_ready_when_database_redis_and_migrations_are(client: Client) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": True, "redis": True, "migrations": True}
