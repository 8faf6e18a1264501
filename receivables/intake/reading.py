"""A file from outside becomes a report: its invoices, or every reason why it was refused."""

from __future__ import annotations

from dataclasses import replace

from receivables.intake import csv_table, einvoice, kinds
from receivables.intake.faults import COLUMN_FAULTS, Refused
from receivables.intake.list_heads import head_of
from receivables.intake.list_layout import NOTHING_TOLD, SeenLayout, Told
from receivables.intake.list_reading import ListRefused, layout_of, read_list
from receivables.intake.parsed import FileReport, Format, ParsedInvoice
from receivables.intake.supervision import read_in_child, read_many_in_child

__all__ = ["read_file", "read_in_child", "read_many_in_child"]


def read_file(
    name: str, content: bytes, *, default_terms_days: int = 30, told: Told = NOTHING_TOLD
) -> FileReport:
    """Read one file in this process; what kind it is, its content says, and what the columns of a
    list are, `told` may.

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
        if kinds.is_workbook(content):
            kinds.refuse_by_archive(content)
            format = Format.XLSX
            # Loaded where there is one, like what reads PDF.
            from receivables.intake import xlsx_table

            invoices, seen = xlsx_table.read(content, told, default_terms_days=default_terms_days)
            return FileReport(name, format, tuple(invoices), layout=seen)
        kinds.refuse_if_no_text(content)
        format = Format.CSV
        found, layout = _in_csv(content, told, default_terms_days)
        return FileReport(name, format, tuple(found), layout=layout)
    except ListRefused as refusal:
        return FileReport(name, format, (), refusal.faults, refusal.layout)
    except Refused as refusal:
        return FileReport(name, format, (), refusal.faults)


def _in_csv(
    content: bytes, told: Told, default_terms_days: int
) -> tuple[list[ParsedInvoice], SeenLayout | None]:
    """As the documented list, unless its columns were explained or its headings stand lower."""
    head = None
    if told.this is not None or told.remembered:
        grid = csv_table.grid(content)
        head = head_of(grid.rows(), told)
        if head is not None and head.told_by in ("told", "remembered"):
            return read_list(grid, told, default_terms_days=default_terms_days)
    try:
        return csv_table.read(content, default_terms_days=default_terms_days), None
    except Refused as refusal:
        if not any(each.code in COLUMN_FAULTS for each in refusal.faults):
            raise
        grid = csv_table.grid(content)
        head = head_of(grid.rows(), NOTHING_TOLD)
        if head is None:
            raise
        if head.fault is None and refusal.faults[0].code == "csv-no-header":
            return read_list(grid, NOTHING_TOLD, default_terms_days=default_terms_days)
        raise ListRefused(refusal.faults, layout_of(grid, head)) from refusal


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
