"""Names of files, and how large a collection file is: pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

#: A file about more than so much is made by a job, not while somebody waits.
MOST_BYTES_AT_ONCE = 4_000_000
MOST_INVOICES_AT_ONCE = 40

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60
#: Names that Windows keeps for devices, whatever their ending.
#: Source: Microsoft, "Naming files, paths, and namespaces".
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{one}{n}" for one in ("com", "lpt") for n in range(10)}
)


def is_large(documents_bytes: int, invoices: int) -> bool:
    """Whether nobody should wait for it."""
    return documents_bytes > MOST_BYTES_AT_ONCE or invoices > MOST_INVOICES_AT_ONCE


def safe_name(text: str, otherwise: str) -> str:
    """A name that every system takes and that leads nowhere else: letters, figures, `.`, `_`, `-`.

    What is left of a name of other signs alone is `otherwise`.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    stem, dot, ending = plain.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,5}", ending):
        stem, ending = plain, ""
    stem = _UNSAFE.sub("-", stem).strip("-._")[:_LONGEST].strip("-._")
    if not stem or stem.partition(".")[0].lower() in _DEVICES:
        stem = f"{otherwise}-{stem}".strip("-")
    return f"{stem}.{ending.lower()}" if ending else stem


def free_path(folder: str, name: str, taken: Collection[str]) -> str:
    """`folder/name`, numbered where something is called so already; systems that tell no small
    letters from capitals are thought of.
    """
    known = {one.lower() for one in taken}
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    path, number = f"{folder}/{name}", 2
    while path.lower() in known:
        path = f"{folder}/{stem}-{number}{dot}{ending}"
        number += 1
    return path
