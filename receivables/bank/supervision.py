"""Reads a bank's files in a child process that may be killed, so that a hostile one costs only
itself. What the child says of a file is kept on disk, not in memory: a file may be long.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

from receivables.bank import wire
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.faults import fault
from receivables.bank.parsed import Entries, FileReport, ParsedEntry
from receivables.confinement import ConfinedChild, Ended, command_of
from receivables.intake.faults import Fault

#: Seconds of processor time and on the clock for a file, and for each of its megabytes: reading
#: takes time in proportion to length, in all of the formats.
CPU_S: Final = 10
CPU_S_PER_MB: Final = 1
DEADLINE_S: Final = 20.0
DEADLINE_S_PER_MB: Final = 2.0

#: Told how many entries of a file have been read so far, now and then.
Progress = Callable[[int], None]
_NOW_AND_THEN: Final = 1000

#: What is kept in memory of one file's entries before they go to disk.
_IN_MEMORY: Final = 1 << 20
#: The longest line of an answer, and the most that one file may be answered with.
_LONGEST_LINE: Final = 4 << 20
MOST_ANSWER: Final = 2 << 30

_COMMAND: Final = command_of("receivables.bank.child")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What reading one file may cost before it is stopped."""

    cpu_s: int
    deadline_s: float


def allowance(size: int) -> Allowance:
    """What reading a file of so many bytes may cost."""
    megabytes = size / 1e6
    return Allowance(
        CPU_S + int(CPU_S_PER_MB * megabytes), DEADLINE_S + DEADLINE_S_PER_MB * megabytes
    )


class SpooledEntries(Entries):
    """The entries of one file as the child wrote them down; closed with the report's child."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool

    def __iter__(self) -> Iterator[ParsedEntry]:
        self._spool.seek(0)
        for line in self._spool:
            yield wire.entry_of(line)


class StatementChild:
    """A child process to read files in, started when first needed. For one thread at a time.

    The entries of a report can be walked through until the next file is read.
    """

    def __init__(
        self,
        *,
        command: Iterable[str] = _COMMAND,
        allow: Callable[[int], Allowance] = allowance,
    ) -> None:
        self._allow = allow
        self._child = ConfinedChild(command)
        self._spool: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.end()
        self._forget()

    def _forget(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def read(
        self,
        name: str,
        path: Path,
        told: Mapping[str, ToldLayout] | None = None,
        progress: Progress | None = None,
    ) -> FileReport:
        """The report on one file; a child that died, hung or raved is a fault of the file."""
        self._forget()
        spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  kept for the entries, closed by _forget
        self._spool = spool
        allowed = self._allow(path.stat().st_size)
        task = {
            "name": name,
            "path": str(path.resolve()),
            "cpu_seconds": allowed.cpu_s,
            "told": {key: each.as_json() for key, each in (told or {}).items()},
        }

        def report_in(source: IO[bytes]) -> FileReport | None:
            return _kept(name, source, spool, progress)

        try:
            report = self._child.ask(task, b"", report_in, deadline_s=allowed.deadline_s)
        except Ended as ended:
            return FileReport(file=name, format=None, faults=(_reason(ended, allowed),))
        if any(each.code == "child-out-of-memory" for each in report.faults):
            self._child.end()
        return report


def _kept(
    name: str, source: IO[bytes], spool: IO[bytes], progress: Progress | None
) -> FileReport | None:
    """Keep the entries as they come; the report when it comes. None when it breaks off before.

    Raises one of `confinement.MALFORMED` for lines that the child would not write.
    """
    left, count = MOST_ANSWER, 0
    while line := source.readline(_LONGEST_LINE):
        left -= len(line)
        if left < 0 or not line.endswith(b"\n"):
            raise ValueError("the child answers without end")
        if line.startswith(wire.END):
            return FileReport(**wire.report_of(name, line), entries=SpooledEntries(spool))
        wire.entry_of(line)
        spool.write(line)
        count += 1
        if progress is not None and count % _NOW_AND_THEN == 0:
            progress(count)
    return None


def _reason(ended: Ended, allowed: Allowance) -> Fault:
    if ended.out_of:
        seconds = allowed.cpu_s if ended.out_of == "cpu" else allowed.deadline_s
        return fault("child-timed-out", "file", seconds=f"{seconds:g}")
    return fault("child-died", "file")
