"""Entries and statements as JSON lines, between the reading child and its parent.

JSON and not pickle: the child has touched hostile content, and whoever unpickles its answer
would run what it says.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from receivables.bank.parsed import FileReport, Format, ParsedEntry, ParsedStatement
from receivables.intake.faults import Fault

#: The first character of a line says what it is.
ENTRY: Final = b"e"
END: Final = b"z"

_ENTRIES: Final = msgspec.json.Decoder(ParsedEntry)


class _End(msgspec.Struct):
    format: Format | None
    statements: tuple[ParsedStatement, ...]
    faults: tuple[Fault, ...]
    unknown_headers: tuple[str, ...]


_ENCODER: Final = msgspec.json.Encoder()
_ENDS: Final = msgspec.json.Decoder(_End)


def entry_line(entry: ParsedEntry) -> bytes:
    return ENTRY + _ENCODER.encode(entry) + b"\n"


def end_line(report: FileReport) -> bytes:
    end = _End(report.format, report.statements, report.faults, report.unknown_headers)
    return END + _ENCODER.encode(end) + b"\n"


def entry_of(line: bytes) -> ParsedEntry:
    """Raises one of `confinement.MALFORMED` for a line that `entry_line` did not write."""
    return _ENTRIES.decode(line[1:])


def report_of(file: str, line: bytes) -> dict[str, Any]:
    """The fields of the report that the last line holds, apart from the entries."""
    end = _ENDS.decode(line[1:])
    return {
        "file": file,
        "format": end.format,
        "statements": end.statements,
        "faults": end.faults,
        "unknown_headers": end.unknown_headers,
    }
