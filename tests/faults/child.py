"""What runs in a process that may die. Loaded once by the server that forks them."""

import os
from datetime import datetime
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402

from settlement import worker  # noqa: E402
from tests.faults.processes import session_name  # noqa: E402
from tests.faults.waiting import eventually  # noqa: E402

if TYPE_CHECKING:
    from tests.faults.processes import Told


class Quiet(WSGIRequestHandler):
    """No line per request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def become(told: "Told") -> None:
    """Take on the test's database and settings; nothing was opened before."""
    connection.settings_dict.update(told.database)
    connection.settings_dict["OPTIONS"]["application_name"] = session_name(os.getpid())
    for name, value in told.settings.items():
        setattr(settings, name, value)


def work(told: "Told", at: datetime) -> None:
    become(told)
    # A row that a notice holds just now is passed over: the next beat would find it.
    eventually(lambda: worker.pump(lambda: at), within=20, what="something to carry")


def serve(told: "Told", port: int) -> None:
    become(told)
    with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet) as server:
        server.serve_forever()
