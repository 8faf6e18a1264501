"""Status messages and the e-invoices they are about, written by hand.

A printing shop in Lyon bills a bookshop in Lille: 1,000.00 at 20 % and 200.00 at 5.5 %, which is
1,411.00 with its tax.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from receivables.database import Scope
from receivables.ids import InvoiceId, SentStatusId, SupplierId, new_id
from receivables.lifecycle.importing import import_messages
from receivables.lifecycle.reporting import choose_emission
from receivables.lifecycle.tables import SentState, SentStatus
from receivables.money import Money
from tests.support.world import World

SELLER, BUYER = "732829320", "404833048"
NUMBER, TOTAL = "FA-2026-7", "1411.00 EUR"

_CDAR = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossDomainAcknowledgementAndResponse
  xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
  <rsm:ExchangedDocumentContext>
    <ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>REGULATED</ram:ID>
    </ram:BusinessProcessSpecifiedDocumentContextParameter>
    <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn.cpro.gouv.fr:1p0:CDV:invoice</ram:ID>
    </ram:GuidelineSpecifiedDocumentContextParameter>
  </rsm:ExchangedDocumentContext>
  <rsm:ExchangedDocument>
    <ram:ID>{reference}</ram:ID>
    <ram:IssueDateTime><udt:DateTimeString format="204">{at}</udt:DateTimeString>
    </ram:IssueDateTime>
    <ram:SenderTradeParty><ram:RoleCode>WK</ram:RoleCode></ram:SenderTradeParty>
    <ram:IssuerTradeParty>{issuer}<ram:RoleCode>BY</ram:RoleCode></ram:IssuerTradeParty>
    <ram:RecipientTradeParty><ram:GlobalID schemeID="0002">732829320</ram:GlobalID>
      <ram:RoleCode>SE</ram:RoleCode></ram:RecipientTradeParty>
  </rsm:ExchangedDocument>
  <rsm:AcknowledgementDocument>
    <ram:TypeCode>23</ram:TypeCode>
    <ram:IssueDateTime><udt:DateTimeString format="204">{at}</udt:DateTimeString>
    </ram:IssueDateTime>
    {documents}
  </rsm:AcknowledgementDocument>
</rsm:CrossDomainAcknowledgementAndResponse>
"""

_REFERENCED = """<ram:ReferenceReferencedDocument>
      <ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>
      <ram:TypeCode>380</ram:TypeCode>
      <ram:FormattedIssueDateTime>
        <qdt:DateTimeString format="102">{issued_on}</qdt:DateTimeString>
      </ram:FormattedIssueDateTime>
      <ram:ProcessConditionCode>{status}</ram:ProcessConditionCode>
      <ram:IssuerTradeParty><ram:GlobalID schemeID="0002">{seller}</ram:GlobalID>
      </ram:IssuerTradeParty>
      <ram:SpecifiedDocumentStatus>{detail}<ram:SequenceNumeric>1</ram:SequenceNumeric>{amounts}
      </ram:SpecifiedDocumentStatus>
    </ram:ReferenceReferencedDocument>"""


def referenced(
    status: int | str,
    *,
    number: str = NUMBER,
    issued_on: str = "20261026",
    seller: str = SELLER,
    motive: str = "",
    words: str = "",
    amounts: tuple[tuple[str, str], ...] = (),
) -> str:
    """One invoice of a message, with a motive and amounts by their kinds."""
    detail = f"<ram:ReasonCode>{motive}</ram:ReasonCode>" if motive else ""
    detail += f"<ram:Reason>{words}</ram:Reason>" if words else ""
    parts = "".join(
        f"<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>{kind}</ram:TypeCode>"
        f'<ram:ValueAmount currencyID="EUR">{value}</ram:ValueAmount>'
        "</ram:SpecifiedDocumentCharacteristic>"
        for kind, value in amounts
    )
    return _REFERENCED.format(
        number=number, issued_on=issued_on, status=status, seller=seller, detail=detail,
        amounts=parts,
    )  # fmt: skip


def cdar(
    *documents: str, reference: str = "CDV-1", at: str = "20261102090000", issuer: str = BUYER
) -> bytes:
    """A message of the buyer's platform; at nine in the morning where nothing else is said."""
    by = f'<ram:GlobalID schemeID="0002">{issuer}</ram:GlobalID>' if issuer else ""
    return _CDAR.format(
        reference=reference, at=at, issuer=by, documents="\n".join(documents)
    ).encode()


_RESPONSE = """<?xml version="1.0" encoding="UTF-8"?>
<ApplicationResponse
  xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:fdc:peppol.eu:poacc:trns:invoice_response:3</cbc:CustomizationID>
  <cbc:ProfileID>urn:fdc:peppol.eu:poacc:bis:invoice_response:3</cbc:ProfileID>
  <cbc:ID>{reference}</cbc:ID>
  <cbc:IssueDate>2026-11-02</cbc:IssueDate>
  <cbc:IssueTime>{time}</cbc:IssueTime>
  <cac:SenderParty><cbc:EndpointID schemeID="0009">40483304800022</cbc:EndpointID></cac:SenderParty>
  <cac:ReceiverParty><cbc:EndpointID schemeID="0009">73282932000074</cbc:EndpointID>
  </cac:ReceiverParty>
  <cac:DocumentResponse>
    <cac:Response>
      <cbc:ResponseCode>{code}</cbc:ResponseCode>
      {clarifications}
    </cac:Response>
    <cac:DocumentReference>
      <cbc:ID>{number}</cbc:ID>
      <cbc:DocumentTypeCode>380</cbc:DocumentTypeCode>
    </cac:DocumentReference>
  </cac:DocumentResponse>
</ApplicationResponse>
"""


def response(
    code: str,
    *clarifications: tuple[str, str, str],
    number: str = NUMBER,
    reference: str = "IR-1",
    time: str = "09:00:00",
) -> bytes:
    """A Peppol Invoice Response; each clarification is (list, code, words)."""
    parts = "".join(
        f'<cac:Status><cbc:StatusReasonCode listID="{list_id}">{reason}</cbc:StatusReasonCode>'
        f"<cbc:StatusReason>{words}</cbc:StatusReason></cac:Status>"
        for list_id, reason, words in clarifications
    )
    return _RESPONSE.format(
        reference=reference, time=time, code=code, clarifications=parts, number=number
    ).encode()


_INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>2026-10-26</cbc:IssueDate>
  <cbc:DueDate>{due_on}</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party>
    <cbc:EndpointID schemeID="0225">732829320</cbc:EndpointID>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode>
    </cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Imprimerie Rhône SAS</cbc:RegistrationName>
      <cbc:CompanyID schemeID="0002">732829320</cbc:CompanyID></cac:PartyLegalEntity>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:AccountingCustomerParty><cac:Party>
    <cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode>
    </cac:Country></cac:PostalAddress>
    <cac:PartyLegalEntity><cbc:RegistrationName>Librairie &amp; Cie</cbc:RegistrationName>
      <cbc:CompanyID schemeID="0002">404833048</cbc:CompanyID></cac:PartyLegalEntity>
    <cac:Contact><cbc:ElectronicMail>compta@librairie.example</cbc:ElectronicMail></cac:Contact>
  </cac:Party></cac:AccountingCustomerParty>
  {tax}
  <cac:LegalMonetaryTotal>
    <cbc:TaxExclusiveAmount currencyID="EUR">1200.00</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="EUR">1411.00</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="EUR">1411.00</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine><cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">1</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Affiches</cbc:Name></cac:Item></cac:InvoiceLine>
  <cac:InvoiceLine><cbc:ID>2</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">20</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="EUR">200.00</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>Livres</cbc:Name></cac:Item></cac:InvoiceLine>
</Invoice>
"""

_TAX = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">211.00</cbc:TaxAmount>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">1000.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="EUR">200.00</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>20</cbc:Percent></cac:TaxCategory>
    </cac:TaxSubtotal>
    <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">200.00</cbc:TaxableAmount>
      <cbc:TaxAmount currencyID="EUR">11.00</cbc:TaxAmount>
      <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>5.5</cbc:Percent></cac:TaxCategory>
    </cac:TaxSubtotal></cac:TaxTotal>"""


def e_invoice(*, number: str = NUMBER, due_on: str = "2026-11-25", has_tax: bool = True) -> bytes:
    """The e-invoice itself, in UBL."""
    return _INVOICE.format(number=number, due_on=due_on, tax=_TAX if has_tax else "").encode()


def pass_statuses_on(
    world: World, supplier_id: SupplierId, invoice_id: InvoiceId, number: str
) -> UUID:
    """One status of everything a page shows: matched, without an invoice, made and sent; the id of
    the last. Nothing follows from them, and nothing more is told.
    """
    messages = [
        cdar(referenced(204, number=number, issued_on="20260302", words="vu &lt;b&gt;")),
        cdar(referenced(207, number="X-1", motive="PU_ERR"), reference="CDV-2"),
    ]
    files = [(f"{place}.xml", content) for place, content in enumerate(messages)]
    lines = list(import_messages(world.runtime, supplier_id, files))
    assert [line.statuses[0].outcome for line in lines] == ["recorded", "not_matched"]
    status_id = SentStatusId(new_id())
    with world.runtime.transaction(Scope(supplier_id)) as session:
        for emits in (True, False):
            choose_emission(session, supplier_id, emits=emits, clock=world.clock)
        session.add(
            SentStatus(
                id=status_id, supplier_id=supplier_id, invoice_id=invoice_id, sequence=1,
                status=212, amount=Money(-12100, "EUR"), cashed_on=world.clock.now().date(),
                shares=[["20", -12000], ["5.5", -100]], reference="X", name="212_X_1.xml",
                content=b"<a/>", state=SentState.WRITTEN, why="", created_at=world.clock.now(),
                written_at=datetime(2026, 11, 2, tzinfo=UTC),
            )
        )  # fmt: skip
    return status_id
