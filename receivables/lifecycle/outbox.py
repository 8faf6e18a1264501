"""The folder that statuses of e-invoices are written to, for whatever takes them to the platform.

A network adapter is another `StatusOutbox`; the jobs and the tables do not change with it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from receivables.ports import StatusNotTaken


@dataclass(frozen=True, slots=True)
class FolderOutbox:
    """One file for each message. It appears under its name when it is whole: written beside it
    under a name that begins with a dot, then renamed.
    """

    folder: Path

    def put(self, name: str, content: bytes) -> None:
        """See StatusOutbox. A file of that name and another content is left as it is, and refused:
        somebody else put it there.
        """
        assert name == Path(name).name and not name.startswith("."), name
        target = self.folder / name
        part = self.folder / f".{name}.{uuid4().hex}.part"
        try:
            if target.exists():
                if target.read_bytes() != content:
                    raise StatusNotTaken(f"{target} is there, with another content")
                return
            try:
                with part.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise StatusNotTaken(f"{self.folder}: {error}") from error
