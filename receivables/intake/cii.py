"""UN/CEFACT Cross Industry Invoice: D16B (EN 16931, Factur-X, ZUGFeRD 2) and ZUGFeRD 1.0.

Source of every place: EN 16931-3-3 (binding to CII D16B), and the schema of ZUGFeRD 1.0, which
has the same structure under older names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from receivables.intake.assembly import Parts, assembled, country_code, joined, one_line
from receivables.intake.findings import Findings, exact_of, money_of
from receivables.intake.identifiers import electronic_address, identifier
from receivables.intake.parsed import Format, Identifier, Line, ParsedInvoice, Party
from receivables.intake.xml_tree import (
    Element,
    attribute,
    content_of,
    every,
    first,
    local_name,
    text,
    verbatim,
)
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of the document are called in one version of the syntax."""

    context: str
    document: str
    transaction: str
    agreement: str
    settlement: str
    sums: str
    line_delivery: str
    line_settlement: str
    line_sums: str


D16B: Final = Names(
    context="ExchangedDocumentContext",
    document="ExchangedDocument",
    transaction="SupplyChainTradeTransaction",
    agreement="ApplicableHeaderTradeAgreement",
    settlement="ApplicableHeaderTradeSettlement",
    sums="SpecifiedTradeSettlementHeaderMonetarySummation",
    line_delivery="SpecifiedLineTradeDelivery",
    line_settlement="SpecifiedLineTradeSettlement",
    line_sums="SpecifiedTradeSettlementLineMonetarySummation",
)

ZUGFERD_1: Final = Names(
    context="SpecifiedExchangedDocumentContext",
    document="HeaderExchangedDocument",
    transaction="SpecifiedSupplyChainTradeTransaction",
    agreement="ApplicableSupplyChainTradeAgreement",
    settlement="ApplicableSupplyChainTradeSettlement",
    sums="SpecifiedTradeSettlementMonetarySummation",
    line_delivery="SpecifiedSupplyChainTradeDelivery",
    line_settlement="SpecifiedSupplyChainTradeSettlement",
    line_sums="SpecifiedTradeSettlementMonetarySummation",
)


def read(root: Element, format: Format, names: Names, *, default_terms_days: int) -> ParsedInvoice:
    """The invoice in `root`. Raises Refused with every fault found."""
    top = f"/{local_name(root)}"
    findings = Findings()
    document = first(root, names.document)
    transaction = first(root, names.transaction)
    agreement = first(transaction, names.agreement)
    settlement = first(transaction, names.settlement)
    in_document = f"{top}/rsm:{names.document}"
    in_agreement = f"{top}/rsm:{names.transaction}/ram:{names.agreement}"
    in_settlement = f"{top}/rsm:{names.transaction}/ram:{names.settlement}"

    issued = _date_text(document, "IssueDateTime")
    where = f"{in_document}/ram:IssueDateTime"
    findings.required(issued, where, field="The issue date (BT-2)", example="20260131")
    currency = findings.currency(
        _currency(settlement, names), f"{in_settlement}/ram:InvoiceCurrencyCode"
    )
    payable, total = _amounts(settlement, names, currency, findings, in_settlement)
    parts = Parts(
        format=format,
        number=findings.required(
            text(document, "ID"),
            f"{in_document}/ram:ID",
            field="The invoice number (BT-1)",
            example="R-2026-1",
        ),
        type_code=text(document, "TypeCode") or "380",
        issue_date=findings.day(issued, where, field="The issue date (BT-2)"),
        due_dates=list(_due_dates(settlement, findings, in_settlement)),
        currency=currency,
        payable=payable,
        total=total,
        seller=_party(agreement, "Seller", findings, in_agreement, field="The seller (BT-27)"),
        buyer=_party(agreement, "Buyer", findings, in_agreement, field="The buyer (BT-44)"),
        payment_reference=text(settlement, "PaymentReference"),
        accounts=list(_accounts(settlement)),
        preceding_invoice=text(
            settlement,
            "InvoiceReferencedDocument/IssuerAssignedID",
            "InvoiceReferencedDocument/ID",
        ),
        terms=joined(
            map(content_of, every(settlement, "SpecifiedTradePaymentTerms/Description")), "\n"
        ),
        lines=list(_lines(transaction, names, currency)),
        notes=list(filter(None, map(content_of, every(document, "IncludedNote/Content")))),
        profile=text(root, f"{names.context}/GuidelineSpecifiedDocumentContextParameter/ID"),
    )
    return assembled(parts, findings, default_terms_days=default_terms_days)


def _date_text(element: Element | None, path: str) -> str | None:
    """A date as DateTimeString, Date or DateTime below `path`, or as its own text."""
    return text(element, f"{path}/DateTimeString", f"{path}/DateTime", f"{path}/Date", path)


def _currency(settlement: Element | None, names: Names) -> str | None:
    payable = first(settlement, f"{names.sums}/DuePayableAmount")
    total = first(settlement, f"{names.sums}/GrandTotalAmount")
    return (
        text(settlement, "InvoiceCurrencyCode")
        or attribute(payable, "currencyID")
        or attribute(total, "currencyID")
        or None
    )


def _amounts(
    settlement: Element | None, names: Names, currency: str | None, findings: Findings, place: str
) -> tuple[Money | None, Money | None]:
    """What is to be paid (BT-115) and the amount with VAT (BT-112).

    ZUGFeRD 1.0 BASIC does not state the former: then it is the latter less what was prepaid.
    """
    if currency is None:
        return None, None
    sums = first(settlement, names.sums)

    def amount(name: str, field: str) -> Money | None:
        where = f"{place}/ram:{names.sums}/ram:{name}"
        stated = [each for each in every(sums, name) if content_of(each)]
        own = [each for each in stated if attribute(each, "currencyID").upper() in ("", currency)]
        if stated and not own:
            findings.note(
                "currencies-differ",
                where,
                amount_currency=attribute(stated[0], "currencyID"),
                currency=currency,
            )
        return findings.money(content_of(own[0]) if own else None, currency, where, field=field)

    faults_before = len(findings.faults)
    payable = amount("DuePayableAmount", "The amount due for payment (BT-115)")
    total = amount("GrandTotalAmount", "The total with VAT (BT-112)")
    if payable is None and total is not None:
        prepaid = amount("TotalPrepaidAmount", "What was prepaid (BT-113)")
        payable = total - prepaid if prepaid is not None else total
    if payable is None and len(findings.faults) == faults_before:
        findings.required(
            None,
            f"{place}/ram:{names.sums}/ram:DuePayableAmount",
            field="The amount due for payment (BT-115)",
            example="119.00",
        )
    return payable, total


def _due_dates(settlement: Element | None, findings: Findings, place: str) -> Iterator[date]:
    for terms in every(settlement, "SpecifiedTradePaymentTerms"):
        day = findings.day(
            _date_text(terms, "DueDateDateTime"),
            f"{place}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime",
            field="The due date (BT-9)",
        )
        if day is not None:
            yield day


def _accounts(settlement: Element | None) -> Iterator[str]:
    means = "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount"
    for creditor in every(settlement, means):
        for name in ("IBANID", "ProprietaryID"):
            if value := text(creditor, name):
                yield value


def _party(
    agreement: Element | None, role: str, findings: Findings, place: str, *, field: str
) -> Party:
    party = first(agreement, f"{role}TradeParty")
    written = verbatim(
        party,
        "Name",
        "SpecifiedLegalOrganization/TradingBusinessName",
        "DefinedTradeContact/PersonName",
    )
    name, name_as_written = one_line(written)
    findings.required(
        name, f"{place}/ram:{role}TradeParty/ram:Name", field=field, example="the registered name"
    )
    address = first(party, "PostalTradeAddress")
    country = country_code(text(address, "CountryID"))
    network = first(party, "URIUniversalCommunication/URIID")
    return Party(
        name=name,
        street=joined(text(address, f"Line{number}") for number in ("One", "Two", "Three")),
        postcode=text(address, "PostcodeCode"),
        city=text(address, "CityName"),
        country=country,
        identifiers=tuple(_identifiers(party, role, country)),
        email=text(party, "DefinedTradeContact/EmailURIUniversalCommunication/URIID")
        or text(party, "DefinedTradeContact/EmailURIUniversalCommunication/CompleteNumber")
        or (content_of(network) if attribute(network, "schemeID") == "EM" else None),
        language=text(party, "DefinedTradeContact/LanguageCode"),
        name_as_written=name_as_written,
    )


def _identifiers(party: Element | None, role: str, country: str | None) -> Iterator[Identifier]:
    found: list[Identifier] = []
    for each in every(party, "SpecifiedLegalOrganization/ID"):
        if value := content_of(each):
            found.append(identifier(value, scheme=attribute(each, "schemeID"), country=country))
    for each in every(party, "SpecifiedTaxRegistration/ID"):
        if value := content_of(each):
            is_vat = attribute(each, "schemeID").upper() in ("VA", "VAT")
            found.append(identifier(value, scheme="VAT" if is_vat else "OTHER"))
    for each in every(party, "GlobalID"):
        if value := content_of(each):
            found.append(identifier(value, scheme=attribute(each, "schemeID")))
    for each in every(party, "ID"):
        if value := content_of(each):
            own = "DEBTOR" if role == "Buyer" else "OTHER"
            found.append(identifier(value, scheme=attribute(each, "schemeID") or own))
    network = first(party, "URIUniversalCommunication/URIID")
    icd = attribute(network, "schemeID")
    if (value := content_of(network)) and icd not in ("", "EM"):
        found.extend(electronic_address(value, icd))
    yield from dict.fromkeys(found)


def _lines(transaction: Element | None, names: Names, currency: str | None) -> Iterator[Line]:
    for line in every(transaction, "IncludedSupplyChainTradeLineItem"):
        quantity = first(line, f"{names.line_delivery}/BilledQuantity")
        net = text(line, f"{names.line_settlement}/{names.line_sums}/LineTotalAmount")
        yield Line(
            position=text(line, "AssociatedDocumentLineDocument/LineID") or "",
            description=text(
                line, "SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description"
            )
            or text(line, "AssociatedDocumentLineDocument/IncludedNote/Content")
            or "",
            quantity=exact_of(content_of(quantity) or ""),
            unit=attribute(quantity, "unitCode") or None,
            net=money_of(net, currency) if net and currency else None,
        )
