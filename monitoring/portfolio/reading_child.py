"""The process that reads files of customers: strangers make workbooks, too.

Started by `reading` as a module. On its standard input comes a file, as a line of JSON (size,
currency, locale) and then its bytes; on its standard output goes a line of JSON (size) and
then, as JSON, what was read or why nothing was.
"""

from __future__ import annotations

import json
import sys
from typing import IO, Any, Final

import msgspec

from monitoring.portfolio.customers import read_customers
from monitoring.portfolio.faults import CustomersRefused
from receivables import i18n
from receivables.confinement import answer_tasks

#: A hundred thousand customers take 300 MB.
MOST_MEMORY: Final = 1024 * 1024 * 1024


def main() -> int:
    return answer_tasks(_read, memory_bytes=MOST_MEMORY)


def _read(task: dict[str, Any], source: IO[bytes], sink: IO[bytes]) -> bool:
    """Whether the process is fit for another file."""
    content = source.read(int(task["size"]))
    answer: dict[str, Any]
    try:
        with i18n.reading_as(str(task["locale"])):
            answer = {"file": read_customers(content, currency=task["currency"])}
    except CustomersRefused as refused:
        answer = {"refused": refused.faults, "more": refused.more}
    except MemoryError:
        return False
    told = msgspec.json.encode(answer)
    sink.write(json.dumps({"size": len(told)}).encode() + b"\n")
    sink.write(told)
    return True


if __name__ == "__main__":
    sys.exit(main())
