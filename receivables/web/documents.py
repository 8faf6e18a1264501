"""Files kept with invoices, given back as they came: to be saved, never to be run here."""

from __future__ import annotations

from urllib.parse import quote

from litestar import Response

from receivables.invoices.tables import Document as DocumentRow
from receivables.web.parts import Document

_KINDS = {"application/pdf": "PDF", "application/xml": "XML", "text/xml": "XML", "text/csv": "CSV"}


def document_part(row: DocumentRow) -> Document:
    """A file as a page lists it."""
    return Document(
        name=row.name,
        kind=_KINDS.get(row.media_type, "?"),
        size_bytes=row.size_bytes,
        url=f"/documents/{row.id}",
    )


def document_response(row: DocumentRow) -> Response[bytes]:
    """The file itself; a browser saves it whatever it believes it to be."""
    return attachment(row.name, row.media_type, row.content)


def attachment(name: str, media_type: str, content: bytes) -> Response[bytes]:
    """A file to be saved under `name`, never to be run here."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        },
    )
