"""A status message from outside becomes values, or every reason why it was refused.

It is read in this process, unlike invoices and statements: a message is small, `LARGEST_MB` of it
are looked at, and the XML reader leaves entities alone and keeps to its limits. Nothing in it is
unpacked.
"""

from __future__ import annotations

from typing import Final

from receivables.intake import kinds
from receivables.intake.faults import refuse as refuse_file
from receivables.intake.xml_tree import Element, local_name, namespace, parse
from receivables.lifecycle import cdar, response
from receivables.lifecycle.faults import refuse
from receivables.lifecycle.parsed import Message

#: Megabytes of 1,000,000 bytes that a status message may have.
LARGEST_MB: Final = 1
_ENVELOPE: Final = "StandardBusinessDocument"


def read(content: bytes) -> Message:
    """What the message says. Raises Refused with every fault found."""
    if not content.strip():
        raise refuse_file("empty", "file")
    if len(content) > LARGEST_MB * 1_000_000:
        megabytes = f"{len(content) / 1_000_000:.1f}"
        raise refuse("status-too-large", "file", megabytes=megabytes, limit=LARGEST_MB)
    if not kinds.is_xml(content):
        raise refuse("status-not-xml", "file")
    root = _unwrapped(parse(content))
    name, space = local_name(root), namespace(root)
    if name == cdar.ROOT and space.startswith(cdar.NAMESPACE):
        return cdar.read(root)
    if name == response.ROOT and space == response.NAMESPACE:
        return response.read(root)
    raise refuse("status-unknown", f"/{name}", root=f"{{{space}}}{name}" if space else name)


def _unwrapped(root: Element) -> Element:
    """The document inside a Peppol transport envelope (SBDH); any other root as it is."""
    if local_name(root) != _ENVELOPE:
        return root
    documents = [child for child in root if local_name(child) != "StandardBusinessDocumentHeader"]
    if len(documents) != 1:
        raise refuse_file("envelope", f"/{_ENVELOPE}", count=len(documents))
    return documents[0]
