"""XML from outside, read with nothing of XML that reaches beyond the text: no DTD, no entities."""

from __future__ import annotations

import re

from lxml import etree

from receivables.errors import ReceivablesError

#: Any of the encodings XML may begin in gives itself away within so many bytes.
_HEAD = 4096


class BadXml(ReceivablesError):
    """Not XML, or XML that wants more than to be read."""


def parse(body: bytes) -> etree._Element:
    """The root element. Raises BadXml."""
    if re.search(rb"<\x00?!\x00?D\x00?O\x00?C", body[:_HEAD]):
        raise BadXml("a DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise BadXml(" ".join((error.msg or "no XML").split())) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadXml("a DOCTYPE")
    return root


def local(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname


def text_at(element: etree._Element, *path: str) -> str:
    """The text of the first element on a path of names below, whatever their namespaces."""
    found = first(element, *path)
    return "" if found is None else text_of(found)


def text_of(element: etree._Element) -> str:
    """All the text within an element, blanks as one."""
    return " ".join("".join(map(str, element.itertext())).split())


def first(element: etree._Element, *path: str) -> etree._Element | None:
    """The first element on a path of names below."""
    here: etree._Element | None = element
    for name in path:
        if here is None:
            return None
        here = next((child for child in here if local(child) == name), None)
    return here


def every(element: etree._Element, name: str) -> list[etree._Element]:
    """Every element of a name, however deep, in the order of the text."""
    return [one for one in element.iter() if isinstance(one.tag, str) and local(one) == name]
