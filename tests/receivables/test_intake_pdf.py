"""Factur-X and ZUGFeRD: the invoice inside a PDF, however its software put it there."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

from receivables.intake.parsed import FileReport, Format
from receivables.intake.reading import read_file

CII = (Path(__file__).parent / "intake_samples" / "cii_invoice.xml").read_bytes()
ORDER = b"<Order xmlns='urn:oasis:names:specification:ubl:schema:xsd:Order-2'/>"


def pdf(*attachments: tuple[str, bytes], password: str = "") -> PdfWriter:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, content in attachments:
        writer.add_attachment(name, content)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return writer


def read(writer: PdfWriter) -> FileReport:
    content = io.BytesIO()
    writer.write(content)
    return read_file("invoice.pdf", content.getvalue())


def code_of(report: FileReport) -> str:
    (found,) = report.faults
    return found.code


@pytest.mark.parametrize("name", ["factur-x.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml", "a.XML"])
def test_the_invoice_is_found_under_any_of_its_names(name: str) -> None:
    report = read(pdf(("terms.txt", b"..."), (name, CII)))

    assert report.accepted
    assert report.format is Format.FACTURX
    assert report.invoices[0].format is Format.FACTURX
    assert report.invoices[0].number == "2026/4"


def test_an_order_beside_the_invoice_does_not_hide_it() -> None:
    assert read(pdf(("a.xml", ORDER), ("z.xml", CII))).accepted


def test_the_name_of_the_standard_goes_before_others() -> None:
    other = CII.replace(b"2026/4", b"2026/5")

    report = read(pdf(("aaa.xml", other), ("factur-x.xml", CII)))

    assert report.invoices[0].number == "2026/4"


def test_a_file_of_the_catalog_alone_is_found() -> None:
    writer = pdf(("factur-x.xml", CII))
    names = writer.root_object["/Names"].get_object()
    assert isinstance(names, DictionaryObject)
    files = names.pop("/EmbeddedFiles").get_object()["/Names"]
    writer.root_object[NameObject("/AF")] = ArrayObject([files[1]])

    assert read(writer).accepted


def test_a_file_that_nothing_refers_to_is_found() -> None:
    writer = pdf(("factur-x.xml", CII))
    names = writer.root_object["/Names"].get_object()
    assert isinstance(names, DictionaryObject)
    del names["/EmbeddedFiles"]

    assert read(writer).accepted


def test_a_pdf_that_opens_without_a_password_is_read() -> None:
    writer = pdf(("factur-x.xml", CII))
    writer.encrypt(user_password="", owner_password="owner", algorithm="RC4-128")

    assert read(writer).accepted


def test_an_encrypted_pdf_is_refused() -> None:
    assert code_of(read(pdf(("factur-x.xml", CII), password="secret"))) == "pdf-encrypted"


def test_a_pdf_without_an_invoice_is_refused_with_what_it_has() -> None:
    assert code_of(read(pdf())) == "pdf-without-invoice"

    report = read(pdf(("terms.txt", b"...")))

    assert "terms.txt" in report.faults[0].what


def test_a_refused_attachment_is_named_in_the_place() -> None:
    (found,) = read(pdf(("factur-x.xml", ORDER))).faults

    assert found.where == "factur-x.xml: /Order"


def test_a_broken_pdf_is_refused() -> None:
    content = io.BytesIO()
    pdf(("factur-x.xml", CII)).write(content)

    assert code_of(read_file("x.pdf", b"%PDF-1.7\nnothing else")) == "pdf-broken"
    assert code_of(read_file("x.pdf", content.getvalue()[:400])).startswith("pdf-")
