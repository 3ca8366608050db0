import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from core import files
from core.files import BadFile, RandomName, checked_document, checked_picture, shown_name

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **facts: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **facts)
    return out.getvalue()


def office(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", *names):
            # The same day always: the parallel workers must all collect the same tests.
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 0, 0, 0)), "<x/>")
    return out.getvalue()


def upload(content: bytes, name: str) -> ContentFile[bytes]:
    return ContentFile(content, name=name)


def refused(check: object, content: bytes, name: str) -> str:
    """The code of the refusal."""
    assert callable(check)
    with pytest.raises(BadFile) as refusal:
        check(upload(content, name))
    assert refusal.value.message
    return refusal.value.code


@pytest.mark.parametrize(
    ("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.JPG"), ("JPEG", "a.jpeg"), ("WEBP", "a.webp")]
)
def test_pictures_are_taken_and_encoded_anew(kind: str, name: str) -> None:
    original = picture(kind)
    clean = checked_picture(upload(original, name))
    with Image.open(clean) as image:
        assert (image.format, image.size) == (kind, (40, 30))
    assert clean.name in {"picture.png", "picture.jpg", "picture.webp"}


def test_what_the_camera_wrote_beside_the_picture_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x8825] = {2: (30.0, 15.0, 0.0)}
    original = picture("JPEG", exif=exif)
    assert b"SecretCamera" in original
    clean = checked_picture(upload(original, "a.jpg"))
    content = clean.read()
    assert b"SecretCamera" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert dict(image.getexif()) == {}


def test_a_turned_picture_stands_upright_and_a_huge_one_shrinks() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = checked_picture(upload(picture("JPEG", (3000, 1500), exif=exif), "a.jpg"))
    with Image.open(clean) as image:
        assert image.size == (1200, 2400)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (SVG, "a.svg", "active_content"),
        (SVG, "a.png", "active_content"),
        (b"<!DOCTYPE html><p>hello", "a.png", "active_content"),
        (picture() + b"<ScRiPt>alert(1)</script>", "a.png", "active_content"),
        (picture() + office("word/document.xml"), "a.png", "not_a_picture"),
        (b"%PDF-1.7 " + picture("JPEG"), "a.jpg", "not_a_picture"),
        (picture("GIF"), "a.gif", "not_a_picture"),
        (picture("BMP"), "a.png", "not_a_picture"),
        (picture()[:60], "a.png", "not_a_picture"),
        (b"MZ\x90\x00", "a.png", "not_a_picture"),
        (picture("JPEG"), "a.png", "mismatch"),
        (picture("PNG"), "a.html", "mismatch"),
        (picture("PNG"), "a", "mismatch"),
        (b"", "a.png", "empty"),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes, name: str, code: str) -> None:
    assert refused(checked_picture, content, name) == code


def test_files_larger_than_allowed_are_refused() -> None:
    too_large = bytes(files.MAX_DOCUMENT_BYTES + 1)
    assert refused(checked_document, too_large, "a.pdf") == "too_large"
    assert refused(checked_picture, too_large, "a.png") == "too_large"


def test_a_small_file_with_a_giant_picture_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (7_000, 7_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert refused(checked_picture, out.getvalue(), "a.png") == "too_many_pixels"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7\n1 0 obj\n%%EOF\n", "brief.pdf"),
        (office("word/document.xml"), "brief.docx"),
        (office("xl/workbook.xml"), "prices.XLSX"),
        (office("ppt/presentation.xml"), "deck.pptx"),
        ("要求：三张图。\r\n\t第二行".encode(), "notes.txt"),
    ],
)
def test_documents_are_taken_unchanged(content: bytes, name: str) -> None:
    assert checked_document(upload(content, name)).read() == content


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"%PDF-1.7\n", "a.pdf", "mismatch"),
        (SVG, "a.pdf", "mismatch"),
        (b"%PDF-1.7\n%%EOF\n" + office("word/document.xml"), "a.pdf", "mismatch"),
        (office("xl/workbook.xml"), "a.docx", "mismatch"),
        (b"PK\x03\x04 not really", "a.docx", "mismatch"),
        (office("word/document.xml", "word/vbaProject.bin"), "a.docx", "macros"),
        (b"\x00\x01\x02", "a.txt", "mismatch"),
        ("中文".encode("gbk"), "a.txt", "mismatch"),
        (b"<html><body>hi</body></html>", "a.txt", "active_content"),
        (b"hello", "a.html", "kind"),
        (b"hello", "a.exe", "kind"),
        (SVG, "a.svg", "kind"),
        (b"", "a.pdf", "empty"),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, name: str, code: str) -> None:
    assert refused(checked_document, content, name) == code


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", files.MEGABYTE)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", b"\0" * (files.MAX_UNPACKED_BYTES + 1))
    assert refused(checked_document, out.getvalue(), "a.docx") == "too_large"


def test_stored_names_are_random_and_keep_nothing_but_the_suffix() -> None:
    name = RandomName("works")
    first, second = name(None, "../../etc/王小明.PNG"), name(None, "../../etc/王小明.PNG")
    assert first != second
    assert Path(first).parts[0] == "works"
    assert Path(first).suffix == ".png"
    assert "王" not in first
    assert ".." not in first


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("brief.pdf", "brief.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\my brief.docx", "my_brief.docx"),
        ("需求 说明.pdf", "需求_说明.pdf"),
        ('a"\r\nX: y.pdf', "aX_y.pdf"),
        ("", "file"),
        (None, "file"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_the_senders_name_is_made_harmless(given: str | None, shown: str) -> None:
    assert shown_name(given) == shown
