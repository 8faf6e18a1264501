"""What a file is by its first bytes, in the eyes of a register that is not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import puremagic

from receivables.errors import ReceivablesError
from receivables.uploads.kinds import Kind

if TYPE_CHECKING:  # the words for people are not needed where files are opened
    from receivables.uploads.faults import Code


class Refused(ReceivablesError):
    """The file is not taken, for the reason that `code` names."""

    def __init__(self, code: Code) -> None:
        self.code = code
        super().__init__(code)


#: What puremagic may call each kind; it knows some 1,800 others.
_CALLED: Final = {
    Kind.PDF: {".pdf", ".ai"},
    Kind.JPEG: {".jpg", ".jpeg", ".jfif", ".jpe", ".jif", ".spiff"},
    Kind.PNG: {".png", ".apng"},
    Kind.HEIC: {".heic", ".heif", ".hif", ".avif", ".mp4"},
}


def agrees(kind: Kind, content: bytes) -> bool:
    """Whether a register of signatures that is not ours sees the same in it."""
    try:
        found = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        return False
    return any(guess.extension.lower() in _CALLED[kind] for guess in found)
