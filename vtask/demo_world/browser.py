"""People at their browsers, without the browser: pages, their forms, and what is sent back."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any

import httpx

TIMEOUT_SECONDS = 30
Values = Mapping[str, str | Sequence[str]]
Files = Mapping[str, tuple[str, bytes, str]]
# Inputs that are sent only when they are ticked or pressed.
ONLY_WHEN_TICKED = {"checkbox", "radio", "submit", "button", "image", "file"}
ALARMS = {"alert"}


class Stuck(RuntimeError):
    """A page does not offer what was wanted, or refuses it; the message says why."""


@dataclass
class Form:
    """One form of a page: what it would send as it stands, and all names that it knows."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    ticks: list[tuple[str, str]] = field(default_factory=list)

    def filled(self, values: Values) -> dict[str, list[str]]:
        """As it stands, with `values` over it."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        for name, given in values.items():
            sent[name] = [given] if isinstance(given, str) else list(given)
        return sent


class Page(HTMLParser):
    """A page as it came: its address, its text, its forms and links."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.url = response.url
        self.was_redirected = bool(response.history)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.alarm = ""
        self._form: Form | None = None
        self._select = self._area = ""
        self._alarm_depth = 0
        self.feed(response.text)

    def form_with(self, *names: str) -> Form:
        """The first form that knows all these names. Raises Stuck."""
        for form in self.forms:
            if form.names.issuperset(names):
                return form
        raise Stuck(f"{self.url}: no form with {', '.join(names)}. {self.alarm}".strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if (
            self._alarm_depth
            or given.get("role") in ALARMS
            or "field-error" in given.get("class", "")
        ):
            self._alarm_depth += tag not in {"input", "br", "img", "path", "use", "svg"}
        self._in_form(tag, given)

    def _in_form(self, tag: str, given: dict[str, str]) -> None:
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None and tag in {"input", "button", "select", "textarea", "option"}:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "option":
            if self._select and ("selected" in given or self._select not in dict(form.fields)):
                form.fields = [(n, v) for n, v in form.fields if n != self._select]
                form.fields.append((self._select, value))
            return
        if not name:
            return
        form.names.add(name)
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            form.fields.append((name, ""))
        elif tag == "button" or given.get("type", "text") in ONLY_WHEN_TICKED:
            form.ticks.append((name, value))
            if "checked" in given:
                form.fields.append((name, value))
        else:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if self._alarm_depth and tag not in {"path", "use", "svg"}:
            self._alarm_depth -= 1
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._alarm_depth:
            self.alarm = f"{self.alarm} {data.strip()}".strip()
        if self._area and self._form is not None:
            name, before = self._form.fields[-1]
            self._form.fields[-1] = (name, before + data)


class Person:
    """Somebody with a browser of his own."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            follow_redirects=True,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
            verify=_trust(),
        )

    def open(self, path: str) -> Page:
        """The page at an address. Raises Stuck when it is not there."""
        return _page(self._http.get(path))

    def submit(self, page: Page, values: Values, **more: Any) -> Page:
        """Fill in a form and send it, see `send`. Raises Stuck unless the site leads on."""
        answer = self.send(page, values, **more)
        if not answer.was_redirected:
            raise Stuck(f"{answer.url}: {answer.alarm or 'the form came back'}")
        return answer

    def send(
        self,
        page: Page,
        values: Values,
        *,
        by: Sequence[str] = (),
        also: Values | None = None,
        files: Files | None = None,
    ) -> Page:
        """Fill in and send the form that knows these names, and the names in `by`.

        `also` are buttons and ticks that may stand beside it.
        """
        form = page.form_with(*values, *by, *(files or ()))
        target = page.url.join(form.action) if form.action else page.url
        data = form.filled({**values, **(also or {})})
        return _page(self._http.post(target, data=data, files=_files(files)))

    def close(self) -> None:
        self._http.close()


def _files(files: Files | None) -> Any:
    return dict(files) if files else None


def _page(response: httpx.Response) -> Page:
    page = Page(response)
    if response.status_code >= httpx.codes.BAD_REQUEST:
        raise Stuck(f"{response.url}: {response.status_code} {page.alarm}".strip())
    return page


@cache
def _trust() -> ssl.SSLContext:
    """Read once for everybody."""
    return httpx.create_ssl_context()
