"""A bank's file becomes its entries and statements, or every reason why it was refused."""

from __future__ import annotations

from collections.abc import Generator
from typing import BinaryIO, Final

from receivables.bank import camt, coda, csv_statement, csv_table, mt940
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.csv_table import Told, UnknownLayout
from receivables.bank.faults import fault, refuse
from receivables.bank.parsed import FileReport, ParsedEntry, Reading
from receivables.intake.faults import Refused
from receivables.intake.kinds import is_xml

#: Megabytes of 1,000,000 bytes: a hundred thousand entries of camt with room to spare.
LARGEST_MB: Final = 500

_HEAD: Final = 1 << 16


def nobody_told(_key: str) -> ToldLayout | None:
    """No layout has been explained."""
    return None


def read(source: BinaryIO, told: Told = nobody_told) -> Reading:
    """The entries of a file of whatever format, as they come; then its format and statements.

    Raises Refused, and UnknownLayout.
    """
    source.seek(0, 2)
    size = source.tell()
    if size > LARGEST_MB * 1_000_000:
        raise refuse("too-large", "file", megabytes=f"{size / 1e6:.1f}", limit=LARGEST_MB)
    source.seek(0)
    head = source.read(_HEAD)
    source.seek(0)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\r\n\t \0"):
        raise refuse("empty", "file")
    if is_xml(head):
        return (yield from camt.read(source))
    if coda.looks_like(head):
        return (yield from coda.read(source))
    if mt940.looks_like(head):
        return (yield from mt940.read(source))
    if csv_table.looks_like_text(head):
        return (yield from csv_statement.read(source, told))
    raise refuse("no-statement", "file")


def read_reporting(
    name: str, source: BinaryIO, told: Told = nobody_told
) -> Generator[ParsedEntry, None, FileReport]:
    """The entries as they come, then the report on the file, without them.

    Entries that came before a fault was found are those of a refused file.
    """
    try:
        format, statements = yield from read(source, told)
    except Refused as refusal:
        return FileReport(file=name, format=None, faults=refusal.faults)
    except UnknownLayout as unknown:
        headers = ", ".join(filter(None, unknown.headers))
        return FileReport(
            file=name,
            format=None,
            faults=(fault("csv-unknown-layout", f"line {unknown.line}", headers=headers),),
            unknown_headers=unknown.headers,
        )
    return FileReport(file=name, format=format, statements=tuple(statements))
