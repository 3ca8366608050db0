"""One HTTP exchange with a limit on its whole length.

httpx limits each read, so a peer that sends a byte now and then could hold a worker for hours;
here every step has what is left of the total. A connection is used once: a kept one that died
silently would turn a request into "was it executed or not?".
"""

import ssl
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

MAX_ANSWER_BYTES = 1024 * 1024


class TooLargeError(Exception):
    """The answer is larger than any of Alipay's."""


class OneShotTransport(httpx.BaseTransport):
    """No redirects, no retries, no kept connection, `total_s` seconds from first to last byte."""

    def __init__(self, total_s: float, most_bytes: int = MAX_ANSWER_BYTES) -> None:
        self.total_s, self.most_bytes = total_s, most_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises an httpcore exception for whatever goes wrong on the way."""
        backend = _Backend(time.monotonic() + self.total_s)
        with httpcore.ConnectionPool(
            ssl_context=_trust(), max_connections=1, retries=0, network_backend=backend
        ) as pool:
            response = pool.handle_request(_to_httpcore(request))
            body = _limited(response.iter_stream(), self.most_bytes)
            return httpx.Response(response.status, headers=response.headers, content=body)


def _to_httpcore(request: httpx.Request) -> httpcore.Request:
    url = httpcore.URL(
        scheme=request.url.raw_scheme,
        host=request.url.raw_host,
        port=request.url.port,
        target=request.url.raw_path,
    )
    return httpcore.Request(
        request.method,
        url,
        headers=request.headers.raw,
        content=request.read(),
        extensions=request.extensions,
    )


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _limited(chunks: Iterable[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most_bytes:
            raise TooLargeError
    return bytes(body)


class _Deadline:
    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at

    def left(self, wanted_s: float | None) -> float:
        left_s = self.ends_at - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the total limit has passed")
        return left_s if wanted_s is None else min(wanted_s, left_s)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, ends_at: float) -> None:
        self.deadline = _Deadline(ends_at)
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self.inner.connect_tcp(
            host, port, self.deadline.left(timeout), local_address, socket_options
        )
        return _Stream(stream, self.deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self.inner = inner
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.deadline.left(timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self.deadline.left(timeout)
        return _Stream(self.inner.start_tls(ssl_context, server_hostname, left_s), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)
