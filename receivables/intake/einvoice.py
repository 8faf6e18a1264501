"""Which reader an XML document wants, be it a file of its own or inside a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from receivables.intake import cii, kinds, ubl
from receivables.intake.faults import refuse
from receivables.intake.parsed import Format, ParsedInvoice
from receivables.intake.xml_tree import Element, local_name, namespace, parse

_UBL: Final = {
    ("urn:oasis:names:specification:ubl:schema:xsd:Invoice-2", "Invoice"): Format.UBL_INVOICE,
    (
        "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
        "CreditNote",
    ): Format.UBL_CREDIT_NOTE,
}
_CII: Final = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:"
_ZUGFERD_1: Final = "urn:ferd:CrossIndustryDocument:invoice:1p0"
_ENVELOPE: Final = "StandardBusinessDocument"


@dataclass(frozen=True, slots=True)
class Document:
    """An XML document known to be an invoice; `names` says which version of CII, if it is one."""

    root: Element
    format: Format
    names: cii.Names | None

    def read(self, *, default_terms_days: int) -> ParsedInvoice:
        """The invoice. Raises Refused with every fault found."""
        if self.names is None:
            return ubl.read(self.root, self.format, default_terms_days=default_terms_days)
        return cii.read(self.root, self.format, self.names, default_terms_days=default_terms_days)


def recognise(content: bytes) -> Document:
    """The document as what it is. Raises Refused where it is no invoice, or no XML."""
    root = _unwrapped(parse(content))
    name, space = local_name(root), namespace(root)
    if (space, name) in _UBL:
        return Document(root, _UBL[space, name], None)
    if name == "CrossIndustryInvoice" and space.startswith(_CII):
        return Document(root, Format.CII, cii.D16B)
    if name == "CrossIndustryDocument" and space == _ZUGFERD_1:
        return Document(root, Format.FACTURX, cii.ZUGFERD_1)
    raise kinds.other_document(root)


def _unwrapped(root: Element) -> Element:
    """The document inside a Peppol transport envelope (SBDH); any other root as it is."""
    if local_name(root) != _ENVELOPE:
        return root
    documents = [child for child in root if local_name(child) != "StandardBusinessDocumentHeader"]
    if len(documents) != 1:
        raise refuse("envelope", f"/{_ENVELOPE}", count=len(documents))
    return documents[0]
