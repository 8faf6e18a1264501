"""XLSX workbooks from strangers: what the archive unfolds to is looked at before it is opened.

A workbook is a ZIP archive of XML. Its directory is read first, which costs next to nothing: how
many parts, how large, under which names. Reading the sheets is for a confined child.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final, Literal

from receivables.errors import ReceivablesError

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may unfold to; `ratio` is unpacked by packed bytes."""

    parts: int
    unfolded: int
    ratio: int | None = None


#: For files of strangers who are not signed in or known to be careful.
#: Source: OWASP ASVS V5.2.3, in numbers of our own: 1,000 parts, 100 MB, a ratio of 100.
STRICT: Final = Limits(parts=1_000, unfolded=100 * MEGABYTE, ratio=100)
#: Below so many bytes a ratio says nothing: a sheet of blanks packs well.
_SMALL: Final = 2 * MEGABYTE
#: What a directory may take per part, names and extra fields included.
_DIRECTORY_PER_PART: Final = 600

_START: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
_NESTED: Final = (".zip", ".xlsx", ".xlsm", ".docx", ".gz", ".7z", ".rar", ".bz2", ".xz", ".jar")

Problem = Literal["broken", "no-workbook", "too-much", "unsafe"]


class BadWorkbook(ReceivablesError):
    """It is not opened, or could not be read.

    `problem`: broken (or has a password), no-workbook (another archive), too-much (unfolds to
    more than is read), unsafe (archives or paths inside that no workbook has).
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"workbook: {problem}")


def is_archive(content: bytes) -> bool:
    return content.startswith(_START)


def check_archive(content: bytes, limits: Limits) -> None:
    """Before anything is unpacked: zipfile gives out no more of a part than it declares.

    Raises BadWorkbook.
    """
    if _directory_size(content) > limits.parts * _DIRECTORY_PER_PART:
        raise BadWorkbook("too-much")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise BadWorkbook("broken") from error
    names = [part.filename for part in parts]
    if "xl/workbook.xml" not in names:
        raise BadWorkbook("no-workbook")
    if any(_is_unsafe(name) for name in names) or len(set(names)) != len(names):
        raise BadWorkbook("unsafe")
    if len(parts) > limits.parts or sum(part.file_size for part in parts) > limits.unfolded:
        raise BadWorkbook("too-much")
    if _lie_over_one_another(parts):
        raise BadWorkbook("broken")
    if limits.ratio is not None:
        _check_ratio(parts, len(content), limits.ratio)


def _directory_size(content: bytes) -> int:
    """As the archive's end declares it; the largest possible where it is beyond 32 bits."""
    place = content.rfind(_END, max(0, len(content) - 65_557))
    if place < 0 or place + 16 > len(content):
        raise BadWorkbook("broken")
    (size,) = struct.unpack_from("<L", content, place + 12)
    return int(size)


def _is_unsafe(name: str) -> bool:
    steps = name.replace("\\", "/").split("/")
    return (
        name.startswith(("/", "\\"))
        or ".." in steps
        or ":" in steps[0]
        or "\0" in name
        or (name.lower().endswith(_NESTED) and not name.startswith("xl/embeddings/"))
    )


#: What stands before a part's bytes at the least. Source: APPNOTE.TXT 4.3.7.
_PART_HEADER: Final = 30


def _lie_over_one_another(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Parts that share their bytes are packed once and unfold often."""
    end = 0
    for part in sorted(parts, key=lambda each: each.header_offset):
        if part.header_offset < end:
            return True
        end = part.header_offset + _PART_HEADER + part.compress_size
    return False


def _check_ratio(parts: Sequence[zipfile.ZipInfo], packed: int, ratio: int) -> None:
    for part in parts:
        if part.file_size > _SMALL and part.file_size > ratio * max(1, part.compress_size):
            raise BadWorkbook("too-much")
    unfolded = sum(part.file_size for part in parts)
    if unfolded > _SMALL and unfolded > ratio * packed:
        raise BadWorkbook("too-much")


class Kind(StrEnum):
    """What a cell holds that is no text."""

    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    BOOLEAN = "boolean"
    ERROR = "error"
    """What a spreadsheet shows where it cannot compute: #N/A, #REF!"""
    UNKNOWN = "unknown"
    """A formula that was never computed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A cell that is no text; `text` is how a person sees it, `value` what it is."""

    kind: Kind
    text: str
    value: Decimal | date | None = None


Cell = str | Typed
Row = tuple[int, list[Cell]]


class Book:
    """An opened workbook. Only for a confined child."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.epoch_1904 = book.epoch.year == 1904
        self.sheets: tuple[str, ...] = tuple(
            sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"
        )

    def values(
        self, sheet: str, *, max_row: int | None = None, max_col: int
    ) -> Iterator[Sequence[object]]:
        """Each row's bare values, as openpyxl takes them."""
        found = self._sheet(sheet)
        yield from found.iter_rows(max_row=max_row, max_col=max_col, values_only=True)

    def rows(self, sheet: str, *, max_rows: int, max_col: int) -> Iterator[Row]:
        """Each row that holds anything, with its number and typed cells, no empty ones at its
        end. Raises BadWorkbook for more than `max_rows` of them.
        """
        unknown = _never_computed(self._part(sheet))
        count = 0
        for line, cells in enumerate(self._sheet(sheet).iter_rows(), 1):
            row = [_typed(cell) for cell in cells[:max_col]]
            for place in unknown.get(line, ()):
                if place <= max_col:
                    row += [""] * (place - len(row))
                    row[place - 1] = Typed(Kind.UNKNOWN, "")
            while row and row[-1] == "":
                row.pop()
            if not row:
                continue
            count += 1
            if count > max_rows:
                raise BadWorkbook("too-much")
            yield line, row

    def merged(self, sheet: str) -> list[tuple[int, int, int, int]]:
        """Cells merged over several rows: first row, last row, first column, last column."""
        found: list[tuple[int, int, int, int]] = []
        for piece in _pieces(self._part(sheet)):
            for match in _MERGED.finditer(piece):
                first, last = _place(match[1], match[2]), _place(match[3], match[4])
                if last[0] > first[0]:
                    found.append((first[0], last[0], first[1], last[1]))
        return found

    def _sheet(self, sheet: str) -> Any:
        found = self._book[sheet]
        found.reset_dimensions()
        return found

    def _part(self, sheet: str) -> Any:
        found = self._book[sheet]
        return found._get_source


@contextmanager
def opened(content: bytes, limits: Limits) -> Iterator[Book]:
    """The workbook, as long as the block runs. Raises BadWorkbook, also for what goes wrong while
    it is read.
    """
    check_archive(content, limits)
    _check_prologues(content)
    # Loaded where it is needed: most files are something else, and it takes as long as reading one.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    troubles = (
        InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, TypeError,
        AttributeError, SyntaxError, OverflowError, EOFError, NotImplementedError, zlib.error,
    )  # fmt: skip
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except troubles as error:
        raise BadWorkbook("broken") from error
    try:
        yield Book(book)
    except troubles as error:
        raise BadWorkbook("broken") from error
    finally:
        book.close()


_DOCTYPE: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def _check_prologues(content: bytes) -> None:
    """OOXML allows no document type (ECMA-376 part 2, 7.1.4), which is where entities multiply."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.infolist():
                if not part.filename.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(part) as source:
                    if _DOCTYPE.search(source.read(4096).replace(b"\0", b"")):
                        raise BadWorkbook("unsafe")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as error:
        raise BadWorkbook("broken") from error


# Cells

#: Digits that a spreadsheet's number carries. Source: IEEE 754 binary64, as Excel shows it.
_DIGITS: Final = 15
_LEADING_ZEROS: Final = re.compile(r"0{2,40}\Z")
_DECIMALS: Final = re.compile(r"0[.,](0+)")
#: Beyond it whole numbers have lost their last digits.
EXACT_UP_TO: Final = 10**_DIGITS


def _typed(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "e":
            return Typed(Kind.ERROR, value[:20])
        return value
    if isinstance(value, bool):
        return Typed(Kind.BOOLEAN, "TRUE" if value else "FALSE")
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "General")
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Typed(Kind.DAY, value.isoformat(), value)
    return str(value)  # An hour or a length of time.


def _number(value: float, format: str) -> Typed:
    """A number as it is shown where the sheet shows two decimals or more, else as it is; without
    the noise that computing leaves behind its fifteenth digit.
    """
    exact = Decimal(f"{value:.{_DIGITS}g}") if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return Typed(Kind.ERROR, str(value))
    if "%" in format:
        return Typed(Kind.PERCENT, f"{exact * 100:f} %", exact)
    whole = exact == exact.to_integral_value() and abs(exact) < 10**20
    if whole:
        plain = int(exact)
        if _LEADING_ZEROS.match(format) and plain >= 0:
            return Typed(Kind.NUMBER, f"{plain:0{len(format)}d}", Decimal(plain))
        return Typed(Kind.NUMBER, str(plain), Decimal(plain))
    shown = _DECIMALS.search(format)
    if shown and len(shown[1]) >= 2 and abs(exact) < EXACT_UP_TO:
        exact = exact.quantize(Decimal(1).scaleb(-len(shown[1])), ROUND_HALF_UP)
    return Typed(Kind.NUMBER, f"{exact:f}", exact)


#: A cell that ends with a formula and no value; and where cells are merged.
_NO_VALUE: Final = re.compile(
    rb"(?:</f>|<f[^<>]{0,300}/>)\s{0,9}(?:<v\s{0,9}/>|<v>\s{0,9}</v>)?\s{0,9}</c>"
)
_CELL: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_MERGED: Final = re.compile(rb'<mergeCell\s{1,9}ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_PIECE: Final = MEGABYTE
#: A cell is looked for whole: its formula has 8,192 signs at most.
#: Source: Microsoft, "Excel specifications and limits".
_OVERLAP: Final = 20_000


def _pieces(source: Any) -> Iterator[bytes]:
    """A part's bytes, a megabyte at a time, each with the end of the one before."""
    with source() as part:
        before = b""
        while piece := part.read(_PIECE):
            yield before + piece
            before = (before + piece)[-_OVERLAP:]


def _place(letters: bytes, digits: bytes) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(digits), column


def _never_computed(source: Any) -> dict[int, list[int]]:
    """Row -> columns of formulas without a value. Programs that write workbooks leave them so, and
    openpyxl gives them out as if they were empty. An empty text is a value.
    """
    found: dict[int, list[int]] = {}
    for piece in _pieces(source):
        for match in _NO_VALUE.finditer(piece):
            start = piece.rfind(b"<c ", max(0, match.start() - _OVERLAP), match.start())
            tag = piece[start : piece.find(b">", start) + 1] if start >= 0 else b""
            cell = _CELL.search(tag)
            if cell is not None and b't="str"' not in tag:
                row, column = _place(cell[1], cell[2])
                columns = found.setdefault(row, [])
                if column not in columns:
                    columns.append(column)
    return found
