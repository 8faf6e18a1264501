"""What can have happened to collection files: who asked for one, and who took it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFileAsked(Event):
    """Somebody wants the file of a debtor; `language` is that of whoever is to read it."""

    kind: ClassVar[str] = "collection.file_asked"

    language: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFileMade(Event):
    kind: ClassVar[str] = "collection.file_made"

    file_count: int
    zip_sha256: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionFileTaken(Event):
    """Somebody downloaded it: `what` is zip or pdf."""

    kind: ClassVar[str] = "collection.file_taken"

    what: str
    sha256: str
