"""The process that reads what strangers hand in: little memory, little time, nothing to write.

Started by `supervision` as a module. On its standard input come files, each as a line of JSON
(name, size, default_terms_days, cpu_seconds, told) and then its bytes; on its standard output go
reports (`wire`).
"""

from __future__ import annotations

import sys
from typing import IO, Any, Final

from receivables.confinement import answer_tasks
from receivables.intake import wire
from receivables.intake.faults import fault
from receivables.intake.list_layout import Told
from receivables.intake.parsed import FileReport
from receivables.intake.reading import read_file

MOST_MEMORY: Final = 512 * 1024 * 1024


def main() -> int:
    return answer_tasks(_read, memory_bytes=MOST_MEMORY)


def _read(task: dict[str, Any], source: IO[bytes], sink: IO[bytes]) -> bool:
    report, is_fit = _report(source, task)
    for line in wire.lines_of(report):
        sink.write(line)
    return is_fit


def _report(source: IO[bytes], task: dict[str, Any]) -> tuple[FileReport, bool]:
    """The report, and whether this process is fit for another file."""
    name, terms = str(task["name"]), int(task["default_terms_days"])
    told = Told.of_json(task["told"])
    content = source.read(int(task["size"]))
    try:
        return read_file(name, content, default_terms_days=terms, told=told), True
    except MemoryError:
        return FileReport(name, None, (), (fault("child-out-of-memory", "file"),)), False


if __name__ == "__main__":
    sys.exit(main())
