"""OASIS UBL 2.x Invoice and CreditNote, read for what EN 16931 calls the core of an invoice.

Source of every place: EN 16931-3-2 (binding to UBL 2.1). UBL 2.0 has the same names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

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


def read(root: Element, format: Format, *, default_terms_days: int) -> ParsedInvoice:
    """The invoice or credit note in `root`. Raises Refused with every fault found."""
    top = f"/{local_name(root)}"
    findings = Findings()
    issued = text(root, "IssueDate")
    where = f"{top}/cbc:IssueDate"
    findings.required(issued, where, field="The issue date (BT-2)", example="2026-01-31")
    currency = findings.currency(_currency(root), f"{top}/cbc:DocumentCurrencyCode")
    payable, total = _amounts(root, currency, findings, top)
    is_credit = format is Format.UBL_CREDIT_NOTE
    parts = Parts(
        format=format,
        number=findings.required(
            text(root, "ID"), f"{top}/cbc:ID", field="The invoice number (BT-1)", example="R-2026-1"
        ),
        type_code=text(root, "InvoiceTypeCode", "CreditNoteTypeCode")
        or ("381" if is_credit else "380"),
        issue_date=findings.day(issued, where, field="The issue date (BT-2)"),
        due_dates=list(_due_dates(root, findings, top)),
        currency=currency,
        payable=payable,
        total=total,
        seller=_party(root, "AccountingSupplierParty", findings, top, field="The seller (BT-27)"),
        buyer=_party(root, "AccountingCustomerParty", findings, top, field="The buyer (BT-44)"),
        payment_reference=text(root, "PaymentMeans/PaymentID"),
        accounts=list(_texts(root, "PaymentMeans/PayeeFinancialAccount/ID")),
        preceding_invoice=text(root, "BillingReference/InvoiceDocumentReference/ID"),
        terms=joined(_texts(root, "PaymentTerms/Note"), "\n"),
        lines=list(_lines(root, currency)),
        profile=text(root, "CustomizationID"),
        notes=list(_texts(root, "Note")),
    )
    return assembled(parts, findings, default_terms_days=default_terms_days)


def _currency(root: Element) -> str | None:
    """The invoice's currency; UBL alone lets it stand on the amounts only."""
    stated = text(root, "DocumentCurrencyCode")
    payable = first(root, "LegalMonetaryTotal/PayableAmount")
    return stated or attribute(payable, "currencyID") or None


def _amounts(
    root: Element, currency: str | None, findings: Findings, top: str
) -> tuple[Money | None, Money | None]:
    """What is to be paid (BT-115) and the amount with VAT (BT-112).

    Without the former it is the latter less what was prepaid.
    """
    sums = first(root, "LegalMonetaryTotal")
    where = f"{top}/cac:LegalMonetaryTotal/cbc:"
    field = "The amount due for payment (BT-115)"
    stated = first(sums, "PayableAmount")
    if currency is None:
        return None, None
    total = findings.money(
        text(sums, "TaxInclusiveAmount"),
        currency,
        where + "TaxInclusiveAmount",
        field="The total with VAT (BT-112)",
    )
    if content_of(stated) is None:
        if total is None:
            findings.required(None, where + "PayableAmount", field=field, example="119.00")
            return None, None
        prepaid = findings.money(
            text(sums, "PrepaidAmount"), currency, where + "PrepaidAmount", field="What was prepaid"
        )
        return (total - prepaid if prepaid is not None else total), total
    amount_currency = attribute(stated, "currencyID") or currency
    if amount_currency.upper() != currency:
        findings.note(
            "currencies-differ",
            where + "PayableAmount",
            amount_currency=amount_currency,
            currency=currency,
        )
        return None, None
    return findings.money(content_of(stated), currency, where + "PayableAmount", field=field), total


def _due_dates(root: Element, findings: Findings, top: str) -> Iterator[date]:
    """The due dates (BT-9) at the first place that states any."""
    for path in (
        "DueDate",
        "PaymentMeans/PaymentDueDate",
        "PaymentTerms/PaymentDueDate",
        "PaymentTerms/InstallmentDueDate",
    ):
        texts = list(_texts(root, path))
        for each in texts:
            day = findings.day(each, f"{top}/{path}", field="The due date (BT-9)")
            if day is not None:
                yield day
        if texts:
            return


def _texts(element: Element, path: str) -> Iterator[str]:
    for found in every(element, path):
        value = content_of(found)
        if value is not None:
            yield value


def _party(root: Element, role: str, findings: Findings, top: str, *, field: str) -> Party:
    party = first(root, f"{role}/Party")
    written = verbatim(
        party,
        "PartyLegalEntity/RegistrationName",
        "PartyName/Name",
        "PartyTaxScheme/RegistrationName",
    ) or joined((text(party, "Person/FirstName"), text(party, "Person/FamilyName")), " ")
    name, name_as_written = one_line(written)
    findings.required(
        name,
        f"{top}/cac:{role}/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        field=field,
        example="the registered name",
    )
    address = first(party, "PostalAddress")
    country = country_code(text(address, "Country/IdentificationCode"))
    endpoint = first(party, "EndpointID")
    street = joined(
        (
            joined((text(address, "StreetName"), text(address, "BuildingNumber")), " "),
            text(address, "AdditionalStreetName"),
            *(content_of(line) for line in every(address, "AddressLine/Line")),
        )
    )
    return Party(
        name=name,
        street=street,
        postcode=text(address, "PostalZone"),
        city=text(address, "CityName"),
        country=country,
        identifiers=tuple(_identifiers(party, role, country)),
        email=text(party, "Contact/ElectronicMail")
        or (content_of(endpoint) if attribute(endpoint, "schemeID") == "EM" else None),
        language=text(party, "Language/ID"),
        name_as_written=name_as_written,
    )


def _identifiers(party: Element | None, role: str, country: str | None) -> Iterator[Identifier]:
    found: list[Identifier] = []
    for each in every(party, "PartyLegalEntity/CompanyID"):
        if value := content_of(each):
            found.append(identifier(value, scheme=attribute(each, "schemeID"), country=country))
    for scheme in every(party, "PartyTaxScheme"):
        if value := text(scheme, "CompanyID"):
            is_vat = (text(scheme, "TaxScheme/ID") or "VAT").upper() == "VAT"
            found.append(identifier(value, scheme="VAT" if is_vat else "OTHER"))
    own = "DEBTOR" if role == "AccountingCustomerParty" else "OTHER"
    for each in every(party, "PartyIdentification/ID"):
        if value := content_of(each):
            found.append(identifier(value, scheme=attribute(each, "schemeID") or own))
    endpoint = first(party, "EndpointID")
    icd = attribute(endpoint, "schemeID")
    if (value := content_of(endpoint)) and icd not in ("", "EM"):
        found.extend(electronic_address(value, icd))
    yield from dict.fromkeys(found)


def _lines(root: Element, currency: str | None) -> Iterator[Line]:
    for name, amount in (
        ("InvoiceLine", "InvoicedQuantity"),
        ("CreditNoteLine", "CreditedQuantity"),
    ):
        for line in every(root, name):
            quantity = first(line, amount)
            net = text(line, "LineExtensionAmount")
            yield Line(
                position=text(line, "ID") or "",
                description=text(line, "Item/Name", "Item/Description") or "",
                quantity=exact_of(content_of(quantity) or ""),
                unit=attribute(quantity, "unitCode") or None,
                net=money_of(net, currency) if net and currency else None,
            )
