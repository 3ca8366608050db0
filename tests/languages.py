"""Reads the texts that code and templates mark, the catalogue, and what a page shows. Needs no
GNU gettext: Babel reads Python, and Django turns a template into something that Babel can read.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.environment import ROOT

OWN = (
    "accounts",
    "core",
    "creators",
    "merchants",
    "policy",
    "reads",
    "settlement",
    "tasks",
    "vtask",
)
FOLDERS = (*OWN, "sandbox", "templates")
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CONTEXT = (1, "c")
PLAIN = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None}
KEYWORDS = {
    **PLAIN,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": (CONTEXT, 2),
    "pgettext_lazy": (CONTEXT, 2),
    "npgettext": (CONTEXT, 2, 3),
    "npgettext_lazy": (CONTEXT, 2, 3),
}
Text = tuple[str, str]


def marked() -> dict[Text, str]:
    """Every (context, English text) that is marked for translation, and a file that marks it."""
    found: dict[Text, str] = {}
    for path in sources():
        for context, text in texts_of(path):
            found.setdefault((context, text), str(path.relative_to(ROOT)))
    return found


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"}:
                yield path


def texts_of(path: Path) -> Iterator[Text]:
    code = path.read_text()
    if path.suffix != ".py":
        code = "\n".join(line.lstrip() for line in templatize(code).splitlines())
    for _line, texts, _comments, context in extract("python", BytesIO(code.encode()), KEYWORDS):
        text = texts if isinstance(texts, str) else (texts or ("",))[0]
        if text:
            yield context or "", text


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def messages() -> list[Message]:
    """The entries of the catalogue, without its header."""
    return [message for message in catalogue() if message.id]


def english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def chinese(message: Message) -> str:
    string = message.string or ""
    return string if isinstance(string, str) else str(string[0])


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


class Words(HTMLParser):
    """What a person reads or hears: texts, and the attributes that a browser shows or speaks.

    Parts that name another language by `lang` are left out, with all inside them.
    """

    SHOWN = ("alt", "aria-label", "placeholder", "title")
    SILENT = ("script", "style", "template", "code", "pre", "textarea")
    VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    @property
    def is_left_out(self) -> bool:
        return any(left_out for _tag, left_out in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        other = not given.get("lang", "zh").lower().startswith("zh")
        # The icons of the admin are drawn by their names.
        is_icon = "material-symbols-outlined" in given.get("class", "")
        if tag not in self.VOID:
            self.open.append((tag, other or is_icon or tag in self.SILENT))
        if not self.is_left_out and not other:
            self.found += [given[name] for name in self.SHOWN if name in given]
            if tag == "input" and given.get("type") in {"submit", "button"}:
                self.found.append(given.get("value", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Drawings only: nothing to read."""

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _left_out in self.open):
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self.is_left_out:
            self.found.append(data)


def words_of(page: str) -> list[str]:
    """The texts of a page, each with its white space in order."""
    reader = Words()
    reader.feed(page)
    return [text for text in (" ".join(part.split()) for part in reader.found) if text]


# Names of mail boxes, addresses and zones are the same in every language.
NAMES = re.compile(r"\S*[@/]\S*|\(\w+, UTC[+-]\d+\)")
# Two English words in a row are a sentence that nobody translated.
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:['’]s)?[ ,.:]+[A-Za-z]{2,}")


def left_in_english(page: str, known: frozenset[str]) -> set[str]:
    """Texts of the page that are English: marked ones (`known`), or two English words in a row."""
    return {text for text in words_of(page) if text in known or ENGLISH.search(NAMES.sub("", text))}
