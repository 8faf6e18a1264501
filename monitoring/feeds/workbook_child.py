"""The process that opens workbooks; started by `workbook` as a module.

On its standard input comes a workbook, as a line of JSON (size, locale, most) and then its bytes;
on its standard output goes a line of JSON (size) and then its rows, or why there are none.
"""

from __future__ import annotations

import json
import sys
from itertools import islice
from typing import IO, Any, Final

import msgspec

from monitoring.portfolio.faults import CustomersRefused
from monitoring.portfolio.sheets import rows_of
from receivables import i18n
from receivables.confinement import answer_tasks

MOST_MEMORY: Final = 512 * 1024 * 1024


def main() -> int:
    return answer_tasks(_read, memory_bytes=MOST_MEMORY)


def _read(task: dict[str, Any], source: IO[bytes], sink: IO[bytes]) -> bool:
    """Whether the process is fit for another workbook."""
    content = source.read(int(task["size"]))
    answer: dict[str, Any]
    try:
        with i18n.reading_as(str(task["locale"])):
            answer = {"rows": list(islice(rows_of(content), int(task["most"])))}
    except CustomersRefused as refused:
        first = refused.faults[0]
        answer = {"refused": (first.line, first.what, first.how)}
    except MemoryError:
        return False
    told = msgspec.json.encode(answer)
    sink.write(json.dumps({"size": len(told)}).encode() + b"\n")
    sink.write(told)
    return True


if __name__ == "__main__":
    sys.exit(main())
