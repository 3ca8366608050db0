"""Sending a form to the app: one try, no redirects, a short time limit."""

import http.client
from urllib.parse import urlencode, urlsplit

_TIMEOUT_SECONDS = 10
_ANSWER_LIMIT = 1024


def post_form(url: str, form: dict[str, str]) -> tuple[int, str]:
    """POST a form; returns status and the beginning of the answer. Status 0: no answer."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return 0, "not an http address"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_TIMEOUT_SECONDS)
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    try:
        connection.request("POST", parts.path or "/", urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_ANSWER_LIMIT).decode(errors="replace")
    except (OSError, http.client.HTTPException) as problem:
        return 0, str(problem)
    finally:
        connection.close()
