"""The XML inside a Factur-X or ZUGFeRD PDF.

Source: ISO 32000-1, 7.11 (embedded files) and Factur-X 1.0, 6 (the names of the attachment).
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from receivables.intake.faults import Refused, refuse

#: The names that the standards give the invoice, the most specific first.
NAMES: Final = ("factur-x.xml", "xrechnung.xml", "zugferd-invoice.xml", "cii.xml", "invoice.xml")

MOST_FILES: Final = 100
MOST_PAGES: Final = 50
MOST_OBJECTS: Final = 20_000
DEEPEST_TREE: Final = 20

#: What pypdf raises on broken files besides its own errors ("broken PDF files might cause other
#: Exceptions", it says itself).
_BROKEN: Final = (
    PyPdfError, DependencyError, ValueError, LookupError, TypeError, AttributeError,
    ArithmeticError, AssertionError, RecursionError, NotImplementedError, OSError, EOFError,
    struct.error, zlib.error,
)  # fmt: skip

# It complains about every blemish of a file; the refusal says what matters.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def xml_attachments(content: bytes) -> list[tuple[str, bytes]]:
    """Name and content of the XML files in a PDF, the most likely invoice first.

    Raises Refused for a PDF that is encrypted, broken, unpacks beyond the limits or has no XML.
    """
    try:
        return _found(content)
    except FileNotDecryptedError:
        raise refuse("pdf-encrypted", "file") from None
    except LimitReachedError as error:
        raise refuse("pdf-too-complex", "file", reason=error) from None
    except _BROKEN as error:
        reason = str(error) or type(error).__name__
        raise refuse("pdf-broken", "file", reason=reason) from None


def _found(content: bytes) -> list[tuple[str, bytes]]:
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise refuse("pdf-encrypted", "file")
    found: dict[str, StreamObject] = {}
    for specifications in (_in_catalog(reader), _on_pages(reader), _anywhere(reader)):
        for specification in specifications:
            name, stream = _embedded(specification)
            if stream is not None and len(found) < MOST_FILES:
                found.setdefault(name, stream)
        if any(name.lower().endswith(".xml") for name in found):
            break
    candidates = sorted((name for name in found if name.lower().endswith(".xml")), key=_rank)
    if not candidates:
        raise _without_invoice(list(found))
    return [(name, found[name].get_data()) for name in candidates[:5]]


def _rank(name: str) -> tuple[int, str]:
    lower = name.lower().rpartition("/")[2]
    return (NAMES.index(lower) if lower in NAMES else len(NAMES), lower)


def _without_invoice(names: list[str]) -> Refused:
    found = f" (only {', '.join(names[:5])})" if names else ""
    return refuse("pdf-without-invoice", "file", found=found)


def _embedded(specification: PdfObject | None) -> tuple[str, StreamObject | None]:
    """The name of a file specification and its stream, where it embeds one."""
    if not isinstance(specification, DictionaryObject):
        return "", None
    files = specification.get("/EF")
    files = files.get_object() if files is not None else None
    if not isinstance(files, DictionaryObject):
        return "", None
    for key in ("/UF", "/F"):
        stream = files.get(key) if key in files else None
        stream = stream.get_object() if stream is not None else None
        if isinstance(stream, StreamObject):
            name = str(specification.get("/UF") or specification.get("/F") or "")
            return name.strip(), stream
    return "", None


def _in_catalog(reader: PdfReader) -> Iterator[PdfObject | None]:
    """The associated files (AF) and the tree of embedded files."""
    catalog = reader.root_object
    for each in _array(catalog.get("/AF")):
        yield each.get_object()
    names = _dictionary(catalog.get("/Names"))
    yield from _tree(_dictionary(names.get("/EmbeddedFiles")), depth=0)


def _tree(node: DictionaryObject, *, depth: int) -> Iterator[PdfObject | None]:
    if depth > DEEPEST_TREE:
        raise LimitReachedError("its tree of embedded files is too deep")
    for specification in _array(node.get("/Names"))[1 : 2 * MOST_FILES : 2]:
        yield specification.get_object()
    for kid in _array(node.get("/Kids"))[:MOST_FILES]:
        yield from _tree(_dictionary(kid), depth=depth + 1)


def _on_pages(reader: PdfReader) -> Iterator[PdfObject | None]:
    """Files that are attached to a page as a note is."""
    for number, page in enumerate(reader.pages):
        if number >= MOST_PAGES:
            return
        for note in _array(page.get("/Annots"))[:MOST_FILES]:
            yield _dictionary(_dictionary(note).get("/FS"))


def _anywhere(reader: PdfReader) -> Iterator[PdfObject | None]:
    """File specifications that nothing refers to, as careless software leaves them."""
    numbers = {number for section in reader.xref.values() for number in section}
    numbers.update(reader.xref_objStm)
    for number in sorted(numbers)[:MOST_OBJECTS]:
        yield reader.get_object(number)


def _array(value: object) -> ArrayObject:
    value = value.get_object() if isinstance(value, PdfObject) else value
    return value if isinstance(value, ArrayObject) else ArrayObject()


def _dictionary(value: object) -> DictionaryObject:
    value = value.get_object() if isinstance(value, PdfObject) else value
    return value if isinstance(value, DictionaryObject) else DictionaryObject()
