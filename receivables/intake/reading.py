"""A file from outside becomes a report: its invoices, or every reason why it was refused."""

from __future__ import annotations

from dataclasses import replace

from receivables.intake import csv_table, einvoice, kinds
from receivables.intake.faults import Refused
from receivables.intake.parsed import FileReport, Format, ParsedInvoice
from receivables.intake.supervision import read_in_child, read_many_in_child

__all__ = ["read_file", "read_in_child", "read_many_in_child"]


def read_file(name: str, content: bytes, *, default_terms_days: int = 30) -> FileReport:
    """Read one file in this process; what kind it is, its content says.

    Pure, and bounded in input, but not in time and memory: what strangers hand in is read by
    `read_in_child` and `read_many_in_child`.
    """
    format: Format | None = None
    try:
        kinds.refuse_by_size(content)
        if kinds.is_pdf(content):
            format = Format.FACTURX
            invoice = _in_pdf(content, default_terms_days=default_terms_days)
            return FileReport(name, format, (invoice,))
        if kinds.is_xml(content):
            document = einvoice.recognise(content)
            format = document.format
            invoice = document.read(default_terms_days=default_terms_days)
            return FileReport(name, format, (invoice,))
        kinds.refuse_if_no_text(content)
        format = Format.CSV
        invoices = csv_table.read(content, default_terms_days=default_terms_days)
        return FileReport(name, format, tuple(invoices))
    except Refused as refusal:
        return FileReport(name, format, (), refusal.faults)


def _in_pdf(content: bytes, *, default_terms_days: int) -> ParsedInvoice:
    """The first invoice among the XML files of the PDF, or the refusal of the likeliest one."""
    # Loaded where there is a PDF: it is half of what a child needs to start.
    from receivables.intake.attachments import xml_attachments

    refusal: Refused | None = None
    for name, attachment in xml_attachments(content):
        try:
            document = einvoice.recognise(attachment)
            invoice = document.read(default_terms_days=default_terms_days)
        except Refused as refused:
            refusal = refusal or Refused(
                replace(each, where=f"{name}: {each.where}") for each in refused.faults
            )
        else:
            return replace(invoice, format=Format.FACTURX)
    assert refusal is not None, "a PDF without XML is refused before"
    raise refusal
