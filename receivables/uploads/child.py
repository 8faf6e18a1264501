"""The process that opens what strangers hand in: little memory, little time, nothing to write.

Started by `reading` as a module. On its standard input come files, each as a line of JSON (kind,
size, cpu_seconds) and then its bytes; on its standard output goes a line of JSON (fault, size)
for each and then the bytes to keep.
"""

from __future__ import annotations

import json
import sys
from typing import Final

from receivables.confinement import READY, allow_cpu, confine
from receivables.uploads.decoding import Refused, remake
from receivables.uploads.kinds import Kind

MOST_MEMORY: Final = 256 * 1024 * 1024


def main() -> int:
    confine(memory_bytes=MOST_MEMORY)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(READY)
    sink.flush()
    while header := source.readline():
        task = json.loads(header)
        allow_cpu(int(task["cpu_seconds"]))
        content = source.read(int(task["size"]))
        fault, kept, healthy = None, b"", True
        try:
            kept = remake(Kind(task["kind"]), content)
        except Refused as refusal:
            fault = refusal.code
        except MemoryError:
            fault, healthy = "too_complex", False
        answer = {"fault": fault, "size": len(kept)}
        sink.write(json.dumps(answer).encode() + b"\n")
        sink.write(kept)
        sink.flush()
        if not healthy:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
