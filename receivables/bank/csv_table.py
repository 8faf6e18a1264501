"""The lines of a bank's CSV, whatever its characters, separator and preamble."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from receivables.bank.csv_cells import day_kind
from receivables.bank.csv_layouts import (
    Layout,
    ToldLayout,
    header_key,
    headerless_layout,
    known_layout,
    told_layout,
)
from receivables.bank.faults import fault, refuse
from receivables.intake.faults import Fault

_SEPARATORS: Final = ";,\t"
#: The header stands among so many lines.
_MOST_PREAMBLE: Final = 60
_CHUNK: Final = 1 << 16

#: What a supplier has told us of layouts, by `header_key`.
Told = Callable[[str], ToldLayout | None]


class UnknownLayout(Exception):
    """Nobody has said what these columns mean."""

    def __init__(self, headers: Sequence[str], line: int) -> None:
        self.headers, self.line = tuple(headers), line
        super().__init__(", ".join(headers))


@dataclass(frozen=True, slots=True)
class Table:
    """A file whose layout is known. `preamble` is what stands above its header."""

    source: BinaryIO
    encoding: str
    separator: str
    #: The header's line; 0 when there is none.
    header_line: int
    headers: tuple[str, ...]
    layout: Layout
    preamble: tuple[tuple[str, ...], ...]

    def rows(self) -> Iterator[tuple[int, list[str]] | Fault]:
        """Number and cells of each line below the header; blank ones are left out. A line that
        cannot be taken apart is the last, as a fault.
        """
        for line, cells in _rows(
            self.source, self.encoding, self.separator, quoted=self.layout.quoted
        ):
            if isinstance(cells, csv.Error):
                yield fault("csv-broken", f"line {line}", reason=cells)
                return
            if line > self.header_line and any(map(str.strip, cells)):
                yield line, cells


def open_table(source: BinaryIO, told: Told) -> Table:
    """The table of a file. Raises UnknownLayout, and Refused for what is no text."""
    encoding = _encoding_of(source)
    best: tuple[int, Table] | None = None
    for separator in _SEPARATORS:
        found = _with_separator(source, encoding, separator, told)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        raise UnknownLayout(*_likely_header(source, encoding))
    return best[1]


def _with_separator(
    source: BinaryIO, encoding: str, separator: str, told: Told
) -> tuple[int, Table] | None:
    """The table with this separator, and how well its header is known."""
    above: list[tuple[str, ...]] = []
    best: tuple[int, Table] | None = None
    for line, cells in _rows(source, encoding, separator, quoted=True):
        if isinstance(cells, csv.Error) or len(above) >= _MOST_PREAMBLE:
            break
        explained = told(header_key(cells)) if len(cells) > 1 else None
        if explained is not None:
            layout = told_layout(explained, cells)
            return 1000, Table(
                source, encoding, separator, line, tuple(cells), layout, tuple(above)
            )
        known = known_layout(cells) if len(cells) > 1 else None
        if known is not None and (best is None or known[0] > best[0]):
            table = Table(source, encoding, separator, line, tuple(cells), known[1], tuple(above))
            best = known[0], table
        elif not above and (bare := headerless_layout(cells, [day_kind(each) for each in cells])):
            return 1, Table(source, encoding, separator, 0, (), bare, ())
        above.append(tuple(cells))
    return best


def _likely_header(source: BinaryIO, encoding: str) -> tuple[tuple[str, ...], int]:
    """The line that most looks like a header: of the widest ones the first, without numbers."""
    best: tuple[int, tuple[str, ...], int] = (1, (), 1)
    for separator in _SEPARATORS:
        for count, (line, cells) in enumerate(_rows(source, encoding, separator, quoted=True)):
            if isinstance(cells, csv.Error) or count >= _MOST_PREAMBLE:
                break
            words = [each for each in cells if day_kind(each) == "text"]
            if len(words) > best[0] and len(words) == sum(bool(each.strip()) for each in cells):
                best = len(words), tuple(each.strip() for each in cells), line
    if not best[1]:
        raise refuse("no-statement", "file")
    return best[1], best[2]


def _rows(
    source: BinaryIO, encoding: str, separator: str, *, quoted: bool
) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """First line and cells of each row; an error ends them."""
    source.seek(0)
    text = io.TextIOWrapper(source, encoding, newline="", errors="replace")
    try:
        reader = csv.reader(
            (line.replace("\0", "") for line in text),
            delimiter=separator,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        )
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, error
                return
            yield line, cells
    finally:
        text.detach()


def _encoding_of(source: BinaryIO) -> str:
    """UTF-16 by its mark, UTF-8 where the whole file is, else Windows-1252."""
    source.seek(0)
    if source.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := source.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def looks_like_text(head: bytes) -> bool:
    """Whether a file can be a table of text at all."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return b"\0" not in head and re.search(rb"[;,\t]", head) is not None
