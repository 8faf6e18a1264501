"""The upload page: what became of each file, with every reason for a refusal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency

from backoffice.access import Asker
from backoffice.billing_pages import Fault, FileReport, ImportedInvoice, ImportPage
from receivables import i18n
from receivables.intake import faults as intake_faults
from receivables.intake import importing
from receivables.intake.csv_columns import COLUMNS
from receivables.intake.kinds import LARGEST_MB
from receivables.payments.making_way import has_open_pages, make_way_for_debtors
from receivables.web.forms import UploadBody, field, uploads

#: How people call the formats.
_FORMATS = {
    "ubl-invoice": "UBL",
    "ubl-credit-note": "UBL",
    "cii": "CII",
    "factur-x": "Factur-X",
    "csv": "CSV",
}

#: An example of each column, for the page.
_EXAMPLES = {
    "number": "2026-0412",
    "issued_on": "2026-11-09",
    "due_on": "2026-12-09",
    "currency": "CHF",
    "amount": "1950.00",
    "debtor_name": "Atelier Dubois Sàrl",
    "debtor_number": "K00042",
    "email": "compta@dubois.example",
    "language": "fr",
    "country": "CH",
    "street": "Rue de Bourg 12",
    "postcode": "1003",
    "city": "Lausanne",
    "vat_number": "CHE-123.456.788 TVA",
    "registration_number": "CHE-123.456.788",
    "type": "invoice",
    "payment_reference": "RF18 5390 0754 7034",
    "note": "30 days net",
}


@get("/invoices/import", sync_to_thread=True)
def show_import(collector: NamedDependency[Asker]) -> Response[str]:
    return collector.page("import.html", _page(collector, ()))


@post("/invoices/import", status_code=200, sync_to_thread=True)
def take_import(
    data: UploadBody, request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[str]:
    """Read and take the files; the answer is the page with the reports, or they alone to htmx."""
    collector.face.limiter.count("upload", str(collector.me.staff_id))
    files, dry_run = list(_files(uploads(data, "files"))), bool(field(data, "dry_run"))
    if not dry_run:
        _close_pages(collector, files)
    lines = importing.import_files(
        collector.runtime,
        collector.supplier_id,
        files,
        dry_run=dry_run,
        by=f"staff:{collector.me.staff_id}",
    )
    with i18n.reading_as(collector.reader.locale, collector.reader.zone):
        reports = tuple(_report(line) for line in lines)
    if request.headers.get("hx-request") == "true":
        return collector.face.page("_import_report.html", collector.reader, reports=reports)
    return collector.page("import.html", _page(collector, reports))


def _close_pages(collector: Asker, files: Sequence[tuple[str, bytes]]) -> None:
    """Before a credit note lowers what somebody is about to pay, their payment page is closed."""
    with collector.reading() as session:
        if not has_open_pages(session, collector.supplier_id):
            return
    rehearsed = importing.import_files(
        collector.runtime, collector.supplier_id, files, dry_run=True
    )
    credited = {
        each.debtor_id
        for line in rehearsed
        for each in line.invoices
        if each.is_credit_note and each.is_new and each.debtor_id is not None
    }
    if credited:
        make_way_for_debtors(collector.runtime, collector.supplier_id, sorted(credited))


def _files(sent: Iterable[UploadFile]) -> Iterator[tuple[str, bytes]]:
    for file in sent:
        if file.filename:
            yield file.filename[:200], file.file.read()


def _page(asker: Asker, reports: tuple[FileReport, ...]) -> ImportPage:
    with asker.reading() as session:
        head = asker.head(session, "invoices")
        notice = asker.notice()
    return ImportPage(
        head=head,
        notice=notice,
        reports=reports,
        largest_bytes=LARGEST_MB * 1_000_000,
        columns=tuple(
            (column.name, column.required, _EXAMPLES.get(column.name, "")) for column in COLUMNS
        ),
    )


def _report(line: importing.ImportLine) -> FileReport:
    return FileReport(
        name=line.file,
        outcome=line.outcome,
        format=_FORMATS.get(line.format or "", ""),
        invoices=tuple(_invoice(each.invoice_id, each) for each in line.invoices if line.accepted),
        faults=tuple(_fault(each) for each in line.faults),
        warnings=line.warnings,
    )


def _invoice(invoice_id: UUID | None, each: importing.ImportedInvoice) -> ImportedInvoice:
    return ImportedInvoice(
        id=invoice_id,
        number=each.parsed.number,
        debtor_name=each.debtor_name,
        due_on=each.parsed.due_date,
        due_on_source=each.parsed.due_date_source.value,
        amount=each.parsed.payable,
        is_credit_note=each.is_credit_note,
    )


def _fault(each: intake_faults.Fault) -> Fault:
    """The fault in the reader's language, made again from its code and values."""
    what, how = intake_faults.MESSAGES[each.code]
    try:
        return Fault(
            where=each.where,
            what=i18n.translate(what).format(**each.values),
            how=i18n.translate(how).format(**each.values),
        )
    except (KeyError, IndexError, ValueError):  # a translation with braces of its own
        return Fault(where=each.where, what=each.what, how=each.how)
