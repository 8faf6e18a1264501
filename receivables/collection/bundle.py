"""A ZIP that is written as it grows: of each file only a part is ever in memory."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

#: What is compressed already.
_STORED = frozenset({"pdf", "jpg", "jpeg", "png", "zip", "heic", "webp"})
#: Readable by everybody, changeable by its owner.
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it stands in the ZIP."""

    path: str
    size_bytes: int
    sha256: str
    what: str

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "bytes": self.size_bytes,
            "sha256": self.sha256,
            "what": self.what,
        }


class Bundle:
    """Files are added one after the other; `close` ends it."""

    def __init__(self, target: IO[bytes], *, made_at: datetime, zone: str) -> None:
        local = made_at.astimezone(ZoneInfo(zone))
        self._stamp = (local.year, local.month, local.day, local.hour, local.minute, local.second)
        self._zip = zipfile.ZipFile(target, "w", allowZip64=True)
        self.files: list[Written] = []

    def add(self, path: str, what: str, chunks: Iterable[bytes]) -> Written:
        """Write a file as its parts come."""
        assert all(one.path != path for one in self.files), f"{path} twice"
        info = zipfile.ZipInfo(path, date_time=self._stamp)
        stored = path.rpartition(".")[2].lower() in _STORED
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = _MODE << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=False) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        written = Written(path, size, digest.hexdigest(), what)
        self.files.append(written)
        return written

    def sums(self) -> bytes:
        """One line for each file, as `sha256sum --check` reads them."""
        return "".join(f"{one.sha256}  {one.path}\n" for one in self.files).encode()

    def close(self) -> None:
        self._zip.close()
