"""Any table as rows of texts: CSV of any separator and encoding, or a sheet of an XLSX workbook.

What is told apart by its content, never by its name: gzip around a table is taken off. A workbook
is read row by row (`receivables.workbooks`): what a file of small size can unfold to is bounded
before (the archive's sizes) and while it is read (rows, columns, signs).
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from monitoring.portfolio.faults import CustomersRefused, Fault
from receivables.i18n import translate as _
from receivables.workbooks import BadWorkbook, Limits, is_archive, opened

MEGABYTE: Final = 1_000_000
SIZE_LIMIT: Final = 100 * MEGABYTE
#: What a workbook may unfold to; a hundred thousand customers of thirty columns need a third.
UNFOLDED_LIMIT: Final = 400 * MEGABYTE
PARTS_LIMIT: Final = 2_000
_LIMITS: Final = Limits(parts=PARTS_LIMIT, unfolded=UNFOLDED_LIMIT)
LINE_LIMIT: Final = 250_000
COLUMN_LIMIT: Final = 200
CELL_LIMIT: Final = 2_000
#: Lines that show how a table is cut.
_SAMPLE: Final = 60
_SEPARATORS: Final = ",;\t|"
#: A separator that no text has: a table of one column.
_NONE: Final = "\x1f"

Row = tuple[int, list[str]]

_OTHER_KINDS: Final = (
    (b"%PDF-", "PDF"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
    (b"PAR1", "Parquet"),
    (b"7z\xbc\xaf", "7-Zip"),
)


def rows_of(content: bytes) -> Iterator[Row]:
    """Each line that is not blank, with its number and its cells as texts, the header among them.

    Raises CustomersRefused where it is no table that can be read, at once or on the way.
    """
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(content)
    if len(content) > SIZE_LIMIT:
        raise _too_large()
    return _bounded(_workbook(content) if is_archive(content) else _text_table(_text(content)))


def refusal(line: int, what: str, how: str) -> CustomersRefused:
    """The refusal of a file for one reason."""
    return CustomersRefused([Fault(line, "", what, how)])


def _too_large() -> CustomersRefused:
    return refusal(
        1,
        _("The file is larger than %(limit)s MB.") % {"limit": SIZE_LIMIT // MEGABYTE},
        _("Leave out columns that are not needed, or split the file."),
    )


def _unpacked(content: bytes) -> bytes:
    """What a gzip file holds, all of its members, as far as it is not too large anyway."""
    plain = b""
    while content.startswith(b"\x1f\x8b") and len(plain) <= SIZE_LIMIT:
        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain += unpacker.decompress(content, SIZE_LIMIT + 1 - len(plain))
        except zlib.error as error:
            raise refusal(1, _("The archive is broken."), _("Export the file again.")) from error
        if len(plain) <= SIZE_LIMIT and not unpacker.eof:
            raise refusal(1, _("The archive is cut off."), _("Export the file again."))
        content = unpacker.unused_data
    return plain


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for count, (line, cells) in enumerate(rows):
        if count > LINE_LIMIT:
            raise refusal(
                line,
                _("The file has more than %(limit)s lines.") % {"limit": LINE_LIMIT},
                _("Split the file."),
            )
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > COLUMN_LIMIT:
            raise refusal(
                line,
                _("The line has more than %(limit)s columns.") % {"limit": COLUMN_LIMIT},
                _("Leave out columns that are not needed."),
            )
        if cells:
            yield line, cells


# Text


def _text(content: bytes) -> str:
    for start, kind in _OTHER_KINDS:
        if content.startswith(start):
            raise _other_kind(kind)
    if not content.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise refusal(1, _("The file is empty."), _("Export it again."))
    text = _decoded(content)
    if text.lstrip()[:1] in ("<", "{") or text.lstrip()[:2] in ("[{", "[["):
        raise _other_kind("XML, HTML, JSON")
    if "\0" in text or _binary_share(text[:20_000]) > 0.02:
        raise _other_kind(_("no text"))
    return text


def _other_kind(kind: str) -> CustomersRefused:
    return refusal(
        1,
        _("The file is no table that can be read (%(kind)s).") % {"kind": kind},
        _("Save the sheet as CSV (UTF-8) or as XLSX and give that file."),
    )


def _binary_share(text: str) -> float:
    odd = sum(1 for sign in text if sign < " " and sign not in "\t\r\n\f\x1f")
    return odd / max(1, len(text))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    head = content[:4000]
    if head[1::2].count(0) > len(head) // 3:
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(_eight_bit(content), errors="replace")


#: Signs of DOS (ü é â ä à ê è î Ä É ö) that are rare in Windows-1252, and the commonest there.
_DOS: Final = re.compile(rb"[A-Za-z][\x81\x82\x84\x85\x88\x8a\x8c\x94]|\x81")
_WINDOWS: Final = re.compile(rb"[A-Za-z][\xe0-\xef\xf2-\xf6\xf9-\xfc\xdf]")


def _eight_bit(content: bytes) -> str:
    head = content[:MEGABYTE]
    return "cp850" if len(_DOS.findall(head)) > len(_WINDOWS.findall(head)) else "cp1252"


def _text_table(text: str) -> Iterator[Row]:
    skipped = 0
    first, end, rest = text.partition("\n")
    separator = None
    if end and re.fullmatch(r"sep=.\r?", first.strip(" ") or "-"):
        separator, text, skipped = first.strip(" ")[4], rest, 1
    separator = separator or _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    line = 1 + skipped
    try:
        for cells in reader:
            yield line, [" ".join(cell[:CELL_LIMIT].split()) for cell in cells]
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        raise refusal(
            line,
            _("The line cannot be read: %(reason)s.") % {"reason": error},
            _("Save the sheet as CSV (UTF-8) and give that file."),
        ) from error


def _separator(text: str) -> str:
    """The sign that cuts most lines into the same number of cells, more than one; else none."""
    sample = _sample(text)
    best, found = (0.0, 0), _NONE
    for separator in _SEPARATORS:
        try:
            widths = [
                len(cells)
                for cells in csv.reader(sample, delimiter=separator, skipinitialspace=True)
                if any(map(str.strip, cells))
            ]
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        share = count / len(widths)
        if width > 1 and widths[0] > 1 and share >= 0.6 and (share, width) > best:
            best, found = (share, width), separator
    return found


def _sample(text: str) -> list[str]:
    lines: list[str] = []
    start = 0
    while len(lines) < _SAMPLE and start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        lines.append(text[start:end])
        start = end
    return lines


# Workbooks


def _workbook(content: bytes) -> Iterator[Row]:
    try:
        with opened(content, _LIMITS) as book:
            for sheet in book.sheets:
                # Asked for more columns than there are, openpyxl fills up every row.
                head = book.values(sheet, max_row=_SAMPLE, max_col=COLUMN_LIMIT + 1)
                width = max((len(cells) for _line, cells in _sheet_rows(head)), default=1)
                rows = _sheet_rows(book.values(sheet, max_col=width + 1))
                first = next(rows, None)
                if first is None:
                    continue  # People leave empty sheets in front.
                yield first
                yield from rows
                return
    except BadWorkbook as bad:
        raise _bad_workbook(bad) from bad
    raise refusal(1, _("The workbook is empty."), _("Put the customers on its first sheet."))


def _sheet_rows(rows: Iterator[Sequence[object]]) -> Iterator[Row]:
    for line, values in enumerate(rows, 1):
        if line > 2 * LINE_LIMIT:
            return
        width = len(values)
        while width and values[width - 1] is None:
            width -= 1
        if width:
            yield line, [_cell(value) for value in values[:width]]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(value[:CELL_LIMIT].split())
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _bad_workbook(bad: BadWorkbook) -> CustomersRefused:
    if bad.problem == "no-workbook":
        return _other_kind("ZIP")
    if bad.problem == "too-much":
        return refusal(
            1,
            _("The workbook unfolds to more than %(limit)s MB.")
            % {"limit": UNFOLDED_LIMIT // MEGABYTE},
            _("Copy the customers alone into a new workbook, or save them as CSV."),
        )
    return refusal(
        1,
        _("The workbook cannot be read."),
        _("Open it, save it as XLSX without a password, or as CSV (UTF-8)."),
    )
