"""Private files: they have no address of their own, a view that knows who asks hands them out."""

import mimetypes
from pathlib import PurePath

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

INLINE = {"image/jpeg", "image/png", "image/webp"}


def private_file(file: FieldFile, *, name: str = "", download: bool = False) -> FileResponse:
    """The file for one who may see it: pictures shown, all else downloaded, never interpreted."""
    if not file:
        raise Http404
    kind = mimetypes.guess_type(file.name or "")[0] or "application/octet-stream"
    try:
        content = file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=download or kind not in INLINE,
        filename=name or PurePath(file.name or "file").name,
        content_type=kind,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
