"""Workbooks as spreadsheet programs write them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

Change = Callable[[Any], None]


def workbook(*rows: Sequence[object], change: Change | None = None, **sheets: list[Any]) -> bytes:
    """A workbook of one sheet with these rows, `change`d, and of further sheets by name."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    for name, others in sheets.items():
        further = book.create_sheet(name)
        for row in others:
            further.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same archive with these parts in the place of its own, or beside them."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            if part.filename not in parts:
                after.writestr(part.filename, before.read(part))
        for name, body in parts.items():
            after.writestr(name, body)
    return kept.getvalue()


def bomb(megabytes: int = 400) -> bytes:
    """Under a megabyte that unfolds to so many."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(b"<row/>" * 166_666)
    return kept.getvalue()
