"""Which files we take, and under which name they are kept."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

#: Megabytes are 1,000,000 bytes. Source of the figures: OWASP ASVS 5.0, V5.2.1, leaves them to us.
MOST_FILES: Final = 5
LARGEST_MB: Final = 10
LARGEST_BYTES: Final = LARGEST_MB * 1_000_000
LARGEST_IN_ALL_MB: Final = 25
LARGEST_IN_ALL_BYTES: Final = LARGEST_IN_ALL_MB * 1_000_000

#: A form with as many files as are taken, and room for its other fields.
LARGEST_BODY: Final = LARGEST_IN_ALL_BYTES + 500_000


class Kind(StrEnum):
    """What a file really is."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    TEXT = "txt"


_BY_EXTENSION: Final = {
    "pdf": Kind.PDF,
    "jpg": Kind.JPEG,
    "jpeg": Kind.JPEG,
    "jfif": Kind.JPEG,
    "png": Kind.PNG,
    "heic": Kind.HEIC,
    "heif": Kind.HEIC,
    "txt": Kind.TEXT,
    "text": Kind.TEXT,
}

#: What a browser is told; HEIC is kept as JPEG, which every machine can show.
MEDIA_TYPES: Final = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.HEIC: "image/jpeg",
    Kind.TEXT: "text/plain; charset=utf-8",
}
_KEPT_AS: Final = {
    Kind.PDF: "pdf",
    Kind.JPEG: "jpg",
    Kind.PNG: "png",
    Kind.HEIC: "jpg",
    Kind.TEXT: "txt",
}

#: For the `accept` of a form's field: a help for the eye, not a check.
ACCEPTED: Final = ".pdf,.jpg,.jpeg,.png,.heic,.txt"

#: Brands of the first box of a HEIC or HEIF picture. Source: ISO/IEC 23008-12, annex B.4.
_HEIF_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def kind_of_name(name: str) -> Kind | None:
    """What the last extension of a name promises; None for none of ours."""
    _, dot, extension = _bare(name).rpartition(".")
    return _BY_EXTENSION.get(extension.strip().lower()) if dot else None


def kind_of_content(content: bytes) -> Kind | None:
    """What the first bytes say: each of ours begins there and nowhere later. None for none of
    ours; text is whatever holds no NUL, and read more closely afterwards.
    """
    if content.startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return Kind.HEIC
    return None if b"\0" in content else Kind.TEXT


#: Characters of a stem, at most; file systems take 255 bytes in all.
_LONGEST: Final = 80
#: Names that mean a device on Windows. Source: Microsoft, "Naming Files, Paths, and Namespaces".
_DEVICES: Final = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))]
)
_NOT_IN_A_NAME: Final = "<>:\"|?*%;`$&'"


def _bare(name: str) -> str:
    """Without a path, without what cannot be seen."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = (
        " " if unicodedata.category(letter) in ("Zs", "Zl", "Zp") else letter
        for letter in unicodedata.normalize("NFC", last)
        if unicodedata.category(letter)[0] != "C"
    )
    return " ".join("".join(shown).split())


def clean_name(name: str, kind: Kind) -> str:
    """The name a file is kept and given back under: one line, one extension (that of what it is),
    no path, nothing that a shell, a browser or an eye could take for something else.
    """
    stem = _bare(name).rpartition(".")[0]
    for letter in _NOT_IN_A_NAME:
        stem = stem.replace(letter, "")
    stem = stem.replace(".", "-").strip(" -~")[:_LONGEST].strip(" -")
    if not stem or stem.lower() in _DEVICES:
        stem = f"file {stem}".strip()
    return f"{stem}.{_KEPT_AS[kind]}"


def shown_name(name: str) -> str:
    """The name as its sender may know it again, fit to be shown in a refusal."""
    return _bare(name)[:_LONGEST] or "?"
