"""From what a form brought to what may be kept: every file looked into, or none taken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final, cast

from receivables.confinement import ConfinedChild, Ended, command_of
from receivables.uploads.faults import Code, Fault, FilesRefused
from receivables.uploads.kinds import (
    LARGEST_BYTES,
    LARGEST_IN_ALL_BYTES,
    MEDIA_TYPES,
    MOST_FILES,
    clean_name,
    kind_of_content,
    kind_of_name,
    shown_name,
)

#: Seconds of processor time and on the clock that one file may cost.
CPU_S: Final = 8
DEADLINE_S: Final = 10.0
#: A picture drawn anew may be larger than it came; not by more than this.
_MOST_ANSWER: Final = 3 * LARGEST_BYTES

_COMMAND: Final = command_of("receivables.uploads.child")


@dataclass(frozen=True, slots=True)
class SafeFile:
    """A file that may be kept: its name, its media type and its bytes are ours to answer for."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def look_into(
    files: Sequence[tuple[str, bytes]], *, command: Iterable[str] = _COMMAND
) -> tuple[SafeFile, ...]:
    """All files, given as name and content, made safe, in their order.

    Raises FilesRefused with every reason: none is taken then, so that nobody has to wonder which.
    """
    together = _too_much(files)
    if together:
        raise FilesRefused(together)
    safe: list[SafeFile] = []
    faults: list[Fault] = []
    with ConfinedChild(command) as child:
        for name, content in files:
            found = _looked_into(child, name, content)
            if isinstance(found, SafeFile):
                safe.append(found)
            else:
                faults.append(Fault(shown_name(name), found))
    if faults:
        raise FilesRefused(tuple(faults))
    return tuple(safe)


def _too_much(files: Sequence[tuple[str, bytes]]) -> tuple[Fault, ...]:
    if len(files) > MOST_FILES:
        return (Fault("", "too_many"),)
    large = tuple(
        Fault(shown_name(name), "too_large")
        for name, content in files
        if len(content) > LARGEST_BYTES
    )
    if large:
        return large
    if sum(len(content) for _, content in files) > LARGEST_IN_ALL_BYTES:
        return (Fault("", "too_large_in_all"),)
    return ()


def _looked_into(child: ConfinedChild, name: str, content: bytes) -> SafeFile | Code:
    if not content.strip():
        return "empty"
    promised, kind = kind_of_name(name), kind_of_content(content)
    if promised is None:
        return "wrong_kind"
    if kind is not promised:
        return "not_what_it_says"
    try:
        fault, kept = child.ask(
            {"kind": kind.value, "cpu_seconds": CPU_S}, content, _answer, deadline_s=DEADLINE_S
        )
    except Ended:
        return "too_complex"
    if fault is not None:
        if fault == "too_complex":
            child.end()
        return fault
    return SafeFile(clean_name(name, kind), MEDIA_TYPES[kind], kept)


def _answer(source: IO[bytes]) -> tuple[Code | None, bytes] | None:
    """The child's answer; a ValueError when it would go on without end."""
    line = source.readline(1000)
    if not line.endswith(b"\n"):
        return None
    said = json.loads(line)
    size = int(said["size"])
    if not 0 <= size <= _MOST_ANSWER:
        raise ValueError("the child answers without end")
    kept = source.read(size)
    return (cast("Code | None", said["fault"]), kept) if len(kept) == size else None
