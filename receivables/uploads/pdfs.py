"""Whether a PDF is no more than what its reader sees; loaded for a PDF alone.

Runs in the confined child. The file is kept byte for byte: a signature in it may matter.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from typing import Any, Final

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from receivables.uploads.kinds import Kind
from receivables.uploads.signatures import Refused, agrees

MOST_OBJECTS: Final = 20_000
MOST_NODES: Final = 400_000
MOST_PAGES: Final = 500

# It complains about every blemish of a file; the refusal says what matters.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

#: Actions that do something when a page is opened or clicked.
#: Source: ISO 32000-1, 12.6.4; only going to a page or an address is left.
_DOING: Final = frozenset(
    ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition", "/Movie",
     "/Sound", "/RichMediaExecute")
)  # fmt: skip
_PLAYING: Final = frozenset(("/RichMedia", "/Screen", "/3D", "/Movie", "/Sound"))


def check(content: bytes) -> None:
    """Raises Refused for a PDF that is broken, locked, or more than a reader sees."""
    try:
        _check(content)
    except FileNotDecryptedError:
        raise Refused("locked") from None
    except LimitReachedError:
        raise Refused("too_complex") from None
    except (PyPdfError, DependencyError):
        raise Refused("broken") from None


def _check(content: bytes) -> None:
    if not agrees(Kind.PDF, content):
        raise Refused("not_what_it_says")
    if not content.rstrip(b"\0\r\n\t ").endswith(b"%%EOF") or zipfile.is_zipfile(
        io.BytesIO(content)
    ):
        # Some printers' files end a few bytes later; a second file needs more.
        end = content.rfind(b"%%EOF")
        if end < 0:
            raise Refused("broken")
        if len(content) - end > 1024 or zipfile.is_zipfile(io.BytesIO(content)):
            raise Refused("two_in_one")
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Refused("locked")
    pages = len(reader.pages)
    if pages == 0:
        raise Refused("broken")
    if pages > MOST_PAGES:
        raise Refused("too_complex")
    for node in _nodes(reader):
        _check_node(node)


def _check_node(node: DictionaryObject) -> None:
    if "/JS" in node or "/JavaScript" in node or str(node.get("/S", "")) in _DOING:
        raise Refused("active")
    if str(node.get("/Subtype", "")) in _PLAYING or "/XFA" in node:
        raise Refused("active")
    if "/EF" in node:
        named = node.get("/UF") or node.get("/F") or ""
        # An electronic invoice travels as XML inside its PDF.
        if not str(named).strip().lower().endswith(".xml"):
            raise Refused("carries_files")


def _nodes(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, reachable or not, those inside others too."""
    numbers = {number for section in reader.xref.values() for number in section}
    numbers.update(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise Refused("too_complex")
    left = MOST_NODES
    waiting: list[Any] = [reader.trailer]
    for number in sorted(numbers):
        waiting.append(reader.get_object(number))
        while waiting:
            left -= 1
            if left < 0:
                raise Refused("too_complex")
            value = waiting.pop()
            if isinstance(value, DictionaryObject):
                yield value
                if isinstance(value, StreamObject) and str(value.get("/Type")) == "/ObjStm":
                    value.get_data()  # bounded by pypdf; one that is not is refused
                waiting.extend(value.values())
            elif isinstance(value, ArrayObject):
                waiting.extend(one for one in value if isinstance(one, PdfObject))
