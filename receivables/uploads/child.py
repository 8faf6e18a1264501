"""The process that opens what strangers hand in: little memory, little time, nothing to write.

Started by `reading` as a module. On its standard input come files, each as a line of JSON (kind,
size, cpu_seconds) and then its bytes; on its standard output goes a line of JSON (fault, size)
for each and then the bytes to keep.
"""

from __future__ import annotations

import json
import sys
from typing import IO, Any, Final

from receivables.confinement import answer_tasks
from receivables.uploads.decoding import remake
from receivables.uploads.kinds import Kind
from receivables.uploads.signatures import Refused

MOST_MEMORY: Final = 256 * 1024 * 1024


def main() -> int:
    return answer_tasks(_remake, memory_bytes=MOST_MEMORY)


def _remake(task: dict[str, Any], source: IO[bytes], sink: IO[bytes]) -> bool:
    """Write what to keep of the file, or why nothing; whether the process is fit for another."""
    content = source.read(int(task["size"]))
    fault, kept, is_fit = None, b"", True
    try:
        kept = remake(Kind(task["kind"]), content)
    except Refused as refusal:
        fault = refusal.code
    except MemoryError:
        fault, is_fit = "too_complex", False
    answer = {"fault": fault, "size": len(kept)}
    sink.write(json.dumps(answer).encode() + b"\n")
    sink.write(kept)
    return is_fit


if __name__ == "__main__":
    sys.exit(main())
