"""`manage.py services start|stop|status`: the embedded PostgreSQL and Redis by hand."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from vtask import embedded


class Command(BaseCommand):
    help = "Starts or stops the embedded PostgreSQL and Redis under VAR_DIR."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])

    def handle(self, *_args: Any, action: str, **_options: Any) -> None:
        place = embedded.place(settings.VAR_DIR)
        if action == "start":
            embedded.start(place)
            embedded.ensure_database(place, "vtask")
        elif action == "stop":
            embedded.stop(place)
        running = {
            "PostgreSQL": embedded.postgres_is_running(place),
            "Redis": embedded.redis_is_running(place),
        }
        for name, is_running in running.items():
            self.stdout.write(f"{name}: {'running' if is_running else 'stopped'}")
