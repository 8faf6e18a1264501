"""The process that reads a bank's files: little memory, little time, nothing to write.

Started by `supervision` as a module. On its standard input come tasks, each as a line of JSON
(name, path, cpu_seconds, told), on its standard output go entries and reports (`wire`). A file is
read from its path piece by piece, so that memory does not grow with it.
"""

from __future__ import annotations

import sys
from typing import IO, Any, Final

from receivables.bank import wire
from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.faults import fault
from receivables.bank.parsed import FileReport
from receivables.bank.reading import read_reporting
from receivables.confinement import answer_tasks

MOST_MEMORY: Final = 512 * 1024 * 1024


def main() -> int:
    return answer_tasks(_read, memory_bytes=MOST_MEMORY)


def _read(task: dict[str, Any], _source: IO[bytes], sink: IO[bytes]) -> bool:
    """Write what the file says; whether this process is fit for another file."""
    name = str(task["name"])
    told = {key: ToldLayout.of_json(said) for key, said in task["told"].items()}
    try:
        with open(str(task["path"]), "rb") as file:
            entries = read_reporting(name, file, told.get)
            while True:
                try:
                    sink.write(wire.entry_line(next(entries)))
                except StopIteration as end:
                    sink.write(wire.end_line(end.value))
                    return True
    except MemoryError:
        report = FileReport(file=name, format=None, faults=(fault("child-out-of-memory", "file"),))
        sink.write(wire.end_line(report))
        return False


if __name__ == "__main__":
    sys.exit(main())
