"""The browser of the machine, for the browser tests."""

import shutil
from functools import cache

MISSING = "NO CHROMIUM ON THIS MACHINE: THE BROWSER TESTS WERE SKIPPED"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium() -> str | None:
    """Where the browser lies, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
