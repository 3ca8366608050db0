"""`manage.py demo`: everything on this machine, until Ctrl-C."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from vtask import demo
from vtask.embedded import UnableToStart
from vtask.supervise import Stopped, Supervisor, UnableToKeepRunning

FAILURES = (demo.UnableToStartDemo, UnableToStart, UnableToKeepRunning)


class Command(BaseCommand):
    help = "Starts the site with everything it needs, and a world to look at. Ctrl-C ends it all."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.VTASK_ENV != "demo":
            raise CommandError("The demo runs with VTASK_ENV=demo only.")
        try:
            self._run()
        except Stopped:
            self._say("stopped")
        except FAILURES as error:
            raise CommandError(str(error)) from error

    def _run(self) -> None:
        began = time.monotonic()
        supervisor = Supervisor(settings.VAR_DIR / "log", self._say)
        with demo.alone(), supervisor.signals(), demo.servers(self._say), supervisor.watching():
            demo.start(supervisor, self._say)
            self._say(f"ready after {time.monotonic() - began:.0f} s")
            self._greet()
            supervisor.run()

    def _greet(self) -> None:
        self._say("")
        self._say(self.style.SUCCESS(f"  vtask is at {settings.SITE_URL}"))
        for login in demo.logins():
            self._say(f"    {login}")
        self._say(f"  logs: {settings.VAR_DIR / 'log'}   mail: {settings.VAR_DIR / 'mail'}")
        self._say("  Ctrl-C ends everything.\n")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
