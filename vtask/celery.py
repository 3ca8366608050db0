"""The background workers. Jobs live in each app's `jobs` module."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")

app = Celery("vtask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")


@setup_logging.connect
def _keep_our_logging(**_kwargs: Any) -> None:
    """Connected so that Celery leaves the log as the settings made it."""
