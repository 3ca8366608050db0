"""Files of deliveries, disputes, invoices: kept before the verb is asked, gone if it refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import FileField
from django.db.models.fields.files import FieldFile

from core.files import RandomName
from tasks.workflow.decision import Refused


@contextmanager
def kept(pictures: list[tuple[str, Any]], folder: str) -> Iterator[tuple[str, ...]]:
    """The names under which these (name as sent, clean picture) are stored."""
    place = RandomName(folder)
    names = tuple(default_storage.save(place(None, file.name), file) for _sent, file in pictures)
    try:
        yield names
    except Refused:
        for name in names:
            default_storage.delete(name)
        raise


def stored(name: str) -> FieldFile:
    """A kept picture, as the view that hands out private files wants it."""
    return FieldFile(None, FileField(), name)  # type: ignore[arg-type]
