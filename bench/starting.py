"""What a web worker needs until its first answer: `starting.py MODULE PATH [COOKIE]` imports the
WSGI application of a module, asks for a page twice and prints the times as JSON. Needs nothing but
the standard library.
"""

import importlib
import io
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults


def ask(application: Any, path: str, cookie: str) -> tuple[float, str]:
    """How long (s) one answer takes, and its status."""
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": cookie,
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    said: list[str] = []
    began = time.perf_counter()
    answer = application(environ, lambda status, headers, problem=None: said.append(status))
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return time.perf_counter() - began, said[0]


def main(module: str, path: str, cookie: str = "") -> None:
    began = time.perf_counter()
    application = importlib.import_module(module).application
    imported = time.perf_counter() - began
    first, status = ask(application, path, cookie)
    again, _ = ask(application, path, cookie)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    told = {
        "status": status,
        "import": imported,
        "first": first,
        "again": again,
        "rss_mb": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
