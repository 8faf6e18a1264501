"""What a 212 needs of the e-invoice it is about: its tax by rates, and who the two sides are.

Read again from the document as it is kept. It was read in a child with limits when it was taken in
(`intake.supervision`), and these are the same bytes.

Source of every place: EN 16931-3-2 and -3-3, VAT breakdown (BG-23: BT-116 taxable amount, BT-117
tax, BT-119 rate); ZUGFeRD 1.0 has the same structure under older names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from receivables.intake import einvoice
from receivables.intake.faults import Refused
from receivables.intake.findings import exact_of
from receivables.intake.kinds import is_pdf
from receivables.intake.parsed import ParsedInvoice, Party
from receivables.intake.xml_tree import Element, every, first, text
from receivables.money import Money, NotAnAmount

#: Only what the document says counts; terms it does not say are of no interest here.
_TERMS_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Company:
    """One side; `number` and `address` are (scheme, value), the latter where messages reach it."""

    name: str
    number: tuple[str, str] | None
    address: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Paper:
    """An e-invoice as far as a status of it goes; `gross` are (rate, minor units with tax)."""

    type_code: str
    seller: Company
    buyer: Company
    gross: tuple[tuple[Decimal, int], ...]


def read_paper(content: bytes) -> Paper | None:
    """None for a document that is no e-invoice: a scan, a letter, a note of our own."""
    try:
        document = _document(content)
        invoice = document.read(default_terms_days=_TERMS_DAYS)
    except Refused:
        return None
    return Paper(
        type_code=invoice.type_code,
        seller=_company(invoice.seller),
        buyer=_company(invoice.buyer),
        gross=tuple(_gross(document, invoice)),
    )


def _document(content: bytes) -> einvoice.Document:
    if not is_pdf(content):
        return einvoice.recognise(content)
    from receivables.intake.attachments import xml_attachments

    refusal: Refused | None = None
    for _name, attachment in xml_attachments(content):
        try:
            return einvoice.recognise(attachment)
        except Refused as refused:
            refusal = refused
    assert refusal is not None, "a PDF without XML is refused before"
    raise refusal


def _company(party: Party) -> Company:
    """French companies by SIREN, others by their electronic address or VAT number.

    Source of schemes: ISO 6523 ICD 0002 (SIREN), 0225 (French electronic addresses), 0223 (VAT
    numbers of the Union); the French directory gives every company the address of its SIREN.
    """
    siren = party.identified("SIREN") or (party.identified("SIRET") or "")[:9]
    scheme, _, value = (party.identified("PEPPOL") or "").partition(":")
    address = (scheme, value) if value else ("0225", siren) if siren else None
    vat = party.identified("VAT")
    number = ("0002", siren) if siren else address or (("0223", vat) if vat else None)
    return Company(party.name, number, address)


def _gross(document: einvoice.Document, invoice: ParsedInvoice) -> Iterator[tuple[Decimal, int]]:
    """What is asked for at each rate, with its tax; exempt is zero.

    A breakdown that does not come to the invoice's total is none.
    """
    found = list(_rates(document))
    try:
        parts = [
            (rate, Money.parse(taxable + tax, invoice.currency).minor)
            for rate, taxable, tax in found
        ]
    except NotAnAmount:
        return
    if sum(part for _, part in parts) == invoice.total.minor:
        yield from parts


def _rates(document: einvoice.Document) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    """Rate, taxable amount and tax of each part of the breakdown."""
    if document.names is None:
        for each in every(document.root, "TaxTotal/TaxSubtotal"):
            yield from _part(each, "TaxableAmount", "TaxAmount", "TaxCategory/Percent", "Percent")
        return
    settlement = first(document.root, f"{document.names.transaction}/{document.names.settlement}")
    for each in every(settlement, "ApplicableTradeTax"):
        yield from _part(
            each, "BasisAmount", "CalculatedAmount", "RateApplicablePercent", "ApplicablePercent"
        )


def _part(
    each: Element, taxable: str, tax: str, *rates: str
) -> Iterator[tuple[Decimal, Decimal, Decimal]]:
    amounts = exact_of(text(each, taxable) or ""), exact_of(text(each, tax) or "0")
    rate = exact_of(text(each, *rates) or "0")
    if amounts[0] is not None and amounts[1] is not None and rate is not None:
        yield rate, amounts[0], amounts[1]
