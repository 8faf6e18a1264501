"""E-invoices in UBL, CII and ZUGFeRD, read from samples written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from receivables.intake.parsed import (
    DueDateSource,
    FileReport,
    Format,
    Identifier,
    Line,
    ParsedInvoice,
)
from receivables.intake.reading import read_file
from receivables.money import Money

SAMPLES = Path(__file__).parent / "intake_samples"


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def report_on(text: str) -> FileReport:
    return read_file("invoice.xml", text.encode())


def invoice_of(text: str) -> ParsedInvoice:
    report = report_on(text)
    assert report.faults == ()
    (invoice,) = report.invoices
    return invoice


def faults_of(text: str) -> dict[str, str]:
    """Code of each fault by its place."""
    report = report_on(text)
    assert not report.accepted
    assert report.invoices == ()
    return {each.where: each.code for each in report.faults}


def without(text: str, *elements: str) -> str:
    """The sample without the lines that hold the elements."""
    lines = text.splitlines()
    kept = [line for line in lines if not any(f"<{element}>" in line for element in elements)]
    assert len(kept) < len(lines)
    return "\n".join(kept)


def test_a_ubl_invoice_is_read_in_full() -> None:
    invoice = invoice_of(sample("ubl_invoice.xml"))

    assert invoice.format is Format.UBL_INVOICE
    assert (invoice.number, invoice.type_code) == ("BR-2026-0117", "380")
    assert invoice.issue_date == date(2026, 3, 2)
    assert (invoice.due_date, invoice.due_date_source) == (
        date(2026, 4, 1),
        DueDateSource.EXPLICIT,
    )
    assert invoice.total == Money(121000, "EUR")
    assert invoice.payable == Money(100000, "EUR")
    assert invoice.payment_reference == "+++090/9337/55493+++"
    assert invoice.account == "BE71096123456769"
    assert invoice.preceding_invoice == "BR-2026-0098"
    assert invoice.note == "30 jours date de facture"
    assert invoice.profile == "urn:cen.eu:en16931:2017"
    assert invoice.lines == (
        Line("1", "Bière blonde", Decimal("250.5"), "LTR", Money(100000, "EUR")),
    )
    assert not invoice.is_credit_note


def test_ubl_parties_come_with_address_and_checked_identifiers() -> None:
    invoice = invoice_of(sample("ubl_invoice.xml"))

    seller, buyer = invoice.seller, invoice.buyer
    assert seller.name == "Brasserie du Pont SRL"
    assert (seller.street, seller.postcode, seller.city, seller.country) == (
        "Quai aux Briques 12, Boîte 3",
        "1000",
        "Bruxelles",
        "BE",
    )
    assert seller.identifiers == (
        Identifier("KBO", "0403170701"),
        Identifier("VAT", "BE0403170701"),
        Identifier("PEPPOL", "0208:0403170701"),
    )
    assert buyer.street == "Rue de la Paix 8"
    assert buyer.country == "FR"
    assert buyer.email == "factures@chez-odette.example"
    assert buyer.identified("SIREN") == "404833048"
    assert buyer.identified("DEBTOR") == "C-4711"


def test_a_name_of_two_lines_is_kept_so_and_given_in_one() -> None:
    text = sample("cii_invoice.xml").replace("Bergbau &amp;", "\n Bergbau \n  &amp;")

    buyer = invoice_of(text).buyer

    assert buyer.name == "Bergbau & Söhne AG"
    assert buyer.stated_name == "Bergbau \n  & Söhne AG"


def test_a_number_that_fails_its_check_is_kept_and_refuses_nothing() -> None:
    text = sample("ubl_invoice.xml").replace("404 833 048", "404 833 049")

    assert Identifier("OTHER", "404 833 049") in invoice_of(text).buyer.identifiers


def test_an_account_that_is_no_iban_is_kept_as_written() -> None:
    text = sample("ubl_invoice.xml").replace("BE71 0961 2345 6769", "BE00 0961")

    assert invoice_of(text).account == "an account in words"


def test_a_ubl_credit_note_is_one() -> None:
    invoice = invoice_of(sample("ubl_credit_note.xml"))

    assert invoice.format is Format.UBL_CREDIT_NOTE
    assert invoice.is_credit_note
    assert invoice.issue_date == date(2026, 3, 20)
    assert invoice.due_date == date(2026, 4, 19)
    assert invoice.payable == Money(5405, "CHF")
    assert invoice.buyer.name == "Ursina Caduff"
    assert invoice.lines[0].description == "Sattel, zurückgegeben"


def test_a_cii_correction_is_read_in_full() -> None:
    invoice = invoice_of(sample("cii_invoice.xml"))

    assert invoice.format is Format.CII
    assert (invoice.number, invoice.type_code) == ("2026/4", "384")
    assert invoice.payable == Money(-11900, "EUR")
    assert invoice.total == Money(-11900, "EUR")
    assert (invoice.due_date, invoice.due_date_source) == (date(2026, 2, 14), DueDateSource.TERMS)
    assert invoice.payment_reference == "RF18539007547034"
    assert invoice.account == "DE02120300000000202051"
    assert invoice.preceding_invoice == "2025/91"
    assert invoice.seller.identifiers == (
        Identifier("VAT", "DE136695976"),
        Identifier("GLN", "4000001123452"),
    )
    assert invoice.buyer.name == "Bergbau & Söhne AG"
    assert invoice.buyer.street == "Limmatquai 1, 2. Stock"
    assert invoice.buyer.identified("UID") == "CHE109322551"
    assert invoice.buyer.identified("DEBTOR") == "K-88"
    assert invoice.buyer.email == "kreditoren@bergbau.example"
    assert invoice.lines == (Line("10", "Dachziegel", Decimal(-20), "H87", Money(-10000, "EUR")),)


def test_zugferd_1_basic_has_its_terms_in_a_note_and_no_amount_due() -> None:
    invoice = invoice_of(sample("zugferd_1_basic.xml"))

    assert invoice.format is Format.FACTURX
    assert invoice.profile == "urn:ferd:CrossIndustryDocument:invoice:1p0:basic"
    assert invoice.payable == Money(5095, "EUR")
    assert invoice.total == Money(9095, "EUR")
    assert (invoice.due_date, invoice.due_date_source) == (date(2014, 3, 30), DueDateSource.TERMS)


def test_without_any_terms_the_suppliers_own_apply() -> None:
    text = without(sample("ubl_invoice.xml"), "cbc:DueDate", "cac:PaymentTerms")

    (invoice,) = read_file("x.xml", text.encode(), default_terms_days=45).invoices

    assert (invoice.due_date, invoice.due_date_source) == (
        date(2026, 4, 16),
        DueDateSource.DEFAULT,
    )


def test_of_several_due_dates_the_last_counts() -> None:
    terms = (
        "<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format='102'>{}"
    )
    terms += "</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"
    place = "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    both = terms.format("20260301") + terms.format("20260120") + place

    invoice = invoice_of(sample("cii_invoice.xml").replace(place, both))

    assert (invoice.due_date, invoice.due_date_source) == (
        date(2026, 3, 1),
        DueDateSource.EXPLICIT,
    )


def test_an_envelope_of_the_peppol_network_is_opened() -> None:
    inner = sample("ubl_invoice.xml").partition("?>")[2]
    envelope = "<StandardBusinessDocument xmlns='http://www.unece.org/cefact/namespaces/Stand"
    envelope += (
        "ardBusinessDocumentHeader'><StandardBusinessDocumentHeader/>{}</StandardBusinessDocument>"
    )

    assert invoice_of(envelope.format(inner)).number == "BR-2026-0117"
    assert faults_of(envelope.format(inner + inner)) == {"/StandardBusinessDocument": "envelope"}


def test_every_fault_of_a_document_is_told_at_once() -> None:
    text = without(sample("ubl_invoice.xml"), "cbc:ID", "cbc:RegistrationName")
    text = text.replace("<cbc:IssueDate>2026-03-02", "<cbc:IssueDate>2026-02-30")
    text = text.replace(
        'PayableAmount currencyID="EUR">1000.00', 'PayableAmount currencyID="EUR">viel'
    )
    text = text.replace("<cac:PartyName><cbc:Name>Brasserie du Pont</cbc:Name></cac:PartyName>", "")

    assert faults_of(text) == {
        "/Invoice/cbc:ID": "missing",
        "/Invoice/cbc:IssueDate": "bad-date",
        "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount": "bad-amount",
        "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity"
        "/cbc:RegistrationName": "missing",
        "/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity"
        "/cbc:RegistrationName": "missing",
    }


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (lambda text: text.replace(">EUR<", ">EUX<"), "unknown-currency"),
        (lambda text: text.replace('Amount currencyID="EUR"', 'Amount currencyID="USD"'),
         "currencies-differ"),
        (lambda text: text.replace("BR-2026-0117", "9" * 201), "too-long"),
        (lambda text: text.replace("2026-04-01", "soon"), "bad-date"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_explained(mistake: Callable[[str], str], code: str) -> None:
    (found,) = report_on(mistake(sample("ubl_invoice.xml"))).faults

    assert found.code == code
    assert found.what
    assert found.how


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("1000", 100000), ("1000.005", 100001), ("-0.5", -50), ("1000.0000000001", 100000)],
)
def test_amounts_are_rounded_half_up_to_whole_cents(amount: str, minor: int) -> None:
    text = sample("ubl_invoice.xml").replace(
        'PayableAmount currencyID="EUR">1000.00', f'PayableAmount currencyID="EUR">{amount}'
    )

    assert invoice_of(text).payable == Money(minor, "EUR")


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        ("<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>", "UBL document"),
        ("<FatturaElettronica xmlns='http://ivaservizi.agenziaentrate.gov.it/x'/>", "FatturaPA"),
        ("<M_INVOIC/>", "EDIFACT"),
        ("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'/>", "bank statement"),
        ("<Invoice xmlns='urn:un:unece:uncefact:data:standard:CBFBUY:5'/>", "draft of ZUGFeRD"),
        ("<Invoice/>", "no known kind"),
        ("<html><body>Ihre Rechnung</body></html>", "web page"),
    ],
)
def test_other_documents_are_refused_by_their_names(root: str, kind: str) -> None:
    (found,) = report_on(root).faults

    assert kind in found.what
    assert found.how


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_declared_character_set_is_used(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = sample("cii_invoice.xml").replace('encoding="UTF-8"', f'encoding="{declared}"')

    report = read_file("x.xml", text.encode(encoding))

    assert report.invoices[0].buyer.name == "Bergbau & Söhne AG"
    assert report.invoices[0].seller.name == "Ziegelei Südhang GmbH"
