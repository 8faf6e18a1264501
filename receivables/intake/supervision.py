"""Reads files in a child process that may be killed, so that a hostile file costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final, Self

from receivables.confinement import ConfinedChild, Ended, command_of
from receivables.intake import kinds, wire
from receivables.intake.faults import Fault, Refused, fault
from receivables.intake.list_layout import NOTHING_TOLD, Told
from receivables.intake.parsed import FileReport

#: Seconds of processor time and on the clock for one file. A table of text takes time in
#: proportion to its length, which is bounded, while a few bytes of XML or PDF may ask for years.
CPU_S: Final = 10
DEADLINE_S: Final = 15.0
TABLE_CPU_S: Final = 30
TABLE_DEADLINE_S: Final = 45.0
#: What the child may answer for one file: an invoice list of 20 MB stays well below.
MOST_ANSWER: Final = 256 * 1024 * 1024

_COMMAND: Final = command_of("receivables.intake.child")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What reading one file may cost before it is stopped."""

    cpu_s: int
    deadline_s: float


def allowance(content: bytes) -> Allowance:
    """What reading this content may cost."""
    if kinds.is_xml(content) or kinds.is_pdf(content):
        return Allowance(CPU_S, DEADLINE_S)
    return Allowance(TABLE_CPU_S, TABLE_DEADLINE_S)


def read_in_child(name: str, content: bytes, *, default_terms_days: int = 30) -> FileReport:
    """Read one file in a child with limits. Never raises for what the file does to the child."""
    with ReadingChild() as child:
        return child.read(name, content, default_terms_days=default_terms_days)


def read_many_in_child(
    files: Iterable[tuple[str, bytes]], *, default_terms_days: int = 30
) -> Iterator[FileReport]:
    """Read files, given as name and content, one after another in one child.

    The reports come in the order of the files, each as soon as it is there.
    """
    with ReadingChild() as child:
        for name, content in files:
            yield child.read(name, content, default_terms_days=default_terms_days)


class ReadingChild:
    """A child process to read files in, started when first needed. For one thread at a time."""

    def __init__(
        self,
        *,
        command: Iterable[str] = _COMMAND,
        allow: Callable[[bytes], Allowance] = allowance,
    ) -> None:
        self._allow = allow
        self._child = ConfinedChild(command)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()

    def read(
        self,
        name: str,
        content: bytes,
        *,
        default_terms_days: int = 30,
        told: Told = NOTHING_TOLD,
    ) -> FileReport:
        """The report on one file; a child that died, hung or raved is a fault of the file."""
        try:
            kinds.refuse_by_size(content)
            if kinds.is_workbook(content):
                kinds.refuse_by_archive(content)
        except Refused as refusal:
            return FileReport(name, None, (), refusal.faults)
        allowed = self._allow(content)
        task = {
            "name": name,
            "default_terms_days": default_terms_days,
            "cpu_seconds": allowed.cpu_s,
            "told": told.as_json(),
        }

        def report_in(source: IO[bytes]) -> FileReport | None:
            return wire.report_of(name, _lines(source))

        try:
            report = self._child.ask(task, content, report_in, deadline_s=allowed.deadline_s)
        except Ended as ended:
            return FileReport(name, None, (), (_reason(ended, allowed),))
        if _says_goodbye(report):
            self._child.end()
        return report


def _reason(ended: Ended, allowed: Allowance) -> Fault:
    if ended.out_of:
        seconds = allowed.cpu_s if ended.out_of == "cpu" else allowed.deadline_s
        return fault("child-timed-out", "file", seconds=f"{seconds:g}")
    return fault("child-died", "file")


def _says_goodbye(report: FileReport) -> bool:
    return any(each.code == "child-out-of-memory" for each in report.faults)


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """The child's lines; more than MOST_ANSWER of them is a ValueError."""
    left = MOST_ANSWER
    while line := source.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise ValueError("the child answers without end")
        yield line
