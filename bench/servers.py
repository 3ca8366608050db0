"""A web server with two workers of one side, and visitors who ask it for a page together."""

import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from vtask import embedded

WORKERS, VISITORS = 2, 4
WITHIN_SECONDS = 60


class Unanswered(Exception):
    """A page did not come with 200."""


@contextmanager
def serving(python: str, module: str, told: Mapping[str, str]) -> Iterator[int]:
    """Gunicorn with the packages of that Python; its port."""
    port = embedded.free_port()
    command = [
        python, "-W", "ignore", "-m", "gunicorn", module, f"--bind=127.0.0.1:{port}",
        f"--workers={WORKERS}", "--preload", "--log-level=error", "--access-logfile=/dev/null",
        "--no-control-socket",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **told})
    try:
        _wait(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(WITHIN_SECONDS)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise Unanswered("the web server does not start")


def visit(port: int, path: str, cookie: str = "") -> float:
    """How long (ms) one answer takes, connection included."""
    headers = {"Host": "localhost", "Accept-Language": "en", "Cookie": cookie}
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_SECONDS)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != http.client.OK:
        raise Unanswered(f"{path}: {answer.status} {answer.headers.get('Location', body[:200])!s}")
    return 1000 * (time.perf_counter() - began)


def visits(port: int, path: str, cookie: str, n: int) -> Sequence[float]:
    """`n` visits by some visitors at the same time: how long (ms) each took."""
    with ThreadPoolExecutor(VISITORS) as visitors:
        return list(visitors.map(lambda _: visit(port, path, cookie), range(n)))
