"""A workbook as rows of texts, opened where it can do no harm: in a confined child."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Final

import msgspec

from receivables.confinement import ConfinedChild, Ended, command_of
from receivables.errors import ReceivablesError
from receivables.i18n import translate as _

#: Seconds of processor time and on the clock; twenty thousand lines take three.
CPU_S: Final = 10
DEADLINE_S: Final = 40.0
#: The most rows that are asked for, and the most bytes of an answer.
MOST_ROWS: Final = 20_001
MOST_ANSWER: Final = 40_000_000
_COMMAND: Final = command_of("monitoring.feeds.workbook_child")


class NoWorkbook(ReceivablesError):
    """It cannot be read; on which line (1: as a whole), what is wrong and how to mend it."""

    def __init__(self, line: int, what: str, how: str) -> None:
        self.line, self.what, self.how = line, what, how
        super().__init__(what)


class _Answer(msgspec.Struct):
    rows: list[tuple[int, list[str]]] = []
    refused: tuple[int, str, str] | None = None


def is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def rows_of_workbook(
    content: bytes, *, locale: str = "en", command: Iterable[str] = _COMMAND
) -> list[tuple[int, list[str]]]:
    """The rows of its first sheet with anything in it, each with its number. Raises NoWorkbook."""
    task = {"cpu_seconds": CPU_S, "locale": locale, "most": MOST_ROWS}
    with ConfinedChild(command) as child:
        try:
            told = child.ask(task, content, _said, deadline_s=DEADLINE_S)
        except Ended:
            raise NoWorkbook(
                1,
                _("The workbook takes too much time or memory to read."),
                _("Copy the sheet alone into a new workbook, or save it as CSV (UTF-8)."),
            ) from None
    answer = msgspec.json.decode(told, type=_Answer)
    if answer.refused is not None:
        raise NoWorkbook(*answer.refused)
    return answer.rows


def _said(source: IO[bytes]) -> bytes | None:
    line = source.readline(1000)
    if not line.endswith(b"\n"):
        return None
    size = int(json.loads(line)["size"])
    if not 0 <= size <= MOST_ANSWER:
        raise ValueError("the child answers without end")
    told = source.read(size)
    return told if len(told) == size else None
