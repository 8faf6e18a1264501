"""XML from strangers: parsed within limits, then walked by local names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from receivables.intake.faults import Refused, refuse

MOST_ELEMENTS: Final = 300_000
MOST_ATTRIBUTES: Final = 300_000
DEEPEST: Final = 256
_CHUNK: Final = 1 << 16

#: Character sets that are a superset of ASCII and known to every XML parser.
_ENCODINGS: Final = re.compile(r"(utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d)\Z", re.IGNORECASE)
_DECLARATION: Final = re.compile(rb"\A<\?xml\s[^>]{0,200}?\?>")
_DECLARED: Final = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BEFORE_ROOT: Final = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)

_UTF16: Final = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}

Element = etree._Element


def parse(content: bytes) -> Element:
    """The root element of an XML document; comments and instructions are left out.

    Raises Refused for what is not well-formed, has a DOCTYPE, or goes beyond our limits.
    """
    content = _ascii_compatible(content)
    _refuse_doctype(content)
    if content.count(b'="') + content.count(b"='") > MOST_ATTRIBUTES:
        raise refuse("xml-too-many", "/", things="attributes", limit=MOST_ATTRIBUTES)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return _fed(parser, content)
    except etree.XMLSyntaxError as error:
        raise _broken(error) from None


def _fed(parser: etree.XMLPullParser, content: bytes) -> Element:
    """Feed piecemeal, so that a document beyond the limits is left before it is all in memory."""
    depth = elements = 0
    for start in range(0, len(content), _CHUNK):
        parser.feed(content[start : start + _CHUNK])
        for event, _ in parser.read_events():
            if event == "end":
                depth -= 1
                continue
            depth += 1
            elements += 1
            if depth > DEEPEST:
                raise refuse("xml-too-deep", "/", limit=DEEPEST)
        if elements > MOST_ELEMENTS:
            raise refuse("xml-too-many", "/", things="elements", limit=MOST_ELEMENTS)
    root: Element = parser.close()
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("xml-doctype", "/")
    return root


def _broken(error: etree.XMLSyntaxError) -> Refused:
    line, _ = error.position
    reason = " ".join((error.msg or "unknown reason").split())
    if "encoding" in reason or "not proper UTF-8" in reason:
        return refuse("xml-encoding", f"line {line}", encoding="declared (UTF-8 unless it says so)")
    if "Excessive depth" in reason:
        return refuse("xml-too-deep", f"line {line}", limit=DEEPEST)
    if "limit exceeded" in reason:
        return refuse("xml-text-too-long", f"line {line}")
    return refuse("xml-broken", f"line {line}", reason=reason)


def _ascii_compatible(content: bytes) -> bytes:
    """The document without surrounding blanks, in UTF-8 when it was in UTF-16."""
    encoding = _UTF16.get(content[:2])
    if encoding is not None and not content.startswith(b"\xff\xfe\0\0"):
        try:
            content = content.decode(encoding).lstrip("\ufeff").encode()
        except UnicodeError:
            raise refuse("xml-encoding", "/", encoding="UTF-16") from None
        return _DECLARATION.sub(b"", content.strip())
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    declaration = _DECLARATION.match(content)
    declared = _DECLARED.search(declaration[0]) if declaration else None
    if declared and not _ENCODINGS.match(declared[1].decode()):
        raise refuse("xml-encoding", "/", encoding=declared[1].decode())
    return content


def _refuse_doctype(content: bytes) -> None:
    place = 0
    while match := _BEFORE_ROOT.match(content, place):
        place = match.end()
    if content[place : place + 9].upper() == b"<!DOCTYPE":
        raise refuse("xml-doctype", "/")


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def namespace(element: Element) -> str:
    return etree.QName(element).namespace or ""


def every(element: Element | None, path: str) -> Iterator[Element]:
    """All elements at `path`, a chain of local names such as ``Party/PartyName``.

    Names are matched in any namespace: a vocabulary keeps its names from version to version,
    while the namespaces change.
    """
    if element is None:
        return
    step, _, rest = path.partition("/")
    for child in element.iterchildren("{*}" + step):
        if rest:
            yield from every(child, rest)
        else:
            yield child


def first(element: Element | None, path: str) -> Element | None:
    return next(every(element, path), None)


def content_of(element: Element | None) -> str | None:
    """The text, without surrounding blanks; None when there is none."""
    if element is None or element.text is None:
        return None
    return element.text.strip() or None


def text(element: Element | None, *paths: str) -> str | None:
    """The first text that is not empty, along `paths` in their order; in one line."""
    value = verbatim(element, *paths)
    return None if value is None else " ".join(value.split())


def verbatim(element: Element | None, *paths: str) -> str | None:
    """The same with its line breaks and blanks inside."""
    for path in paths:
        for found in every(element, path):
            value = content_of(found)
            if value is not None:
                return value
    return None


def attribute(element: Element | None, name: str) -> str:
    return (element.get(name) or "").strip() if element is not None else ""
