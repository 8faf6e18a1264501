"""The story's invoices as the e-invoices they would have come as: UBL 2.1."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from string import Template
from xml.sax.saxutils import escape

from receivables.money import Money
from sandbox.story import StoryInvoice, StorySupplier

#: Standard VAT rates in percent, by the seller's country, as of 2026.
_VAT = {"CH": Decimal("8.1"), "BE": Decimal(21), "FR": Decimal(20)}

_UBL = Template("""<?xml version="1.0" encoding="UTF-8"?>
<$root xmlns="urn:oasis:names:specification:ubl:schema:xsd:$root-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>$number</cbc:ID>
  <cbc:IssueDate>$issued_on</cbc:IssueDate>
  $due
  <cbc:${root}TypeCode>$type_code</cbc:${root}TypeCode>
  <cbc:DocumentCurrencyCode>$currency</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PostalAddress><cbc:StreetName>$seller_street</cbc:StreetName>
      <cbc:CityName>$seller_city</cbc:CityName><cbc:PostalZone>$seller_postcode</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>$seller_country</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyTaxScheme><cbc:CompanyID>$seller_vat</cbc:CompanyID>
      <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
    <cac:PartyLegalEntity><cbc:RegistrationName>$seller</cbc:RegistrationName>
      <cbc:CompanyID>$seller_number</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PostalAddress><cbc:StreetName>$buyer_street</cbc:StreetName>
      <cbc:CityName>$buyer_city</cbc:CityName><cbc:PostalZone>$buyer_postcode</cbc:PostalZone>
      <cac:Country><cbc:IdentificationCode>$buyer_country</cbc:IdentificationCode></cac:Country>
    </cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>$buyer</cbc:RegistrationName>
      <cbc:CompanyID>$buyer_number</cbc:CompanyID></cac:PartyLegalEntity>
    <cac:Contact><cbc:ElectronicMail>$buyer_email</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingCustomerParty>
  <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
    <cbc:PaymentID>$reference</cbc:PaymentID>
    <cac:PayeeFinancialAccount><cbc:ID>$iban</cbc:ID></cac:PayeeFinancialAccount>
  </cac:PaymentMeans>
  <cac:TaxTotal><cbc:TaxAmount currencyID="$currency">$tax</cbc:TaxAmount></cac:TaxTotal>
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="$currency">$net</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="$currency">$total</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="$currency">$total</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:${root}Line><cbc:ID>1</cbc:ID>
    <cbc:${quantity} unitCode="C62">1</cbc:${quantity}>
    <cbc:LineExtensionAmount currencyID="$currency">$net</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>$description</cbc:Name></cac:Item>
  </cac:${root}Line>
</$root>
""")


@dataclass(frozen=True, slots=True)
class StoryDocument:
    """A file of the story, with the amounts that stand in it."""

    name: str
    content: bytes
    net: Money
    description: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def document_of(supplier: StorySupplier, told: StoryInvoice) -> StoryDocument:
    """The invoice or credit note as UBL."""
    buyer = supplier.debtor(told.debtor_number)
    total = Money(told.amount_minor, told.currency)
    rate = _VAT[supplier.country]
    net, _tax = total.split([1000, int(rate * 10)])
    root = "CreditNote" if told.is_credit else "Invoice"
    description = told.note.partition(".")[0] or told.number
    values = {
        "root": root, "number": told.number, "issued_on": told.issued_on.isoformat(),
        "type_code": "381" if told.is_credit else "380", "currency": told.currency,
        "seller": supplier.name, "seller_street": supplier.street, "seller_city": supplier.city,
        "seller_postcode": supplier.postcode, "seller_country": supplier.country,
        "seller_vat": supplier.vat_number, "seller_number": supplier.registration_number,
        "buyer": buyer.name, "buyer_street": buyer.street, "buyer_city": buyer.city,
        "buyer_postcode": buyer.postcode, "buyer_country": buyer.country,
        "buyer_number": buyer.registration_number, "buyer_email": buyer.email,
        "reference": told.payment_reference or told.number, "iban": supplier.iban,
        "tax": format((total - net).decimal, "f"), "net": format(net.decimal, "f"),
        "total": format(total.decimal, "f"), "description": description,
        "quantity": "CreditedQuantity" if told.is_credit else "InvoicedQuantity",
    }  # fmt: skip
    safe = {name: escape(value) for name, value in values.items()}
    due = "" if told.is_credit else f"<cbc:DueDate>{told.due_on.isoformat()}</cbc:DueDate>"
    content = _UBL.substitute(safe, due=due).encode()
    return StoryDocument(f"{told.number}.xml", content, net, description)
