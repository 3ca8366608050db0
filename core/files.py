"""Uploads: nothing is believed but the content, and nothing keeps the name it came with."""

from __future__ import annotations

import io
import warnings
import zipfile
from functools import partial
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.deconstruct import deconstructible
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MEGABYTE = 1024 * 1024
MAX_PICTURE_BYTES = 5 * MEGABYTE
MAX_DOCUMENT_BYTES = 10 * MEGABYTE
MAX_UNPACKED_BYTES = 100 * MEGABYTE
MAX_IMAGE_PIXELS = 40_000_000
MAX_SIDE = 2400

PICTURES = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",)}
OFFICE = {".docx": "word/", ".xlsx": "xl/", ".pptx": "ppt/"}
ACTIVE_CONTENT = (b"<script", b"<!doctype", b"<html", b"<svg", b"<?php", b"<iframe", b"<body")
NOT_A_PICTURE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class BadFile(ValueError):
    """The file is refused. `code` is for programs, the message for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@deconstructible
class RandomName:
    """`upload_to` that keeps nothing of the sender's file name but a known suffix."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, instance: Any, filename: str) -> str:
        token = uuid4().hex
        return f"{self.folder}/{token[:2]}/{token}{PurePath(filename).suffix.lower()}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomName) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)


def drop_replaced(before: str | None, file: FieldFile) -> None:
    """Delete the file that was replaced or taken away, once the change is certain."""
    if before and before != file.name:
        transaction.on_commit(partial(file.storage.delete, before))


def shown_name(filename: str | None) -> str:
    """The sender's file name, made harmless, for showing. At most 120 characters."""
    name = PurePath((filename or "").replace("\\", "/")).name
    suffix = PurePath(name).suffix[:10]
    stem = PurePath(name).stem[: 120 - len(suffix)]
    try:
        return get_valid_filename(stem + suffix)
    except SuspiciousFileOperation:
        return f"file{suffix}" if suffix else "file"


def checked_picture(file: File[bytes]) -> ContentFile[bytes]:
    """The picture encoded anew: no metadata, nothing hidden behind it. Raises BadFile.

    JPEG, PNG or WebP, at most 5 MB and 40 million pixels; the name must say what the content is.
    """
    content = _content(file, MAX_PICTURE_BYTES)
    _refuse_active(content)
    if zipfile.is_zipfile(io.BytesIO(content)) or b"%PDF-" in content[:1024]:
        raise _not_a_picture()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _encoded_anew(content, _suffix(file))
    except NOT_A_PICTURE as error:
        if isinstance(error, BadFile):
            raise
        raise _not_a_picture() from error


def _encoded_anew(content: bytes, suffix: str) -> ContentFile[bytes]:
    with Image.open(io.BytesIO(content), formats=list(PICTURES)) as image:
        kind = str(image.format)
        if suffix not in PICTURES[kind]:
            raise _not_what_it_claims()
        if image.width * image.height > MAX_IMAGE_PIXELS:
            raise BadFile("too_many_pixels", _("The picture has too many pixels."))
        upright = ImageOps.exif_transpose(image)
        clean = upright.convert("RGB" if kind == "JPEG" else "RGBA")
    clean.thumbnail((MAX_SIDE, MAX_SIDE))
    clean.info.clear()
    out = io.BytesIO()
    clean.save(out, kind)
    return ContentFile(out.getvalue(), name=f"picture{PICTURES[kind][0]}")


def checked_document(file: File[bytes]) -> ContentFile[bytes]:
    """A PDF, docx, xlsx, pptx or plain text by its content, at most 10 MB. Raises BadFile."""
    content = _content(file, MAX_DOCUMENT_BYTES)
    suffix = _suffix(file)
    checks = {".pdf": _is_pdf, ".txt": _is_text}
    if suffix in OFFICE:
        fits = _is_office(content, OFFICE[suffix])
    elif suffix in checks:
        fits = checks[suffix](content)
    else:
        raise BadFile("kind", _("Documents can be PDF, DOCX, XLSX, PPTX or TXT."))
    if not fits:
        raise _not_what_it_claims()
    return ContentFile(content, name=f"document{suffix}")


def _is_pdf(content: bytes) -> bool:
    is_pdf = content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]
    return is_pdf and not zipfile.is_zipfile(io.BytesIO(content))


def _is_text(content: bytes) -> bool:
    _refuse_active(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\r\n\t\u3000\u00a0" for char in text)


def _is_office(content: bytes, folder: str) -> bool:
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    names = [entry.filename for entry in entries]
    if any("vbaproject" in name.lower() for name in names):
        raise BadFile("macros", _("Documents with macros are not accepted."))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise _too_large(MAX_UNPACKED_BYTES)
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _content(file: File[bytes], limit: int) -> bytes:
    if file.size > limit:
        raise _too_large(limit)
    file.seek(0)
    content: bytes = file.read(limit + 1)
    if len(content) > limit:
        raise _too_large(limit)
    if not content:
        raise BadFile("empty", _("The file is empty."))
    return content


def _suffix(file: File[bytes]) -> str:
    return PurePath(file.name or "").suffix.lower()


def _refuse_active(content: bytes) -> None:
    lower = content.lower()
    if any(mark in lower for mark in ACTIVE_CONTENT):
        raise BadFile("active_content", _("The file contains a web page or a program."))


def _too_large(limit: int) -> BadFile:
    size = limit // MEGABYTE
    return BadFile("too_large", _("The file is larger than %(size)d MB.") % {"size": size})


def _not_a_picture() -> BadFile:
    return BadFile("not_a_picture", _("Pictures can be JPEG, PNG or WebP."))


def _not_what_it_claims() -> BadFile:
    return BadFile("mismatch", _("The file is not what its name says."))
